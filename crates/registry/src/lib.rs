#![doc = include_str!("../README.md")]

mod access;
mod attestations;
mod check;
mod download;
mod downloads;
mod error;
mod identity;
mod import;
mod publish;
mod random;
mod recover;
mod registry;
mod search;
mod spool;
mod tools;
mod upload;
mod versions;
mod visibility;
mod yank;

pub use access::Caller;
pub use download::{Bundle, BundleStream};
pub use error::{ErrorKind, RegistryError};
pub use import::{Import, ImportError, Refusal, Report, RowKind, Tally};
pub use publish::{Publish, PublishSlot};
pub use random::{OsRandom, Random};
pub use registry::Registry;
pub use search::Search;
pub use spool::{Spool, Spooled};
pub use versions::{Details, Selector};
