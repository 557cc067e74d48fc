//! Opening a registry as the server does, also for the commands of its operator.

use std::path::Path;
use std::sync::Arc;

use enact_catalog::Quota;
use enact_registry::{OsRandom, Registry};
use enact_types::SystemClock;

use crate::StartError;
use crate::config::{Catalog, Store};

/// Opens the registry whose local things are in `data_dir`, which is made if it is missing, and
/// brings its catalog up to date. Gives with it where bundles are stored, for people.
pub async fn open_registry(
    data_dir: &Path,
    catalog: &Catalog,
    store: Store,
) -> Result<(Registry, String), StartError> {
    open_within(data_dir, catalog, store, Quota::default()).await
}

/// The same, for a registry in which no publish goes beyond `quota`.
pub(crate) async fn open_within(
    data_dir: &Path,
    catalog: &Catalog,
    store: Store,
    quota: Quota,
) -> Result<(Registry, String), StartError> {
    private_folder(data_dir).map_err(|source| StartError::DataDir {
        path: data_dir.display().to_string(),
        source,
    })?;
    warn_of_others(data_dir);
    let catalog = enact_catalog::Catalog::open(&catalog.database(data_dir)).await?;
    let catalog = catalog.with_quota(quota);
    let storage = store.open(data_dir)?;
    let description = storage.describe();
    let registry = Registry::new(
        catalog,
        storage,
        &data_dir.join("spool"),
        Arc::new(SystemClock),
        Arc::new(OsRandom),
    )?;
    Ok((registry, description))
}

/// Makes a folder that only its owner may look into: it holds private tools.
pub fn private_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// Tells the operator if the folder is one from before that others may look into.
fn warn_of_others(data_dir: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    // What cannot be read is told by whoever needs it.
    let Ok(metadata) = std::fs::metadata(data_dir) else {
        return;
    };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        tracing::warn!(
            folder = %data_dir.display(),
            mode = format!("{mode:o}"),
            "other users of this machine may look into the data folder, which holds private tools: `chmod 700` keeps them out"
        );
    }
}
