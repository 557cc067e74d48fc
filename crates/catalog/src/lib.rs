#![doc = include_str!("../README.md")]

mod downloads;
mod error;
mod files;
mod import;
mod migrations;
mod owners;
mod pool;
mod publish;
mod reservations;
mod search;
mod sql;
mod status;
mod tools;
pub mod upstream;
mod versions;

pub use downloads::DownloadCount;
pub use error::{CatalogError, CatalogErrorKind};
pub use files::FileRecord;
pub use import::{ImportedOrg, ImportedProfile, Member, Past, Yank};
pub use migrations::Migrated;
pub use owners::{Org, Profile};
pub use pool::{Catalog, Database};
pub use publish::NewVersion;
pub use reservations::{Reservation, Reserve};
pub use search::{SearchHit, SearchPage, SearchQuery};
pub use status::{Counts, SchemaState, Status};
pub use tools::{Sees, ToolRecord};
pub use versions::{VersionRecord, VersionSummary, VersionTexts};
