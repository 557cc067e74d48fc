//! Where the server's certificate is.

use std::path::PathBuf;

use super::ConfigError;

/// The files, in PEM, of a server that speaks TLS itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and behind it those that lead to one which clients know.
    pub certificate: PathBuf,
    /// The certificate's private key.
    pub key: PathBuf,
}

impl TlsFiles {
    /// Both of what was set, from the command line or else from `ENACT_TLS_CERT` and
    /// `ENACT_TLS_KEY`, or none.
    pub(super) fn resolve(
        certificate: Option<PathBuf>,
        key: Option<PathBuf>,
        var: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let certificate = certificate.or_else(|| var("ENACT_TLS_CERT").map(PathBuf::from));
        let key = key.or_else(|| var("ENACT_TLS_KEY").map(PathBuf::from));
        match (certificate, key) {
            (Some(certificate), Some(key)) => Ok(Some(Self { certificate, key })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(ConfigError::HalfOfTls("the private key")),
            (None, Some(_)) => Err(ConfigError::HalfOfTls("the certificate")),
        }
    }
}
