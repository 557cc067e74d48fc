#![doc = include_str!("../README.md")]

mod auth;
mod config;
mod error;
mod http;
mod openapi;
mod router;
mod routes;
mod server;
mod state;

pub use config::{Access, ApiKey, Catalog, Config, ConfigError, Options, Store};
pub use server::{Server, StartError};
