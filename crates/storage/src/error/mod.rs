//! The one error type of this crate, and the one table from what went wrong to a code.

mod code;
mod kind;
mod operation;

use std::error::Error;
use std::fmt;

pub use self::code::StorageErrorCode;
pub use self::kind::StorageErrorKind;
pub use self::operation::Operation;

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
