//! A certificate for a server on this machine, which nobody knows but who is told.

use std::path::{Path, PathBuf};

use anyhow::Result;
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

/// A certificate for `localhost` and `127.0.0.1` that is its own authority, and its key: two files
/// in PEM, removed when this value is dropped.
#[derive(Debug)]
pub struct Certificate {
    folder: TempDir,
}

impl Certificate {
    /// Makes one.
    pub fn new() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("enact-tls-").tempdir()?;
        let certificate = Self { folder };
        certificate.replace()?;
        Ok(certificate)
    }

    /// Puts another certificate and key in the same files.
    pub fn replace(&self) -> Result<()> {
        let key = KeyPair::generate()?;
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certificate = CertificateParams::new(names)?.self_signed(&key)?;
        std::fs::write(self.path(), certificate.pem())?;
        std::fs::write(self.key(), key.serialize_pem())?;
        Ok(())
    }

    /// The file with the certificate: for the server, and for clients that are to trust it.
    pub fn path(&self) -> PathBuf {
        self.file("certificate.pem")
    }

    /// The file with the private key.
    pub fn key(&self) -> PathBuf {
        self.file("key.pem")
    }

    fn file(&self, name: &str) -> PathBuf {
        Path::join(self.folder.path(), name)
    }
}
