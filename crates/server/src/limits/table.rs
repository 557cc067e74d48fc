//! All buckets, in bounded memory.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};

use super::bucket::Bucket;

/// How often full buckets are looked for when there is no room, in microseconds.
const SWEEP_PERIOD: i64 = 1_000_000;

/// Buckets that are not full, by key.
///
/// None of them is ever given up for another: whoever has used up a bucket cannot have it forgotten
/// by coming from many addresses. Keys for which there is no room share some spare buckets instead,
/// by a hash that nobody outside can compute, so that many addresses do not have many buckets then.
pub(crate) struct Table<K> {
    buckets: HashMap<K, Bucket>,
    max: usize,
    spare: Box<[Bucket]>,
    hasher: RandomState,
    swept_at: i64,
}

impl<K: Eq + Hash> Table<K> {
    /// At most `max` buckets, and `spare` shared ones, at least one.
    pub(crate) fn new(max: usize, spare: usize) -> Self {
        Self {
            buckets: HashMap::new(),
            max,
            spare: vec![Bucket::default(); spare.max(1)].into(),
            hasher: RandomState::new(),
            swept_at: i64::MIN,
        }
    }

    /// The bucket of `key`, to be changed by `change`.
    pub(crate) fn with<T>(&mut self, key: K, now: i64, change: impl FnOnce(&mut Bucket) -> T) -> T {
        if let Some(bucket) = self.buckets.get_mut(&key) {
            return change(bucket);
        }
        if self.buckets.len() >= self.max && now.saturating_sub(self.swept_at) >= SWEEP_PERIOD {
            self.swept_at = now;
            self.buckets.retain(|_, bucket| !bucket.is_full(now));
        }
        if self.buckets.len() < self.max {
            return change(self.buckets.entry(key).or_default());
        }
        let hash = self.hasher.hash_one(&key);
        let index = usize::try_from(hash % self.spare.len() as u64).unwrap_or_default();
        change(&mut self.spare[index])
    }

    /// The bucket of `key`, which is not kept if there is none.
    pub(super) fn get(&self, key: &K) -> Bucket {
        match self.buckets.get(key) {
            Some(bucket) => *bucket,
            None if self.buckets.len() < self.max => Bucket::default(),
            None => {
                let hash = self.hasher.hash_one(key);
                let index = usize::try_from(hash % self.spare.len() as u64).unwrap_or_default();
                self.spare[index]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    const LIMIT: NonZeroU32 = NonZeroU32::new(2).unwrap();
    const MINUTE: i64 = 60_000_000;

    fn takes(table: &mut Table<u32>, key: u32, now: i64) -> bool {
        table.with(key, now, |bucket| bucket.take(LIMIT, now).is_some())
    }

    #[test]
    fn many_addresses_do_not_reset_a_bucket_and_take_no_more_memory() {
        let mut table = Table::new(100, 4);
        assert!(takes(&mut table, 0, 0) && takes(&mut table, 0, 0));
        for other in 1..10_000 {
            takes(&mut table, other, 0);
        }
        assert_eq!(table.buckets.len(), 100);
        assert!(!takes(&mut table, 0, 0), "the empty bucket was forgotten");
    }

    #[test]
    fn addresses_without_a_bucket_of_their_own_share_a_few() {
        let mut table = Table::new(10, 4);
        for key in 0..10 {
            takes(&mut table, key, 0);
        }
        let allowed = (10..10_000)
            .filter(|key| takes(&mut table, *key, 0))
            .count();
        assert!(allowed <= 4 * 2, "{allowed} requests from strangers");
        // Whoever was there before is as well off as ever.
        assert!(takes(&mut table, 5, 0));
    }

    #[test]
    fn full_buckets_make_room() {
        let mut table = Table::new(10, 1);
        for key in 0..1000 {
            takes(&mut table, key, 0);
        }
        assert!(takes(&mut table, 5000, MINUTE));
        assert_eq!(table.buckets.len(), 1);
    }

    #[test]
    fn looking_keeps_nothing() {
        let mut table = Table::<u32>::new(10, 1);
        assert!(table.get(&1).is_full(0));
        assert!(table.buckets.is_empty());
        takes(&mut table, 1, 0);
        assert!(!table.get(&1).is_full(0));
    }
}
