//! The command line of `enact serve`.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use clap::Args;

/// `enact serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact serve
  enact serve --port 8080 --data /var/lib/enact

Environment:
  ENACT_AUTH              tokens: people sign in with their own tokens (see `enact token`)
  ENACT_REGISTRY_API_KEY  A key that may do everything. This, ENACT_AUTH=tokens or --open is required
                          with another --host than this machine
  R2_*                    An S3-compatible store for bundles: see `enact storage doctor`
  DATABASE_URL            A PostgreSQL database for metadata (postgres://…)
  ENACT_REDIRECT_DOWNLOADS  1 is like --redirect-downloads
  ENACT_LIMITS            off, or on (the default beyond open mode on this machine); docs/operating.md
                          has the limits and the variables ENACT_LIMIT_* that change them
  ENACT_QUOTA_TOOLS, ENACT_QUOTA_VERSIONS, ENACT_QUOTA_BYTES
                          How much each user and each organisation may have, as in 100 or 2GiB
  ENACT_QUOTA_ORGS        How many organisations one user may make: 10 if not set, 0 for no limit
  ENACT_TRUSTED_PROXIES   Proxies that are believed about their clients' addresses: 10.0.0.1,fd00::/8
  ENACT_TLS_CERT, ENACT_TLS_KEY  Are like --tls-cert and --tls-key
  ENACT_CORS_ORIGINS      Sites whose pages may read: * (the default), none, or https://a.example,…
  ENACT_LOG               What is logged, as in `debug`")]
pub(crate) struct Serve {
    /// The address to listen on
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) host: IpAddr,
    /// The port to listen on; 0 lets the system choose one
    #[arg(short, long, default_value_t = 3000)]
    pub(crate) port: u16,
    /// The folder for everything that is kept on this machine
    #[arg(short, long, value_name = "FOLDER", default_value = "./enact-data")]
    pub(crate) data: PathBuf,
    /// Answer downloads with short-lived links to the store of bundles, if it is S3; clients must
    /// reach it
    #[arg(long)]
    pub(crate) redirect_downloads: bool,
    /// Let everybody who reaches the server publish, change and delete everything, without a key
    /// or an account, wherever it listens
    #[arg(long)]
    pub(crate) open: bool,
    /// Speak TLS with the certificate in this file (PEM, with the certificates behind it); SIGHUP
    /// has it read again
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The private key of the certificate (PEM)
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
}
