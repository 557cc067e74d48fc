//! TLS with a certificate from files, which may be replaced while the server runs.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::TlsFiles;

/// How long a client may take for the handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why TLS cannot be spoken with these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is not in PEM.
    #[error("cannot use {path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: pem::Error,
    },
    /// A file without a certificate in it.
    #[error("there is no certificate in {0}")]
    NoCertificate(PathBuf),
    /// The key is of no known kind, or not the certificate's.
    #[error("the certificate and its key cannot be used: {0}")]
    Pair(#[from] rustls::Error),
}

/// What is needed to take TLS off a connection. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    current: Arc<Current>,
    files: TlsFiles,
}

/// The certificate for new connections.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&current))
    }
}

impl Tls {
    /// Reads the files. Fails if they do not fit together.
    pub(crate) fn open(files: TlsFiles) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let pair = read(&files, &provider)?;
        let current = Arc::new(Current(RwLock::new(Arc::new(pair))));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            current,
            files,
        })
    }

    /// Reads the files again, for new connections. Fails, with the old certificate still in use, if
    /// they do not fit together.
    pub(crate) fn reload(&self) -> Result<(), TlsError> {
        let pair = read(&self.files, &ring::default_provider())?;
        *self
            .current
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
        Ok(())
    }

    /// Speaks TLS on a connection. Fails if the client does not, or not in time.
    pub(crate) async fn accept<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        tokio::time::timeout(HANDSHAKE_TIMEOUT, self.acceptor.accept(stream))
            .await
            .map_err(|_| io::ErrorKind::TimedOut)?
    }
}

fn read(files: &TlsFiles, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let TlsFiles { certificate, key } = files;
    let in_file = |path: &PathBuf| {
        let path = path.clone();
        move |source| TlsError::File { path, source }
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .map_err(in_file(certificate))?
        .collect::<Result<_, _>>()
        .map_err(in_file(certificate))?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate(certificate.clone()));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(in_file(key))?;
    Ok(CertifiedKey::from_der(chain, private, provider)?)
}

#[cfg(test)]
mod tests {
    use enact_testkit::Certificate;
    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, RootCertStore};
    use tokio::io::{AsyncWriteExt as _, duplex};
    use tokio::time::Instant;
    use tokio_rustls::TlsConnector;

    use super::*;

    fn files(certificate: &Certificate) -> TlsFiles {
        TlsFiles {
            certificate: certificate.path(),
            key: certificate.key(),
        }
    }

    /// What a client needs that trusts nothing but what the file holds now.
    fn trusting(certificate: &Certificate) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_file_iter(certificate.path()).unwrap() {
            roots.add(root.unwrap()).unwrap();
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        TlsConnector::from(Arc::new(config))
    }

    /// Whether the two agree.
    async fn shake_hands(tls: &Tls, client: &TlsConnector) -> bool {
        let (ours, theirs) = duplex(16 * 1024);
        let name = ServerName::try_from("localhost").unwrap();
        let (server, client) = tokio::join!(tls.accept(ours), client.connect(name, theirs));
        server.is_ok() && client.is_ok()
    }

    #[tokio::test]
    async fn a_renewed_certificate_is_for_those_who_come_afterwards() {
        let certificate = Certificate::new().unwrap();
        let tls = Tls::open(files(&certificate)).unwrap();
        let old = trusting(&certificate);
        assert!(shake_hands(&tls, &old).await);

        certificate.replace().unwrap();
        let new = trusting(&certificate);
        assert!(!shake_hands(&tls, &new).await, "not asked for yet");
        tls.reload().unwrap();
        assert!(shake_hands(&tls, &new).await);
        assert!(!shake_hands(&tls, &old).await);

        // Half written: what is in use stays in use.
        std::fs::write(certificate.path(), "").unwrap();
        assert!(matches!(tls.reload(), Err(TlsError::NoCertificate(_))));
        assert!(shake_hands(&tls, &new).await);
    }

    #[test]
    fn files_that_are_no_pair_are_refused() {
        let (one, other) = (Certificate::new().unwrap(), Certificate::new().unwrap());
        let refusal = |certificate: PathBuf, key: PathBuf| {
            let Err(error) = Tls::open(TlsFiles { certificate, key }) else {
                panic!("taken");
            };
            error.to_string()
        };
        let mixed = refusal(one.path(), other.key());
        assert!(mixed.contains("cannot be used"), "{mixed}");
        let swapped = refusal(one.key(), one.path());
        assert!(swapped.contains("no certificate in"), "{swapped}");
        let missing = refusal(one.path().with_extension("gone"), one.key());
        assert!(missing.contains("certificate.gone"), "{missing}");
        std::fs::write(one.key(), "-----BEGIN PRIVATE KEY-----\nx\n").unwrap();
        let broken = refusal(one.path(), one.key());
        assert!(broken.contains("key.pem"), "{broken}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_says_nothing_is_not_waited_for() {
        let certificate = Certificate::new().unwrap();
        let tls = Tls::open(files(&certificate)).unwrap();
        let (ours, _silent) = duplex(1024);
        let start = Instant::now();
        let error = tls.accept(ours).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed().as_secs(), HANDSHAKE_TIMEOUT.as_secs());
    }

    #[tokio::test]
    async fn a_client_that_speaks_no_tls_is_sent_away() {
        let certificate = Certificate::new().unwrap();
        let tls = Tls::open(files(&certificate)).unwrap();
        let (ours, mut theirs) = duplex(1024);
        let request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
        theirs.write_all(request).await.unwrap();
        assert!(tls.accept(ours).await.is_err());
    }
}
