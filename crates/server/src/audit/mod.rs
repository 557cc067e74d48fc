//! Who did what through the API: each request that changes something leaves a row in the audit log,
//! before its answer goes out, whatever the answer is. Refusals of strangers, which cost them nothing,
//! leave as many as [`budget`] allows. `actions.rs` says what each request is called.
//!
//! A change and its row are two transactions: a server that dies between them leaves the change alone.

mod actions;
mod budget;
mod middleware;
mod witness;

pub(crate) use self::budget::Budget;
pub(crate) use self::middleware::{PrivateLink, TokenRefused, audit};
pub(crate) use self::witness::Witness;
