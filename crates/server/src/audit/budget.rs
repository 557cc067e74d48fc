//! How many rows of the audit log those may fill who need no account for it.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use enact_types::Clock;

use crate::http::client_address::Site;
use crate::limits::{Bucket, Table};

/// Rows a minute of refusals of all strangers together: at most some 15 MB a day.
const IN_ALL: NonZeroU32 = NonZeroU32::new(30).expect("it is not 0");

/// Rows a minute of refusals of one address, so that one leaves room for others.
const OF_ONE_SITE: NonZeroU32 = NonZeroU32::new(10).expect("it is not 0");

/// Rows a minute of links to bundles that one account is given.
const OF_ONE_ACCOUNT: NonZeroU32 = NonZeroU32::new(60).expect("it is not 0");

/// Buckets of addresses, or of accounts, that are kept, and that others share.
const MAX_BUCKETS: usize = 4096;
const SPARE_BUCKETS: usize = 64;

/// What is left of it. Of this process alone.
pub(crate) struct Budget {
    clock: Arc<dyn Clock>,
    left: Mutex<Left>,
    /// Rows that were not written since that was last told.
    omitted: AtomicU64,
}

struct Left {
    strangers: Bucket,
    sites: Table<Site>,
    accounts: Table<Box<str>>,
}

impl Budget {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            left: Mutex::new(Left {
                strangers: Bucket::default(),
                sites: Table::new(MAX_BUCKETS, SPARE_BUCKETS),
                accounts: Table::new(MAX_BUCKETS, SPARE_BUCKETS),
            }),
            omitted: AtomicU64::new(0),
        }
    }

    /// Whether a refusal of somebody there may be recorded. If not, it is counted.
    pub(super) fn admits_stranger(&self, site: Site) -> bool {
        self.take(|left, now| {
            let take = |bucket: &mut Bucket| bucket.take(OF_ONE_SITE, now).is_some();
            left.sites.with(site, now, take) && left.strangers.take(IN_ALL, now).is_some()
        })
    }

    /// Whether a link that an account was given may be recorded. If not, it is counted.
    pub(super) fn admits_link(&self, account: &str) -> bool {
        self.take(|left, now| {
            let take = |bucket: &mut Bucket| bucket.take(OF_ONE_ACCOUNT, now).is_some();
            left.accounts.with(account.into(), now, take)
        })
    }

    fn take(&self, take: impl FnOnce(&mut Left, i64) -> bool) -> bool {
        let now = self.clock.now().as_millis().saturating_mul(1000);
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = take(&mut left, now);
        if !taken {
            self.omitted.fetch_add(1, Ordering::Relaxed);
        }
        taken
    }

    /// How many rows were not written since the last time, to be told now.
    pub(crate) fn take_omitted(&self) -> u64 {
        self.omitted.swap(0, Ordering::Relaxed)
    }

    /// They could not be told.
    pub(crate) fn put_back(&self, omitted: u64) {
        self.omitted.fetch_add(omitted, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;

    use enact_types::Timestamp;

    use super::*;

    struct Moved(AtomicI64);

    impl Clock for Moved {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.0.load(Ordering::Relaxed)).unwrap()
        }
    }

    fn admitted(budget: &Budget, sites: impl Iterator<Item = u32>) -> usize {
        let sites = sites.map(Site::Address);
        sites.filter(|site| budget.admits_stranger(*site)).count()
    }

    #[test]
    fn neither_one_address_nor_all_of_them_fill_the_log() {
        let clock = Arc::new(Moved(AtomicI64::new(1_800_000_000_000)));
        let budget = Budget::new(clock.clone());
        assert_eq!(admitted(&budget, std::iter::repeat_n(1, 1000)), 10);
        assert_eq!(admitted(&budget, 2..10_000), 20);
        assert_eq!(budget.take_omitted(), 990 + 9_998 - 20);
        assert_eq!(budget.take_omitted(), 0);
        clock.0.fetch_add(60_000, Ordering::Relaxed);
        assert_eq!(admitted(&budget, 0..10_000), 30);
    }

    #[test]
    fn links_of_one_account_leave_those_of_others_alone() {
        let clock = Arc::new(Moved(AtomicI64::new(1_800_000_000_000)));
        let budget = Budget::new(clock);
        let links = |account| (0..100).filter(|_| budget.admits_link(account)).count();
        assert_eq!((links("alice"), links("bob")), (60, 60));
        assert_eq!(budget.take_omitted(), 80);
    }
}
