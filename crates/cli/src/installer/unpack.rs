//! Unpacks a bundle that is on this machine, and checks all that can be checked of it meanwhile.

use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use enact_bundle::{BundleError, Contents, Durability, Limits, Unpacked};
use enact_types::Hasher;

use super::Target;
use crate::exit::{Exit, Failure, chain};

/// Whether to flush each file before a skill is put in its place. A power failure can leave new files
/// cut off otherwise; the lock knows every file's digest, so `enact verify` finds those, and the next
/// `enact install` puts them right.
const DURABILITY: Durability = Durability::Unflushed;

/// Why a bundle was not unpacked.
#[derive(Debug)]
pub(super) enum Refused {
    /// Its bytes are not those that they should be.
    Damaged,
    /// Anything else.
    Failed(Failure),
}

/// Tells a thread that works for somebody who is gone, by being dropped.
pub(super) struct Stop(pub(super) Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Unpacks `bundle` to a hidden folder beside `place`. Ends early, and cleans up, when `stop` is set.
pub(super) fn unpack(
    mut bundle: &File,
    target: &Target,
    place: &Path,
    stop: &AtomicBool,
) -> Result<Unpacked, Refused> {
    let unreadable = |error| Refused::Failed(Failure::io("cannot read the bundle", &error));
    bundle.rewind().map_err(unreadable)?;
    let mut reader = Watched {
        inner: bundle,
        hasher: Hasher::default(),
        stop,
    };
    let unpacked = enact_bundle::unpack(&mut reader, &Limits::default(), place, DURABILITY);
    // What a bundle says of itself counts only if it is the one that is meant.
    io::copy(&mut reader, &mut io::sink()).map_err(unreadable)?;
    if reader.hasher.finish() != target.hash {
        return Err(Refused::Damaged);
    }
    let unpacked = unpacked.map_err(|error| Refused::Failed(bad_bundle(&error)))?;
    check_stated(unpacked.contents(), target).map_err(Refused::Failed)?;
    Ok(unpacked)
}

/// Refuses a bundle that says that it is another skill or version.
pub(crate) fn check_stated(contents: &Contents, target: &Target) -> Result<(), Failure> {
    let Some(stated) = &contents.stated else {
        return Ok(());
    };
    let Target { name, version, .. } = target;
    let other_name = stated.name.as_ref().filter(|stated| *stated != name);
    let other_version = stated.version.as_ref().filter(|stated| *stated != version);
    let other = other_name.map(ToString::to_string);
    let Some(other) = other.or(other_version.map(ToString::to_string)) else {
        return Ok(());
    };
    let message = format!(
        "the bundle of {name}@{version} says in {} that it is {other}; nothing was installed",
        stated.file
    );
    Err(Failure::new("INVALID_BUNDLE", message).with_exit(Exit::Untrusted))
}

/// A bundle that cannot be unpacked.
pub(crate) fn bad_bundle(error: &BundleError) -> Failure {
    if error.is_io() {
        return Failure::new("IO_ERROR", chain(error));
    }
    let message = format!("{}; nothing was installed", chain(error));
    Failure::new("INVALID_BUNDLE", message)
        .hint("tell the author or the registry's operator")
        .with_exit(Exit::Untrusted)
}

/// Hashes what is read.
struct Watched<'s, R> {
    inner: R,
    hasher: Hasher,
    stop: &'s AtomicBool,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            // Not `Interrupted`, which readers take as a request to try again.
            return Err(io::Error::other("interrupted"));
        }
        let read = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}
