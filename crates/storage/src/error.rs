//! The one error type of this crate, and the one table from what went wrong to a code.

use std::error::Error;
use std::fmt;

/// Why a storage operation failed.
///
/// [`code`](Self::code) names the operation that failed, [`kind`](Self::kind) says why. Decide by
/// kind: only [`StorageErrorKind::NotFound`] means that the object is absent.
#[derive(Debug)]
pub struct StorageError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    operation: Operation,
    key: Option<String>,
    fault: Fault,
}

/// What a backend reports; [`StorageError`] adds the operation and the key.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: StorageErrorKind,
    pub(crate) status: Option<u16>,
    /// The store's own code, like `NoSuchBucket`.
    pub(crate) store_code: Option<String>,
    pub(crate) message: String,
    pub(crate) source: Option<Box<dyn Error + Send + Sync>>,
}

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

/// Why an operation failed, independent of which operation it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StorageErrorKind {
    /// There is no object under the key.
    NotFound,
    /// The bucket (or the folder) itself is missing: a wrong setting, not an absent object.
    BucketNotFound,
    /// The store did not answer: refused, timed out, cut off, or a name that does not resolve.
    Unreachable,
    /// The store answered that it is broken (5xx).
    ServerError,
    /// The store asks to slow down (429, 503 `SlowDown`).
    Throttled,
    /// The credentials are wrong, or lack a permission.
    NotAllowed,
    /// The bucket is in another region than the one configured.
    WrongRegion,
    /// An object is already there, and the upload was create-only.
    AlreadyExists,
    /// The bytes differ from what was announced, or the object changed while it was read.
    Integrity,
    /// The range asked for lies outside the object.
    RangeNotSatisfiable,
    /// What the caller asked for breaks a rule (key, option, setting, source of an upload).
    InvalidInput,
    /// The backend cannot do this at all.
    Unsupported,
    /// Anything else.
    Other,
}

impl StorageErrorKind {
    /// Whether the same call may succeed later without anybody mending anything.
    pub fn retryable(self) -> bool {
        matches!(
            self,
            Self::Unreachable | Self::ServerError | Self::Throttled
        )
    }
}

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
    fn reads_an_object(self) -> bool {
        matches!(
            self,
            Self::Download | Self::Exists | Self::Metadata | Self::Copy
        )
    }

    /// What this operation's failures are called, unless the kind has a code of its own.
    fn code(self) -> StorageErrorCode {
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

impl Fault {
    pub(crate) fn new(kind: StorageErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            store_code: None,
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    pub(crate) fn with_store_code(mut self, code: Option<String>) -> Self {
        self.store_code = code;
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Turns the fault into the error of `operation` on `key`.
    pub(crate) fn during(mut self, operation: Operation, key: Option<&str>) -> StorageError {
        // Where no object is read, what was not found is the place to store it in.
        if self.kind == StorageErrorKind::NotFound && !operation.reads_an_object() {
            self.kind = StorageErrorKind::BucketNotFound;
        }
        StorageError(Box::new(Inner {
            operation,
            key: key.map(str::to_owned),
            fault: self,
        }))
    }
}

/// Marks the fault of a setting that is missing altogether.
#[derive(Debug)]
pub(crate) struct CredentialsMissing;

impl fmt::Display for CredentialsMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("missing required storage credentials")
    }
}

impl Error for CredentialsMissing {}

/// Marks the fault of a success that came without data.
#[derive(Debug)]
pub(crate) struct NoDataReturned;

impl fmt::Display for NoDataReturned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no data returned from storage")
    }
}

impl Error for NoDataReturned {}

impl StorageError {
    /// What went wrong and what to do about it, for people. Never holds a secret.
    pub fn message(&self) -> &str {
        &self.0.fault.message
    }

