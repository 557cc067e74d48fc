//! Who may see a tool.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who may see a tool. The default is the safest.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// In search, and readable by all.
    Public,
    /// Readable by all who know the name, in no listing.
    Unlisted,
    /// For its owner, its organisation's members and admins; for all others it does not exist.
    #[default]
    Private,
}

/// The text names no visibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("visibility is \"public\", \"unlisted\" or \"private\"")]
pub struct InvalidVisibility;

impl Visibility {
    /// Parses the lower-case name.
    pub fn parse(text: &str) -> Result<Self, InvalidVisibility> {
        match text {
            "public" => Ok(Self::Public),
            "unlisted" => Ok(Self::Unlisted),
            "private" => Ok(Self::Private),
            _ => Err(InvalidVisibility),
        }
    }

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Private => "private",
        }
    }
}

impl fmt::Display for Visibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Visibility {
    type Err = InvalidVisibility;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}
