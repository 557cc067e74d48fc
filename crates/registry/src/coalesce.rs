//! One query for all who ask the same at the same time.
//!
//! An answer is never older than the question: whoever asks while a query runs does not get its
//! answer, but waits for the next one, which answers all who wait. So nobody sees a state from
//! before the request, and nothing has to be forgotten when something changes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as Blocking, PoisonError};

use tokio::sync::Mutex;

/// Questions that are being asked, each once. Holds as many as there are askers at most.
pub(crate) struct Coalesced<K, V>(Blocking<HashMap<K, Arc<Asked<V>>>>);

/// One question.
struct Asked<V> {
    /// How many have asked so far.
    askers: AtomicU64,
    /// How many of them the answer is for, and the answer. Locked while a query runs.
    answer: Mutex<(u64, Option<V>)>,
}

impl<K, V> Default for Coalesced<K, V> {
    fn default() -> Self {
        Self(Blocking::default())
    }
}

/// Forgets the question when the last one who asks it is gone, also one who stops waiting.
struct Asker<'a, K: Hash + Eq, V> {
    all: &'a Coalesced<K, V>,
    key: &'a K,
}

impl<K: Hash + Eq + Clone, V: Clone> Coalesced<K, V> {
    /// The answer to `key`, of a `query` that began after this call. An error is for one asker alone;
    /// the next one asks again.
    pub(crate) async fn ask<E>(
        &self,
        key: &K,
        query: impl AsyncFnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        // Dropped after what it looks for.
        let _asker = Asker { all: self, key };
        let asked = self.lock().entry(key.clone()).or_default().clone();
        // Before waiting: a query that counts after this has not begun yet.
        let number = asked.askers.fetch_add(1, Ordering::AcqRel);
        let mut answer = asked.answer.lock().await;
        if let (askers, Some(value)) = &*answer
            && *askers > number
        {
            return Ok(value.clone());
        }
        let askers = asked.askers.load(Ordering::Acquire);
        let value = query().await?;
        *answer = (askers, Some(value.clone()));
        Ok(value)
    }
}

impl<K: Hash + Eq, V> Coalesced<K, V> {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<K, Arc<Asked<V>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq, V> Drop for Asker<'_, K, V> {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        // Whoever asks takes its own from the map, which is locked.
        if all
            .get(self.key)
            .is_some_and(|asked| Arc::strong_count(asked) <= 1)
        {
            all.remove(self.key);
        }
    }
}

impl<V> Default for Asked<V> {
    fn default() -> Self {
        Self {
            askers: AtomicU64::new(0),
            answer: Mutex::new((0, None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::task::Poll;

    use futures_util::future::join_all;
    use futures_util::poll;
    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn who_asks_during_a_query_gets_the_answer_of_the_next_one() {
        let (all, gate) = (Coalesced::default(), Semaphore::new(0));
        let queries = AtomicU64::new(0);
        let ask = || {
            all.ask(&"key", async || {
                let number = queries.fetch_add(1, Ordering::Relaxed);
                let _turn = gate.acquire().await;
                Ok::<_, Infallible>(number)
            })
        };
        let mut first = Box::pin(ask());
        assert_eq!(poll!(&mut first), Poll::Pending);
        // The first query runs; these come too late for it.
        let mut later = Box::pin(join_all((0..10).map(|_| ask())));
        assert!(poll!(&mut later).is_pending());
        gate.add_permits(1);
        assert_eq!(first.await, Ok(0));
        assert_eq!(later.await, vec![Ok(1); 10]);
        assert_eq!(queries.load(Ordering::Relaxed), 2);
        assert!(all.lock().is_empty(), "a question is kept");
    }

    #[tokio::test]
    async fn whoever_gives_up_or_fails_keeps_nobody_waiting() {
        let all = Coalesced::default();
        {
            let mut stuck = Box::pin(all.ask(&1, async || {
                std::future::pending::<Result<u8, &str>>().await
            }));
            assert!(poll!(&mut stuck).is_pending());
            let mut waits = Box::pin(all.ask(&1, async || Ok::<u8, &str>(7)));
            assert!(poll!(&mut waits).is_pending());
            drop(stuck);
            assert_eq!(waits.await, Ok(7));
        }
        assert_eq!(all.ask(&1, async || Err("no")).await, Err("no"));
        assert_eq!(all.ask(&1, async || Ok::<u8, &str>(8)).await, Ok(8));
        assert!(all.lock().is_empty(), "a question is kept");
    }
}
