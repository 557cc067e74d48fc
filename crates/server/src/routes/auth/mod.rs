//! Who the caller is.

pub(crate) mod me;
pub(crate) mod profiles;
pub(crate) mod user;
