//! Where a registry that a task starts keeps its bundles.

use std::path::Path;

use anyhow::{Context as _, Result};
use enact_testkit::{EnactServer, S3, s3_env};

/// The kinds of stores.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Store {
    /// A local folder, the default of `enact serve`.
    Folder,
    /// An S3 server inside this process.
    S3,
    /// A real `MinIO`.
    Minio,
}

/// A registry together with the store it uses, which ends after it.
pub(crate) struct Registry {
    pub(crate) server: EnactServer,
    pub(crate) store: Option<S3>,
}

impl Registry {
    /// Starts `binary serve` with a data folder below `folder`.
    pub(crate) fn start(binary: &Path, store: Store, folder: &Path) -> Result<Self> {
        let store = match store {
            Store::Folder => None,
            Store::S3 => Some(S3::in_process()?),
            Store::Minio => Some(
                S3::minio()?
                    .context("MinIO is not on this machine; `cargo xtask minio` installs it")?,
            ),
        };
        let env = store.as_ref().map(s3_env).unwrap_or_default();
        let server = EnactServer::start(binary, &folder.join("data"), env)?;
        Ok(Self { server, store })
    }
}
