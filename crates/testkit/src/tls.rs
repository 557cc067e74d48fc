//! TLS in front of a service that speaks plain HTTP, under an authority that nobody else knows.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// A listener that takes TLS off and passes the rest on. Stopped when this value is dropped.
#[derive(Debug)]
pub struct Tls {
    /// The port; the certificate is for `localhost`.
    pub port: u16,
    /// What an authority made of which nobody knows but who is told.
    authority: PathBuf,
    /// The same for another authority, which signed nothing here.
    stranger: PathBuf,
    runtime: Option<Runtime>,
    _folder: TempDir,
}

impl Tls {
    /// Listens in front of `http://ADDRESS`.
    pub fn in_front_of(endpoint: &str) -> Result<Self> {
        let behind: SocketAddr = endpoint
            .strip_prefix("http://")
            .context("the service behind speaks no plain HTTP")?
            .parse()?;
        let folder = tempfile::Builder::new().prefix("enact-tls-").tempdir()?;
        let (authority, stranger) = (
            folder.path().join("authority.pem"),
            folder.path().join("stranger.pem"),
        );
        new_authority(&stranger)?;
        let issuer = new_authority(&authority)?;
        let key = KeyPair::generate()?;
        let certificate =
            CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &issuer)?;
        let private = PrivateKeyDer::try_from(key.serialize_der())
            .map_err(|error| anyhow!("no key for TLS: {error}"))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));

        // A runtime of its own: the caller may have none, or one that it blocks.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let port = listener.local_addr()?.port();
        runtime.spawn(serve(listener, acceptor, behind));
        Ok(Self {
            port,
            authority,
            stranger,
            runtime: Some(runtime),
            _folder: folder,
        })
    }

    /// The file, in PEM, with the authority that signed the certificate.
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// The file, in PEM, of an authority that did not.
    pub fn stranger(&self) -> &Path {
        &self.stranger
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Makes an authority and writes its certificate to `path`.
fn new_authority(path: &Path) -> Result<Issuer<'static, KeyPair>> {
    let mut params = CertificateParams::default();
    // Each under a name of its own: of two with one name a client that knows the wrong one finds
    // fault with the signature, and not with the authority.
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, format!("enact test {name}"));
    params.distinguished_name = subject;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate()?;
    std::fs::write(path, params.self_signed(&key)?.pem())?;
    Ok(Issuer::new(params, key))
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, behind: SocketAddr) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // Clients that do not trust the certificate hang up; tests let them.
            let Ok(mut outer) = acceptor.accept(stream).await else {
                return;
            };
            if let Ok(mut inner) = TcpStream::connect(behind).await {
                let _ = copy_bidirectional(&mut outer, &mut inner).await;
            }
        });
    }
}
