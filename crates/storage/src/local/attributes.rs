//! Content type and metadata of local objects.
//!
//! They are one extended attribute of the file itself, set before the file gets its name: so they
//! appear, move and vanish with the object, and no crash can separate the two. On a file system
//! without extended attributes the bytes are stored all the same and the attributes are not; what
//! must last is in the catalog.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::AsFd;

use rustix::fs::XattrFlags;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::errors::fault;
use crate::error::{Fault, StorageErrorKind};
use crate::types::{MAX_METADATA_BYTES, UploadOptions};

const NAME: &str = "user.enact.object";

/// Room for the metadata, its quotes and the content type.
const MAX_BYTES: usize = 3 * MAX_METADATA_BYTES;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attributes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) metadata: BTreeMap<String, String>,
}

impl From<UploadOptions> for Attributes {
    fn from(options: UploadOptions) -> Self {
        Self {
            content_type: options.content_type,
            metadata: options.metadata,
        }
    }
}

impl Attributes {
    pub(super) fn write_to(&self, file: &File) -> Result<(), Fault> {
        if *self == Self::default() {
            return Ok(());
        }
        let json = serde_json::to_vec(self).map_err(|error| {
            Fault::new(StorageErrorKind::Other, "the metadata cannot be written").with_source(error)
        })?;
        match rustix::fs::fsetxattr(file, NAME, &json, XattrFlags::empty()) {
            Ok(()) => Ok(()),
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::PERM) => {
                tracing::warn!(
                    "the file system of the storage folder has no extended attributes; content types and metadata of objects are not kept"
                );
                Ok(())
            }
            Err(error) => Err(fault("storing the object's metadata", error)),
        }
    }

    /// Reads the attributes. An object that somebody copied into the folder has none, and what
    /// cannot be read as ours counts as none.
    pub(super) fn read_from(file: impl AsFd) -> Self {
        let mut json = Vec::with_capacity(MAX_BYTES);
        match rustix::fs::fgetxattr(file, NAME, rustix::buffer::spare_capacity(&mut json)) {
            Ok(_) => serde_json::from_slice(&json).unwrap_or_default(),
            Err(_) => Self::default(),
        }
    }
}
