//! What the crate promises, through its public functions.

mod archive;
mod extracting;
mod interop;
mod limits;
mod manifests;
mod packing;
mod reading;
mod refusals;
