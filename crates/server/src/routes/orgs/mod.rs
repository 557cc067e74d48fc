//! Everything below `/orgs`.

pub(crate) mod add_member;
pub(crate) mod create;
pub(crate) mod info;
pub(crate) mod members;
pub(crate) mod remove_member;
pub(crate) mod set_role;
pub(crate) mod tools;
