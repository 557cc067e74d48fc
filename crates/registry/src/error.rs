//! What a use case answers when it cannot do what was asked.

use std::time::Duration;

use enact_bundle::BundleError;
use enact_catalog::{CatalogError, CatalogErrorKind, Excess, Quantity};
use enact_storage::StorageError;
use enact_types::{ErrorCode, Timestamp, ToolName, Version};

/// An error of a use case. Its `Display` is for the caller and holds no internals; what lies behind
/// it is its source, for the log.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct RegistryError {
    kind: ErrorKind,
    message: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What went wrong, as far as a caller may know. The HTTP layer maps each to a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// A write without a valid token.
    Unauthorized,
    /// The caller is known, and may not do this.
    Forbidden,
    /// Publishing under a name that is not the caller's.
    NamespaceMismatch {
        /// The first segment of the tool's name.
        tool: String,
        /// The caller's name.
        user: String,
    },
    /// The caller's role in the organisation does not allow it.
    OrgPermissionDenied,
    /// Missing, or not the caller's to see.
    NotFound,
    /// No such organisation.
    OrgNotFound {
        /// Without its `@`.
        org: String,
    },
    /// It exists already, or is being published right now.
    Conflict,
    /// The version is yanked and the caller did not acknowledge that.
    Yanked {
        /// Why.
        reason: Option<String>,
        /// What to use instead.
        replacement: Option<String>,
        /// When.
        yanked_at: Option<Timestamp>,
    },
    /// Too many bytes.
    TooLarge {
        /// As far as was counted.
        size: u64,
        /// The limit.
        max: u64,
    },
    /// There is as much under a name as there may be.
    QuotaExceeded {
        /// The name, with the `@` of an organisation.
        namespace: String,
        /// What there is too much of, how much, and how much there may be.
        excess: Excess,
    },
    /// Somebody has made as many organisations as one may.
    TooManyOrgs,
    /// Well-formed, but against the rules.
    Invalid,
    /// An attestation that is not of this version and its bytes.
    AttestationRefused,
    /// The store or the database cannot be reached, or the server is busy.
    Unavailable {
        /// When to try again.
        retry_after: Duration,
    },
    /// The caller is doing as much of this at once as one account may.
    TooManyAtOnce {
        /// When to try again.
        retry_after: Duration,
    },
    /// Our fault.
    Internal,
}

impl ErrorKind {
    /// The code by which programs know it.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Unauthorized => ErrorCode::Unauthorized,
            Self::Forbidden => ErrorCode::Forbidden,
            Self::NamespaceMismatch { .. } => ErrorCode::NamespaceMismatch,
            Self::OrgPermissionDenied => ErrorCode::OrgPermissionDenied,
            Self::NotFound => ErrorCode::NotFound,
            Self::OrgNotFound { .. } => ErrorCode::OrgNotFound,
            Self::Conflict => ErrorCode::Conflict,
            Self::Yanked { .. } => ErrorCode::VersionYanked,
            Self::TooLarge { .. } => ErrorCode::BundleTooLarge,
            Self::QuotaExceeded { .. } | Self::TooManyOrgs => ErrorCode::QuotaExceeded,
            Self::Invalid => ErrorCode::ValidationError,
            Self::AttestationRefused => ErrorCode::AttestationVerificationFailed,
            Self::Unavailable { .. } => ErrorCode::Unavailable,
            Self::TooManyAtOnce { .. } => ErrorCode::RateLimited,
            Self::Internal => ErrorCode::InternalError,
        }
    }
}

/// How long a caller should wait before it tries again. A small number: clients sleep through it.
const RETRY_AFTER: Duration = Duration::from_secs(2);

impl RegistryError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    pub(crate) fn tool_not_found(name: &ToolName) -> Self {
        Self::new(ErrorKind::NotFound, format!("Tool \"{name}\" not found"))
    }

    pub(crate) fn version_not_found(version: &str) -> Self {
        Self::new(
            ErrorKind::NotFound,
            format!("Version \"{version}\" not found"),
        )
    }

    pub(crate) fn version_exists(version: &Version) -> Self {
        Self::new(
            ErrorKind::Conflict,
            format!("Version \"{version}\" already exists"),
        )
    }

    pub(crate) fn busy(message: impl Into<String>) -> Self {
        Self::new(
            ErrorKind::Unavailable {
                retry_after: RETRY_AFTER,
            },
            message,
        )
    }

    pub(crate) fn too_many_at_once(message: impl Into<String>) -> Self {
        Self::new(
            ErrorKind::TooManyAtOnce {
                retry_after: RETRY_AFTER,
            },
            message,
        )
    }

    /// A tool of that name was deleted.
    pub(crate) fn deleted(name: &ToolName) -> Self {
        Self::new(
            ErrorKind::Conflict,
            format!("A tool \"{name}\" was deleted, and its name is never given out again"),
        )
    }

    /// There is as much under the tool's first name as there may be.
    pub(crate) fn over_quota(name: &ToolName, excess: Excess, bundle_size: u64) -> Self {
        let namespace = name.namespace().to_string();
        let Excess {
            quantity,
            used,
            max,
        } = excess;
        let message = match quantity {
            Quantity::Tools => {
                format!(
                    "\"{namespace}\" has {used} tools and may have {max}: this would be another"
                )
            }
            Quantity::Versions => format!(
                "\"{namespace}\" has {used} versions and may have {max}, of all its tools: this would be another"
            ),
            Quantity::Bytes => format!(
                "\"{namespace}\" has bundles of {used} bytes and may have {max}: this one has {bundle_size}"
            ),
        };
        Self::new(ErrorKind::QuotaExceeded { namespace, excess }, message)
    }

    /// The same error as one that may pass, for whoever asks whether this server is of use now.
    pub(crate) fn into_unavailable(self) -> Self {
        Self {
            source: Some(Box::new(self)),
            ..Self::busy("The catalog or the bundle store does not answer as it should")
        }
    }

    /// It was done, but not recorded: no success, since nobody would know of it, and nothing to be
    /// tried again.
    pub fn unrecorded(source: Self) -> Self {
        Self {
            message: "It was done, but could not be recorded in the audit log".to_owned(),
            ..Self::internal(source)
        }
    }

    /// Our fault; `source` is for the log.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            kind: ErrorKind::Internal,
            message: "Something went wrong on the server".to_owned(),
            source: Some(source.into()),
        }
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }
}

impl From<CatalogError> for RegistryError {
    fn from(error: CatalogError) -> Self {
        match error.kind() {
            CatalogErrorKind::Unavailable => Self {
                source: Some(error.into()),
                ..Self::busy("The registry's database is busy, try again shortly")
            },
            CatalogErrorKind::Gone => Self::new(
                ErrorKind::NotFound,
                "This was deleted while you were writing about it",
            ),
            CatalogErrorKind::Internal => Self::internal(error),
        }
    }
}

impl From<StorageError> for RegistryError {
    fn from(error: StorageError) -> Self {
        if error.retryable() {
            Self {
                source: Some(error.into()),
                ..Self::busy("The bundle store cannot be reached right now, try again shortly")
            }
        } else {
            Self::internal(error)
        }
    }
}

impl From<BundleError> for RegistryError {
    fn from(error: BundleError) -> Self {
        if error.is_io() {
            Self::internal(error)
        } else {
            Self::invalid(format!("Bundle refused: {error}"))
        }
    }
}

impl From<std::io::Error> for RegistryError {
    fn from(error: std::io::Error) -> Self {
        Self::internal(error)
    }
}
