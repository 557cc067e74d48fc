//! What the crate promises, through its public functions.

#![expect(
    clippy::unwrap_used,
    reason = "in the helpers of a test a failure is best loud; the configured exception covers only test functions"
)]

mod archive;
mod extracting;
mod ignoring;
mod interop;
mod limits;
mod manifests;
mod packing;
mod reading;
mod refusals;
mod secrets;
mod validating;
mod validating_files;
