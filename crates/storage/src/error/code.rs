//! What failed, for programs.

use std::fmt;

/// Machine-readable codes. The first seven are those of the client that this one follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StorageErrorCode {
    /// An upload or a copy failed.
    UploadFailed,
    /// A download failed.
    DownloadFailed,
    /// A deletion failed.
    DeleteFailed,
    /// It could not be found out whether an object exists.
    ExistsCheckFailed,
    /// The metadata of an object could not be read.
    MetadataFailed,
    /// The access key id or the secret access key is not set.
    MissingCredentials,
    /// The store answered success and sent none of the bytes that it announced.
    NoData,
    /// A listing failed.
    ListFailed,
    /// A presigned link could not be made.
    PresignFailed,
    /// A create-only upload met an object that was there before.
    AlreadyExists,
    /// The bytes are not the ones that were asked for.
    IntegrityFailed,
    /// The key breaks a rule.
    InvalidKey,
    /// A setting breaks a rule.
    InvalidConfig,
    /// A bucket could not be looked at, created or set up.
    BucketFailed,
}

impl StorageErrorCode {
    /// The code as it is written in logs and answers, like `UPLOAD_FAILED`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UploadFailed => "UPLOAD_FAILED",
            Self::DownloadFailed => "DOWNLOAD_FAILED",
            Self::DeleteFailed => "DELETE_FAILED",
            Self::ExistsCheckFailed => "EXISTS_CHECK_FAILED",
            Self::MetadataFailed => "METADATA_FAILED",
            Self::MissingCredentials => "MISSING_CREDENTIALS",
            Self::NoData => "NO_DATA",
            Self::ListFailed => "LIST_FAILED",
            Self::PresignFailed => "PRESIGN_FAILED",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::IntegrityFailed => "INTEGRITY_FAILED",
            Self::InvalidKey => "INVALID_KEY",
            Self::InvalidConfig => "INVALID_CONFIG",
            Self::BucketFailed => "BUCKET_FAILED",
        }
    }
}

impl fmt::Display for StorageErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
