//! One bucket: how many requests are left.

use std::num::NonZeroU32;

/// How long an empty bucket takes to fill, in microseconds: a minute.
const PERIOD: i64 = 60_000_000;

/// How deep in debt a bucket can be, in microseconds: ten minutes. Also what a clock that is set
/// back costs at most.
const MAX_DEBT: i64 = 10 * PERIOD;

/// The longest wait that is told, in seconds: existing clients sleep through it without a word.
const MAX_RETRY_AFTER: i64 = 60;

/// A bucket, as the moment when it is full (again), in microseconds. That is all there is to know:
/// a bucket that is full needs not be kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Bucket(i64);

/// How a bucket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// What it holds when it is full.
    pub(crate) limit: u32,
    /// What it holds now.
    pub(super) remaining: u32,
    /// When it is full, in seconds since 1970.
    pub(super) full_at: i64,
    /// In how many seconds, 1 to 60, it holds one; 0 if it does.
    pub(super) retry_after: u64,
}

impl Bucket {
    /// Whether there is nothing to know about it.
    pub(super) fn is_full(self, now: i64) -> bool {
        // A moment that no charge leads to is from before the clock was set back.
        self.0 <= now || self.0 > now + PERIOD + MAX_DEBT
    }

    /// Takes one request out of it; `None`, and nothing is taken, if it holds none.
    pub(crate) fn take(&mut self, limit: NonZeroU32, now: i64) -> Option<Standing> {
        let full_at = self.0.clamp(now, now + PERIOD + MAX_DEBT) + cost(limit);
        if full_at > now + PERIOD {
            return None;
        }
        self.0 = full_at;
        Some(self.standing(limit, now))
    }

    /// Takes one request out of it, also if it holds none.
    pub(super) fn charge(&mut self, limit: NonZeroU32, now: i64) {
        let latest = now + PERIOD + MAX_DEBT;
        self.0 = (self.0.clamp(now, latest) + cost(limit)).min(latest);
    }

    /// How it stands.
    pub(super) fn standing(self, limit: NonZeroU32, now: i64) -> Standing {
        let missing = self.0.clamp(now, now + PERIOD + MAX_DEBT) - now;
        let held = (PERIOD - missing).max(0) / cost(limit);
        let wait = missing + cost(limit) - PERIOD;
        let retry_after = match seconds(wait) {
            0 => 0,
            wait => wait.clamp(1, MAX_RETRY_AFTER),
        };
        Standing {
            limit: limit.get(),
            // The cost is rounded down, so that a full bucket could seem to hold one more.
            remaining: u32::try_from(held).unwrap_or(u32::MAX).min(limit.get()),
            full_at: seconds(now + missing),
            retry_after: retry_after.unsigned_abs(),
        }
    }
}

/// How long one request takes to be refilled.
fn cost(limit: NonZeroU32) -> i64 {
    PERIOD / i64::from(limit.get())
}

/// Rounded up; 0 for what is past.
fn seconds(micros: i64) -> i64 {
    (micros.max(0) + 999_999) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;
    const NOW: i64 = 1_800_000_000 * SECOND;
    const LIMIT: NonZeroU32 = NonZeroU32::new(20).unwrap();

    fn emptied() -> Bucket {
        let mut bucket = Bucket::default();
        for left in (0..20).rev() {
            assert_eq!(bucket.take(LIMIT, NOW).unwrap().remaining, left);
        }
        bucket
    }

    #[test]
    fn holds_its_limit_and_refills_evenly() {
        let mut bucket = emptied();
        assert_eq!(bucket.take(LIMIT, NOW), None);
        let standing = bucket.standing(LIMIT, NOW);
        assert_eq!((standing.retry_after, standing.full_at), (3, 1_800_000_060));
        assert_eq!(bucket.take(LIMIT, NOW + 3 * SECOND - 1), None);
        assert!(bucket.take(LIMIT, NOW + 3 * SECOND).is_some());
        assert_eq!(bucket.take(LIMIT, NOW + 3 * SECOND), None);
        assert!(!bucket.is_full(NOW + 63 * SECOND - 1));
        assert!(bucket.is_full(NOW + 63 * SECOND));
    }

    #[test]
    fn debt_is_paid_before_anything_is_given() {
        let mut bucket = emptied();
        for _ in 0..40 {
            bucket.charge(LIMIT, NOW);
        }
        assert_eq!(bucket.standing(LIMIT, NOW).retry_after, 60);
        assert_eq!(bucket.take(LIMIT, NOW + 122 * SECOND), None);
        assert!(bucket.take(LIMIT, NOW + 123 * SECOND).is_some());
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let mut bucket = emptied();
        let earlier = NOW - 86_400 * SECOND;
        assert!(bucket.is_full(earlier));
        let minutes = i64::from(u8::try_from(MAX_DEBT / PERIOD).unwrap()) + 1;
        assert!(bucket.standing(LIMIT, earlier).retry_after <= 60);
        bucket.charge(LIMIT, earlier);
        assert!(bucket.take(LIMIT, earlier + minutes * PERIOD).is_some());
    }

    #[test]
    fn every_limit_is_held_to_the_request() {
        for limit in [1, 7, 1000, 1_000_000] {
            let limit = NonZeroU32::new(limit).unwrap();
            let mut bucket = Bucket::default();
            let taken = std::iter::from_fn(|| bucket.take(limit, NOW)).count();
            assert_eq!(taken, limit.get() as usize);
        }
    }
}
