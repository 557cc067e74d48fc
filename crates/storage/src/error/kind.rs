//! Why it failed.

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
