//! Objects that a command stores to find something out, and that must not stay.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use enact_storage::{Key, StorageClient, StorageError};
use futures_util::StreamExt as _;
use futures_util::stream;

use super::store::failure;
use crate::exit::Failure;

/// Keys that belong to one run of a command: nobody else writes them, and no bundle has such a key,
/// since no name starts with a dot. Below `bundles/`, so that a policy for that alone will do.
#[derive(Debug)]
pub(super) struct Probes {
    client: StorageClient,
    keys: Vec<Key>,
    run: u64,
}

/// How many objects are deleted at the same time.
const DELETES: usize = 16;

impl Probes {
    pub(super) fn new(client: &StorageClient) -> Self {
        Self {
            client: client.clone(),
            keys: Vec::new(),
            // Different in every process and every time.
            run: RandomState::new().build_hasher().finish(),
        }
    }

    /// One more key, which [`clean_up`](Self::clean_up) will delete.
    pub(super) fn key(&mut self, name: &str) -> Result<Key, Failure> {
        let key = Key::parse(&format!("bundles/.enact-probe/{:016x}/{name}", self.run))
            .map_err(|error| failure(&error))?;
        self.keys.push(key.clone());
        Ok(key)
    }

    /// Deletes what may be under the keys. Tries all, and gives the first error.
    pub(super) async fn clean_up(self) -> Result<(), StorageError> {
        let deleted: Vec<_> = stream::iter(&self.keys)
            .map(|key| self.client.delete(key))
            .buffer_unordered(DELETES)
            .collect()
            .await;
        deleted.into_iter().collect()
    }
}
