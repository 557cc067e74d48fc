//! How many publishes are received at once, and how many of one account.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::RegistryError;

/// Publishes that are received at once. Bounds the spool's disk space and the memory of manifests
/// (a few MiB each at worst), whatever the number of clients; further ones wait before their body
/// is read.
const ALL: usize = 32;

/// Those of one account, so that one that sends slowly keeps nobody else from publishing.
const OF_ONE: usize = 4;

/// How long a publish waits for its turn before it is told to come back.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The slots of a registry.
pub(crate) struct PublishSlots {
    all: Arc<Semaphore>,
    shares: Arc<Shares>,
}

/// How many publishes each account has; no account is here with none.
#[derive(Debug, Default)]
struct Shares(Mutex<HashMap<String, usize>>);

/// The right to send a bundle; see [`Registry::begin_publish`](crate::Registry::begin_publish).
#[derive(Debug)]
pub struct PublishSlot {
    _share: Option<Share>,
    _permit: OwnedSemaphorePermit,
}

/// One publish of an account, until it is dropped.
#[derive(Debug)]
struct Share {
    shares: Arc<Shares>,
    account: String,
}

impl PublishSlots {
    pub(crate) fn new() -> Self {
        Self {
            all: Arc::new(Semaphore::new(ALL)),
            shares: Arc::default(),
        }
    }

    /// A slot for the account with this id, or for the operator, who may have them all. Refused at
    /// once if the account has its share, and after a while if there is none.
    pub(crate) async fn take(&self, account: Option<&str>) -> Result<PublishSlot, RegistryError> {
        let share = match account {
            Some(account) => Some(self.shares.take(account).ok_or_else(too_many)?),
            None => None,
        };
        let permit = tokio::time::timeout(TIMEOUT, self.all.clone().acquire_owned());
        match permit.await {
            Ok(Ok(permit)) => Ok(PublishSlot {
                _share: share,
                _permit: permit,
            }),
            Ok(Err(_)) | Err(_) => Err(RegistryError::busy(
                "Too many publishes at once, try again shortly",
            )),
        }
    }
}

impl Shares {
    fn take(self: &Arc<Self>, account: &str) -> Option<Share> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(account.to_owned()).or_default();
        if *count >= OF_ONE {
            return None;
        }
        *count += 1;
        Some(Share {
            shares: Arc::clone(self),
            account: account.to_owned(),
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.shares.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.account);
            }
        }
    }
}

fn too_many() -> RegistryError {
    RegistryError::too_many_at_once(format!(
        "You are publishing {OF_ONE} versions already, as many as may be sent at once: try again when one is done"
    ))
}
