//! What was being done.

use std::fmt;

use super::StorageErrorCode;

/// The operation that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `upload` and `upload_bundle`.
    Upload,
    /// `download`, `download_stream` and `download_bundle`.
    Download,
    /// `delete`.
    Delete,
    /// `exists`.
    Exists,
    /// `get_metadata`.
    Metadata,
    /// `list`.
    List,
    /// `presign_get` and `presign_put`.
    Presign,
    /// `copy`.
    Copy,
    /// `abort_stale_uploads`.
    AbortStaleUploads,
    /// Parsing a key.
    ParseKey,
    /// Reading the settings and opening the store.
    Configure,
    /// Everything that [`Bucket`](crate::Bucket) does.
    SetUpBucket,
}

impl Operation {
    /// The operation in words, like `download`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Download => "download",
            Self::Delete => "delete",
            Self::Exists => "existence check",
            Self::Metadata => "reading metadata",
            Self::List => "listing",
            Self::Presign => "presigning",
            Self::Copy => "copy",
            Self::AbortStaleUploads => "aborting stale uploads",
            Self::ParseKey => "parsing a key",
            Self::Configure => "configuration",
            Self::SetUpBucket => "setting up the bucket",
        }
    }

    /// Whether it reads an object, so that the object may be absent.
    pub(super) fn reads_an_object(self) -> bool {
        matches!(
            self,
            Self::Download | Self::Exists | Self::Metadata | Self::Copy
        )
    }

    /// What this operation's failures are called, unless the kind has a code of its own.
    pub(super) fn code(self) -> StorageErrorCode {
        match self {
            Self::Upload | Self::Copy => StorageErrorCode::UploadFailed,
            Self::Download => StorageErrorCode::DownloadFailed,
            Self::Delete | Self::AbortStaleUploads => StorageErrorCode::DeleteFailed,
            Self::Exists => StorageErrorCode::ExistsCheckFailed,
            Self::Metadata => StorageErrorCode::MetadataFailed,
            Self::List => StorageErrorCode::ListFailed,
            Self::Presign => StorageErrorCode::PresignFailed,
            Self::ParseKey => StorageErrorCode::InvalidKey,
            Self::Configure => StorageErrorCode::InvalidConfig,
            Self::SetUpBucket => StorageErrorCode::BucketFailed,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
