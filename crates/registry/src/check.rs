//! What can be refused about a publish without asking the catalog.

use std::io::{BufReader, Seek as _};

use enact_bundle::{Contents, inspect};
use enact_catalog::{FileRecord, Past};
use enact_types::{Timestamp, ToolName, Version};

use crate::access::Publisher;
use crate::spool::blocking;
use crate::{Publish, Registry, RegistryError};

/// A publish that passed every check that needs no database.
pub(crate) struct Checked {
    pub(crate) publish: Publish,
    pub(crate) version: Version,
    pub(crate) files: Vec<FileRecord>,
    pub(crate) publisher: Publisher,
    /// When it was published, and what else happened to it, in another registry.
    pub(crate) past: Option<(Timestamp, Past)>,
}

impl Registry {
    /// Everything that can be refused without asking the catalog.
    pub(crate) async fn check(
        &self,
        publisher: Publisher,
        publish: Publish,
    ) -> Result<Checked, RegistryError> {
        let manifest = &publish.manifest;
        match &manifest.name {
            Some(name) if *name == publish.name => {}
            Some(name) => {
                let wanted = &publish.name;
                return Err(RegistryError::invalid(format!(
                    "The manifest is of \"{name}\", but was sent to \"{wanted}\""
                )));
            }
            None => return Err(RegistryError::invalid("The manifest must have a name")),
        }
        let Some(version) = manifest.version.clone() else {
            return Err(RegistryError::invalid(
                "The manifest must have a version, like 1.0.0",
            ));
        };
        if publish
            .raw_manifest
            .as_deref()
            .is_some_and(|text| text.contains('\0'))
        {
            return Err(RegistryError::invalid(
                "raw_manifest must be a text without NUL characters",
            ));
        }
        let mut file = publish.bundle.file.try_clone()?;
        let limits = self.inner.bundle_limits;
        let turn = self
            .inner
            .validations
            .clone()
            .acquire_owned()
            .await
            .map_err(RegistryError::internal)?;
        let contents = blocking(move || {
            // Held until the work is done, even if nobody waits for it any more.
            let _turn = turn;
            file.rewind()?;
            Ok::<_, RegistryError>(inspect(BufReader::with_capacity(64 * 1024, file), &limits)?)
        })
        .await??;
        agree(&contents, &publish.name, &version)?;
        let files = contents.files.into_iter().map(|file| FileRecord {
            path: file.path,
            folder: false,
            size: file.size,
            executable: file.executable,
            sha256: Some(file.sha256),
        });
        let folders = contents.folders.into_iter().map(|path| FileRecord {
            path,
            folder: true,
            size: 0,
            executable: false,
            sha256: None,
        });
        let files = files.chain(folders).collect();
        Ok(Checked {
            publish,
            version,
            files,
            publisher,
            past: None,
        })
    }
}

/// What the bundle's own manifest states must be what was sent; where it is silent, that decides.
fn agree(contents: &Contents, name: &ToolName, version: &Version) -> Result<(), RegistryError> {
    let Some(stated) = &contents.stated else {
        return Ok(());
    };
    let file = &stated.file;
    if let Some(other) = stated.name.as_ref().filter(|stated| *stated != name) {
        return Err(RegistryError::invalid(format!(
            "{file} in the bundle is of \"{other}\", the manifest sent of \"{name}\""
        )));
    }
    if let Some(other) = stated.version.as_ref().filter(|stated| *stated != version) {
        return Err(RegistryError::invalid(format!(
            "{file} in the bundle is of version \"{other}\", the manifest sent of \"{version}\""
        )));
    }
    Ok(())
}
