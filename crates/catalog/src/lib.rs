#![doc = include_str!("../README.md")]

mod downloads;
mod error;
mod files;
mod migrations;
mod owners;
mod pool;
mod publish;
mod reservations;
mod search;
mod sql;
mod tools;
mod versions;

pub use downloads::DownloadCount;
pub use error::{CatalogError, CatalogErrorKind};
pub use files::{FileRecord, FilesSize};
pub use owners::{Org, Profile};
pub use pool::Catalog;
pub use publish::NewVersion;
pub use reservations::{Reservation, Reserve};
pub use search::{SearchHit, SearchPage, SearchQuery};
pub use tools::{Sees, ToolRecord};
pub use versions::{VersionRecord, VersionSummary, VersionTexts};
