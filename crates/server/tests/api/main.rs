//! The API as clients meet it: a real server on a free port, its catalog in SQLite and its bundles
//! in a folder. To add a behaviour, write a test in the file of its subject.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod bad_bundles;
mod bad_requests;
mod fixture;
mod lifecycle;
mod publishing;
mod reading;
mod searching;
mod yanking;
