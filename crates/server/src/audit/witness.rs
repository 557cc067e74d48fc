//! Who a request turned out to be of, told by whoever finds out to the audit log, which is asked
//! before and answers after.

use std::sync::{Arc, OnceLock};

use axum::http::request::Parts;
use enact_registry::{Actor, Caller};

/// Travels with a request.
#[derive(Clone, Default)]
pub(crate) struct Witness(Arc<OnceLock<Seen>>);

/// What is known of the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nobody has looked.
    Nothing,
    /// It is anybody.
    Anybody,
    /// It has an account.
    Somebody(Actor),
}

impl Witness {
    /// Tells who is calling, if that is wanted.
    pub(crate) fn tell(parts: &Parts, caller: &Caller) {
        if let Some(Self(seen)) = parts.extensions.get::<Self>() {
            // Told twice, it is the same.
            let _ = seen.set(Actor::of(caller).map_or(Seen::Anybody, Seen::Somebody));
        }
    }

    /// What was told.
    pub(super) fn seen(&self) -> Seen {
        self.0.get().cloned().unwrap_or(Seen::Nothing)
    }
}
