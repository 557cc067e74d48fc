//! What of a skill is on this machine already.

use std::iter::Enumerate;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::vec::IntoIter;

use enact_bundle::Unpacked;
use futures_util::future::try_join_all;

use super::unpack::{Refused, Stop, unpack};
use super::{Target, blocking};
use crate::cache::Cache;
use crate::exit::Failure;
use crate::installed::{LockedFile, NoSkills, Place, is_as_locked};

/// A look at the disk for one skill.
pub(super) struct Look {
    pub(super) target: Target,
    pub(super) home: PathBuf,
    /// The files that it has, if the lock knows this bundle and what is in place will do.
    pub(super) locked: Option<Vec<LockedFile>>,
    /// Whether it may be unpacked if it is not in its place.
    pub(super) may_unpack: bool,
    pub(super) cache: Arc<Cache>,
    pub(super) no_skills: Arc<NoSkills>,
}

/// What was found.
pub(super) enum Found {
    /// Every file is in its place, as locked.
    InPlace,
    /// It was in the cache, and is unpacked beside its place now.
    Cached(Box<Unpacked>),
    /// What was in the cache is damaged, and was dropped.
    Damaged,
    /// Nothing that may be used.
    Nothing,
}

/// Takes all of the looks, and answers in their order; or with the first failure, and then not all were
/// taken.
///
/// By as many threads as there are processors, each of which goes from one to the next by itself: to be
/// given each by this one takes as long as many a look.
pub(super) async fn look_at_all(looks: Vec<Look>) -> Result<Vec<Found>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let _stop = Stop(Arc::clone(&stop));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(looks.len());
    let queue = Arc::new(Mutex::new(looks.into_iter().enumerate()));
    let workers = (0..threads).map(|_| {
        let (queue, stop) = (Arc::clone(&queue), Arc::clone(&stop));
        blocking(move || look_at_some(&queue, &stop))
    });
    let mut results: Vec<_> = try_join_all(workers).await?.into_iter().flatten().collect();
    results.sort_unstable_by_key(|(position, _)| *position);
    results.into_iter().map(|(_, found)| found).collect()
}

/// A look that is to be taken, and its position among all.
type Queue = Mutex<Enumerate<IntoIter<Look>>>;

fn look_at_some(queue: &Queue, stop: &AtomicBool) -> Vec<(usize, Result<Found, Failure>)> {
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let mut results = Vec::new();
    while let Some((position, look)) = next() {
        let result = look.run(stop);
        let failed = result.is_err();
        results.push((position, result));
        if failed || stop.load(Ordering::Relaxed) {
            // Nobody needs the others. Those before this one are in somebody's hands already.
            queue
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .by_ref()
                .for_each(drop);
        }
    }
    results
}

impl Look {
    /// Fails if it could not be put in its place.
    fn run(self, stop: &AtomicBool) -> Result<Found, Failure> {
        let place = Place::of(&self.home, &self.target.name);
        if let Some(files) = &self.locked
            && is_as_locked(place.path(), files)
        {
            return Ok(Found::InPlace);
        }
        if !self.may_unpack {
            return Ok(Found::Nothing);
        }
        place.check_free(&self.no_skills)?;
        let Target { hash, size, .. } = &self.target;
        let Some(bundle) = self.cache.open(hash, *size) else {
            return Ok(Found::Nothing);
        };
        match unpack(&bundle, &self.target, place.path(), stop) {
            Ok(unpacked) => Ok(Found::Cached(Box::new(unpacked))),
            Err(Refused::Failed(failure)) => Err(failure),
            Err(Refused::Damaged) => {
                self.cache.remove(hash);
                Ok(Found::Damaged)
            }
        }
    }
}
