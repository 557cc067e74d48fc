//! Starts the real services that tests and people use, and stops them again.
//!
//! - [`S3`]: an S3 store, in this process or a real `MinIO`
//! - [`Tls`]: TLS in front of one; [`Certificate`]: what a server needs to speak it itself
//! - [`Postgres`]: a throw-away `PostgreSQL` cluster
//! - [`jwt`]: an identity provider
//! - [`Keyring`]: a keyring of a desktop's user; [`Browser`]: a browser that a test drives
//! - [`EnactServer`]: the `enact` program, serving
//!
//! [`until`] waits for what a program does that a test has started itself.
//!
//! Every service listens on a place that the system chose, keeps its data in a folder of its own,
//! and ends with the value that stands for it. It also ends when this process is killed: see the
//! module `process`.
//!
//! This crate is for development alone; nothing that ships depends on it.

mod backends;
mod browser;
mod certificate;
mod existing;
pub mod http;
pub mod jwt;
mod keyring;
mod minio;
mod postgres;
mod process;
mod s3;
mod server;
pub mod skills;
mod tls;
mod until;

pub use backends::{REQUIRE_BACKENDS, cache_dir, find_minio, find_official_client, in_path};
pub use browser::Browser;
pub use certificate::Certificate;
pub use existing::existing_server;
pub use keyring::Keyring;
pub use postgres::Postgres;
pub use s3::{S3, s3_env};
pub use server::{EnactServer, enact_command};
pub use tls::Tls;
pub use until::{until, until_gone};
