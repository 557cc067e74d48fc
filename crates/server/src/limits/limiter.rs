//! Who has used how much.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use enact_types::Clock;

use super::bucket::Standing;
use super::class::Class;
use super::table::Table;
use crate::config::Limits;
use crate::http::client_address::Site;

/// Buckets that are kept of each class: at most about 2 MiB, and a millisecond to look through. To
/// keep as many from being full takes thousands of requests a second.
const MAX_BUCKETS: usize = 28_000;

/// Buckets of each class that those share for whom there is none.
const SPARE_BUCKETS: usize = 1024;

/// Whose bucket it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Who {
    /// Of everybody there.
    Site(Site),
    /// The id of an account.
    Account(Box<str>),
}

/// The limits, and how much of them is used. Of this process alone: several servers over one
/// database each count for themselves.
pub(crate) struct Limiter {
    limits: Limits,
    clock: Arc<dyn Clock>,
    /// One for each class, so that neither room nor what is shared in need of it, and least of all
    /// the debt for wrong tokens, passes from one to another. Held for a few memory accesses.
    tables: [Mutex<Table<Who>>; Class::COUNT],
}

impl Limiter {
    pub(crate) fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            limits,
            clock,
            tables: std::array::from_fn(|_| Mutex::new(Table::new(MAX_BUCKETS, SPARE_BUCKETS))),
        }
    }

    /// Counts a request. `None` if there is no limit; an error if it is reached.
    pub(super) fn take(&self, who: Who, class: Class) -> Result<Option<Standing>, Standing> {
        let Some(limit) = class.limit(&self.limits) else {
            return Ok(None);
        };
        let now = self.now();
        self.table(class).with(who, now, |bucket| {
            let taken = bucket.take(limit, now);
            taken.map(Some).ok_or_else(|| bucket.standing(limit, now))
        })
    }

    /// Whether a token from there may be looked at: refused once too many were wrong, before it is
    /// known whether this one is, or the answer would tell.
    pub(super) fn may_present_token(&self, who: &Who) -> Result<(), Standing> {
        let Some(limit) = Class::WrongToken.limit(&self.limits) else {
            return Ok(());
        };
        let now = self.now();
        let bucket = self.table(Class::WrongToken).get(who);
        let standing = bucket.standing(limit, now);
        if standing.retry_after > 0 {
            return Err(standing);
        }
        Ok(())
    }

    /// Counts a wrong token, into debt if need be: of many that were sent at once each counts.
    pub(super) fn wrong_token(&self, who: Who) {
        if let Some(limit) = Class::WrongToken.limit(&self.limits) {
            let now = self.now();
            self.table(Class::WrongToken)
                .with(who, now, |bucket| bucket.charge(limit, now));
        }
    }

    /// In microseconds since 1970.
    fn now(&self) -> i64 {
        self.clock.now().as_millis().saturating_mul(1000)
    }

    fn table(&self, class: Class) -> MutexGuard<'_, Table<Who>> {
        let table = &self.tables[class as usize];
        table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
