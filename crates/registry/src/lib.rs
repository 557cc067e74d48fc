#![doc = include_str!("../README.md")]

mod access;
mod attestations;
mod bundle_stream;
mod check;
mod download;
mod downloads;
mod error;
mod extraction;
mod files;
mod identity;
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
pub use bundle_stream::BundleStream;
pub use download::Bundle;
pub use error::{ErrorKind, RegistryError};
pub use files::{BundleFile, FileStream, Files};
pub use publish::{Publish, PublishSlot};
pub use random::{OsRandom, Random};
pub use registry::Registry;
pub use search::Search;
pub use spool::{Spool, Spooled};
pub use versions::{Details, Selector};
