#![doc = include_str!("../README.md")]

mod attestations;
mod delete;
mod downloads;
mod error;
mod feedback;
mod files;
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
mod tools;
mod trust;
mod versions;

pub use attestations::{AttestationRecord, NewAttestation};
pub use downloads::DownloadCount;
pub use error::{CatalogError, CatalogErrorKind};
pub use feedback::ReviewRecord;
pub use files::FileRecord;
pub use members::{MemberChange, MemberRecord};
pub use orgs::{NewOrg, Org};
pub use owned::Listed;
pub use pool::Catalog;
pub use profiles::Profile;
pub use publish::{Commit, NewVersion, Owner};
pub use reports::NewReport;
pub use reservations::{Reservation, Reserve};
pub use search::{SearchHit, SearchPage, SearchQuery};
pub use tools::{Sees, ToolRecord};
pub use versions::{VersionRecord, VersionSummary, VersionTexts};
