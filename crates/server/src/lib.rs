#![doc = include_str!("../README.md")]

mod audit;
mod auth;
mod config;
mod error;
mod http;
mod jwt;
mod limits;
mod open;
mod openapi;
mod router;
mod routes;
mod server;
mod state;

pub use config::{
    Access, ApiKey, Catalog, Config, ConfigError, Cors, Limits, Options, Store, TlsFiles,
    TrustedProxies, VARIABLES, Variable, VariableDefault,
};
pub use http::tls::TlsError;
pub use jwt::{
    GITHUB_ACTIONS, IdentityProvider, JwtSettings, JwtSettingsError, KeySource, Secret,
    TrustedPublishing, UsernameClaim,
};
pub use open::{open_registry, private_folder};
pub use server::{Server, StartError};
