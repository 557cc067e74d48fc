//! What of a skill is on this machine already.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use enact_bundle::Unpacked;

use super::Target;
use super::unpack::{Refused, unpack};
use crate::cache::Cache;
use crate::exit::Failure;
use crate::installed::{LockedFile, Place, is_as_locked};

/// One look at the disk for one skill: all of it at once, since it runs on another thread, and going
/// there and back costs more than most of its parts.
pub(super) struct Look {
    pub(super) target: Target,
    pub(super) home: PathBuf,
    /// The files that it has, if the lock knows this bundle and what is in place will do.
    pub(super) locked: Option<Vec<LockedFile>>,
    /// Whether it may be unpacked if it is not in its place.
    pub(super) may_unpack: bool,
    pub(super) cache: Arc<Cache>,
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

impl Look {
    /// Fails if it could not be put in its place.
    pub(super) fn run(self, stop: &AtomicBool) -> Result<Found, Failure> {
        let place = Place::of(&self.home, &self.target.name);
        if let Some(files) = &self.locked
            && is_as_locked(place.path(), files)
        {
            return Ok(Found::InPlace);
        }
        if !self.may_unpack {
            return Ok(Found::Nothing);
        }
        place.check_free()?;
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
