//! The vocabulary of the registry: tool names, versions, digests, visibility, limits, and the
//! shapes that travel over HTTP.
//!
//! Parsing is validation: a [`ToolName`] or a [`Version`] that exists is one that the registry
//! accepts, so nothing behind the edge checks again. This crate does no I/O.

mod audit;
mod digest;
mod error_code;
mod lifetime;
pub mod limits;
mod manifest;
mod name;
mod owner_name;
mod role;
mod scope;
mod time;
mod token;
mod version;
mod version_range;
mod visibility;
pub mod wire;
mod workflow;

pub use audit::{Action, InvalidAction};
pub use digest::{Digest, Hasher, InvalidDigest};
pub use error_code::ErrorCode;
pub use lifetime::{InvalidLifetime, Lifetime};
pub use manifest::{InvalidManifest, Manifest};
pub use name::{InvalidName, Namespace, ToolName};
pub use owner_name::{InvalidOwnerName, OwnerName};
pub use role::{InvalidRole, Role};
pub use scope::{InvalidScope, Needs, Pattern, Scope, Scopes};
pub use time::{Clock, SystemClock, Timestamp};
pub use token::{InvalidToken, Token};
pub use version::{InvalidVersion, Version, latest};
pub use version_range::{InvalidRange, VersionRange};
pub use visibility::{InvalidVisibility, Visibility};
pub use workflow::{
    InvalidRefPattern, InvalidRepository, InvalidWorkflowFile, RefPattern, Repository,
    WorkflowFile, WorkflowRef,
};

/// Implements the string conversions that every parsed text type shares: `FromStr`, `Display`,
/// `AsRef<str>`, and serde as a plain string that is validated on the way in.
macro_rules! string_newtype {
    ($type:ty, $error:ty) => {
        impl std::str::FromStr for $type {
            type Err = $error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use string_newtype;

/// Describes a type that is written as a JSON string for the OpenAPI document.
macro_rules! string_schema {
    ($type:ident, $description:literal) => {
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some($description))
                    .into()
            }
        }

        impl utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
        }
    };
}
pub(crate) use string_schema;
