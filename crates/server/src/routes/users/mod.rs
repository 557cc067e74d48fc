//! Everything about users.

pub(crate) mod info;
pub(crate) mod profile;
pub(crate) mod set_trust;
pub(crate) mod tools;
pub(crate) mod trust;
