//! The endpoints, one a file.

pub(crate) mod auth_me;
pub(crate) mod health;
pub(crate) mod tools;
