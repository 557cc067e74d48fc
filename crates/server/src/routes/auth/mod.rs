//! Who the caller is, and the tokens to sign in with.

pub(crate) mod cli;
pub(crate) mod create_token;
pub(crate) mod me;
pub(crate) mod profiles;
pub(crate) mod refresh;
pub(crate) mod revoke_token;
pub(crate) mod tokens;
pub(crate) mod user;