    /// The machine-readable code.
    pub fn code(&self) -> StorageErrorCode {
        let fault = &self.0.fault;
        match (fault.kind, &fault.source) {
            (_, Some(source)) if source.is::<CredentialsMissing>() => {
                StorageErrorCode::MissingCredentials
            }
            (_, Some(source)) if source.is::<NoDataReturned>() => StorageErrorCode::NoData,
            (StorageErrorKind::AlreadyExists, _) => StorageErrorCode::AlreadyExists,
            (StorageErrorKind::Integrity, _) => StorageErrorCode::IntegrityFailed,
            _ => self.0.operation.code(),
        }
    }

    /// The HTTP status that the store answered with, if it answered.
    pub fn status_code(&self) -> Option<u16> {
        self.0.fault.status
    }

    /// The store's own code, like `SignatureDoesNotMatch`, if it gave one. Answers to HEAD have
    /// none.
    pub fn store_code(&self) -> Option<&str> {
        self.0.fault.store_code.as_deref()
    }

    /// Why it failed.
    pub fn kind(&self) -> StorageErrorKind {
        self.0.fault.kind
    }

    /// Whether the object is absent: the only case that is a 404.
    pub fn is_not_found(&self) -> bool {
        self.kind() == StorageErrorKind::NotFound
    }

    /// Whether trying again later may help. The client has already retried within its limits.
    pub fn retryable(&self) -> bool {
        self.kind().retryable()
    }

    /// The operation that failed.
    pub fn operation(&self) -> Operation {
        self.0.operation
    }

    /// The key or the prefix that the operation was about.
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            operation,
            key,
            fault,
        } = &*self.0;
        // Of everything, as in a listing without a prefix.
        match key.as_deref().filter(|key| !key.is_empty()) {
            Some(key) => write!(f, "{operation} of {key:?}: {}", fault.message),
            None => write!(f, "{operation}: {}", fault.message),
        }
    }
}

impl Error for StorageError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source = self.0.fault.source.as_deref()?;
        Some(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: StorageErrorKind, operation: Operation) -> StorageError {
        Fault::new(kind, "why").during(operation, Some("a/b"))
    }

    #[test]
    fn the_code_names_the_operation_unless_the_kind_has_its_own() {
        use StorageErrorKind as Kind;
        let code = |kind, operation| error(kind, operation).code().as_str();
        assert_eq!(code(Kind::Other, Operation::Upload), "UPLOAD_FAILED");
        assert_eq!(code(Kind::NotFound, Operation::Download), "DOWNLOAD_FAILED");
        assert_eq!(code(Kind::Other, Operation::Exists), "EXISTS_CHECK_FAILED");
        assert_eq!(
            code(Kind::AlreadyExists, Operation::Upload),
            "ALREADY_EXISTS"
        );
        assert_eq!(
            code(Kind::Integrity, Operation::Download),
            "INTEGRITY_FAILED"
        );
        assert_eq!(code(Kind::InvalidInput, Operation::ParseKey), "INVALID_KEY");
    }

    #[test]
    fn only_what_reads_an_object_finds_it_absent() {
        for operation in [Operation::Upload, Operation::List, Operation::Configure] {
            let error = error(StorageErrorKind::NotFound, operation);
            assert_eq!(error.kind(), StorageErrorKind::BucketNotFound);
        }
        assert!(error(StorageErrorKind::NotFound, Operation::Copy).is_not_found());
    }

    #[test]
    fn has_message_code_and_status() {
        let error = Fault::new(StorageErrorKind::NotFound, "no such object")
            .with_status(404)
            .during(Operation::Download, Some("a/b"));
        assert_eq!(error.message(), "no such object");
        assert_eq!(error.code(), StorageErrorCode::DownloadFailed);
        assert_eq!(error.status_code(), Some(404));
        assert_eq!(error.to_string(), "download of \"a/b\": no such object");
        assert!(error.is_not_found() && !error.retryable());
        let error =
            Fault::new(StorageErrorKind::Unreachable, "why").during(Operation::List, Some(""));
        assert_eq!(error.to_string(), "listing: why");
    }
}
