//! The endpoints, one a file.

pub(crate) mod auth;
pub(crate) mod docs;
pub(crate) mod health;
pub(crate) mod openapi;
pub(crate) mod orgs;
pub(crate) mod ready;
pub(crate) mod tools;
pub(crate) mod users;
