#![doc = include_str!("../README.md")]

mod attestations;
mod delete;
mod downloads;
mod error;
mod feedback;
mod files;
mod import;
mod members;
mod migrations;
mod namespaces;
mod orgs;
mod owned;
mod pool;
mod profiles;
mod publish;
mod reports;
mod reservations;
mod search;
#[doc(hidden)]
pub mod seeding;
mod sql;
mod status;
mod tools;
mod trust;
pub mod upstream;
mod versions;

pub use attestations::{AttestationRecord, NewAttestation, Revocation};
pub use downloads::DownloadCount;
pub use error::{CatalogError, CatalogErrorKind};
pub use feedback::ReviewRecord;
pub use files::{FileRecord, FilesSize};
pub use import::{ImportedOrg, ImportedProfile, Member, Past, Yank};
pub use members::{MemberChange, MemberRecord};
pub use migrations::Migrated;
pub use orgs::{NewOrg, Org};
pub use owned::Listed;
pub use pool::{Catalog, Database};
pub use profiles::Profile;
pub use publish::{Commit, NewVersion, Owner};
pub use reports::NewReport;
pub use reservations::{Reservation, Reserve};
pub use search::{SearchHit, SearchPage, SearchQuery};
pub use status::{Counts, SchemaState, Status};
pub use tools::{Sees, ToolRecord};
pub use versions::{VersionRecord, VersionSummary, VersionTexts};
