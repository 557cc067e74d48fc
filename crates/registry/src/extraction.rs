//! Getting one file out of a stored bundle: unpacked on a thread that may block, in pieces that are
//! handed over as they are taken, so that memory stays flat whatever the sizes.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use enact_bundle::{BundleError, Limits, Stopped, read_file};
use enact_storage::{Key, StorageError};
use enact_types::{Digest, Hasher};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, timeout, timeout_at};

use crate::bundle_stream::not_as_published;
use crate::{Registry, RegistryError};

/// Extractions of large files at once. Each lasts as long as its reader takes, within limits.
const LARGE_AT_ONCE: usize = 8;

/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long an extraction into memory may take, the store included.
const SMALL_LIMIT: Duration = Duration::from_secs(30);

/// How long an extraction may take whose reader has to keep up.
const LARGE_LIMIT: Duration = Duration::from_mins(5);

/// How long a reader may take nothing.
const IDLE_LIMIT: Duration = Duration::from_secs(10);

/// The least that a reader takes in a second, on the whole, once [`SMALL_LIMIT`] is over: else a few
/// that take one piece now and then would have all the turns for [`LARGE_LIMIT`].
const SLOWEST: u64 = 64 * 1024;

/// Pieces of at most 32 KiB that wait for their reader: 128 KiB in all.
const AHEAD: usize = 4;

/// Bounds what runs at once. Small files have turns of their own, so that slow readers of large ones
/// are in nobody else's way.
pub(crate) struct Extractions {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

/// The right to one extraction, and how long it may take.
pub(crate) struct Slot {
    permit: OwnedSemaphorePermit,
    limit: Duration,
}

/// A file to extract.
pub(crate) struct Wanted {
    pub(crate) path: String,
    pub(crate) size: u64,
    /// `None` for a version that was published before digests of files were kept.
    pub(crate) sha256: Option<Digest>,
    pub(crate) key: Key,
    pub(crate) bundle_hash: Digest,
}

impl Extractions {
    /// Unpacking is work for a processor, and a little waiting for the store.
    pub(crate) fn new(processors: usize) -> Self {
        Self {
            small: Arc::new(Semaphore::new(processors.max(2))),
            large: Arc::new(Semaphore::new(LARGE_AT_ONCE)),
        }
    }

    /// For a file that goes into memory at once.
    pub(crate) async fn small(&self) -> Result<Slot, RegistryError> {
        turn(&self.small, SMALL_LIMIT).await
    }

    /// For a file whose reader decides how fast it goes.
    pub(crate) async fn large(&self) -> Result<Slot, RegistryError> {
        turn(&self.large, LARGE_LIMIT).await
    }
}

async fn turn(semaphore: &Arc<Semaphore>, limit: Duration) -> Result<Slot, RegistryError> {
    match timeout(PATIENCE, semaphore.clone().acquire_owned()).await {
        Ok(Ok(permit)) => Ok(Slot { permit, limit }),
        Ok(Err(_)) | Err(_) => Err(busy()),
    }
}

impl Registry {
    /// Starts to extract. What comes through the channel is the content of the file, or ends with an
    /// error before its last piece.
    pub(crate) async fn extract(
        &self,
        wanted: Wanted,
        slot: Slot,
    ) -> Result<mpsc::Receiver<Result<Bytes, RegistryError>>, RegistryError> {
        let download = self.open_object(&wanted.key, None).await?;
        let (pieces, taken) = mpsc::channel(AHEAD);
        let extraction = Extraction {
            archive: Archive {
                runtime: Handle::current(),
                source: download.stream,
                rest: Bytes::new(),
                started: Instant::now(),
                limit: slot.limit,
                hasher: Hasher::default(),
                failure: None,
            },
            pieces,
            withheld: None,
            hasher: Hasher::default(),
            size: 0,
            wanted,
        };
        let limits = self.inner.bundle_limits;
        let permit = slot.permit;
        tokio::task::spawn_blocking(move || {
            extraction.run(&limits);
            drop(permit);
        });
        Ok(taken)
    }
}

/// One extraction under way, on a thread of its own.
struct Extraction {
    wanted: Wanted,
    archive: Archive,
    pieces: mpsc::Sender<Result<Bytes, RegistryError>>,
    /// The last piece so far: goes out when another one follows, or when the file is verified.
    withheld: Option<Bytes>,
    hasher: Hasher,
    size: u64,
}

impl Extraction {
    fn run(mut self, limits: &Limits) {
        let result = self.read(limits);
        let last = match result {
            Ok(()) => self.withheld.take().map(Ok),
            // Its reader knows.
            Err(None) => None,
            Err(Some(error)) => Some(Err(error)),
        };
        if let Some(last) = last {
            let until = self.archive.started + allowed(self.size, self.archive.limit);
            let _ = send(&self.archive.runtime, until, &self.pieces, last);
        }
    }

    /// Reads up to the end of the file, and verifies it. `Err(None)` if its reader went away.
    fn read(&mut self, limits: &Limits) -> Result<(), Option<RegistryError>> {
        // Without a digest of the file only that of the whole bundle vouches for it.
        let whole = self.wanted.sha256.is_none();
        let Self {
            wanted,
            archive,
            pieces,
            withheld,
            hasher,
            size,
        } = self;
        let runtime = archive.runtime.clone();
        let (started, limit) = (archive.started, archive.limit);
        let read = read_file(&mut *archive, limits, &wanted.path, whole, |chunk| {
            *size += chunk.len() as u64;
            hasher.update(chunk);
            // Of more than there is in the index nothing may go out, nor wait in memory.
            if *size > wanted.size {
                return Err(Stopped);
            }
            match withheld.replace(Bytes::copy_from_slice(chunk)) {
                None => Ok(()),
                Some(piece) => {
                    let until = started + allowed(*size, limit);
                    send(&runtime, until, pieces, Ok(piece))
                }
            }
        });
        let wrong = |what| Err(Some(not_as_published(&wanted.key, what)));
        match read {
            Ok(Some(_)) => {}
            Ok(None) => return wrong("a file is missing in it"),
            Err(BundleError::Stopped(_)) if *size > wanted.size => {
                return wrong("a file in it is too long");
            }
            Err(BundleError::Stopped(_)) => return Err(None),
            Err(error) => return Err(Some(archive.explain(error, &wanted.key))),
        }
        let hasher = std::mem::take(hasher);
        if *size != wanted.size
            || wanted
                .sha256
                .is_some_and(|digest| hasher.finish() != digest)
        {
            return wrong("a file in it differs");
        }
        if whole && std::mem::take(&mut archive.hasher).finish() != wanted.bundle_hash {
            return wrong("its digest differs");
        }
        Ok(())
    }
}

/// The bytes of a bundle, for a reader that blocks.
struct Archive {
    runtime: Handle,
    source: BoxStream<'static, Result<Bytes, StorageError>>,
    rest: Bytes,
    started: Instant,
    /// How long it may take.
    limit: Duration,
    hasher: Hasher,
    /// Why there are no more of them.
    failure: Option<RegistryError>,
}

impl Archive {
    /// Why the file could not be had.
    fn explain(&mut self, error: BundleError, key: &Key) -> RegistryError {
        if let Some(failure) = self.failure.take() {
            return failure;
        }
        tracing::error!(%key, error = %error, "a stored bundle is not the one that was published");
        RegistryError::internal(error)
    }
}

impl Read for Archive {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            let deadline = self.started + self.limit;
            let next = timeout_at(deadline, self.source.next());
            // An extraction must end even where the store gives all it has at once.
            let late = Instant::now() >= deadline;
            let failure = match self.runtime.block_on(next) {
                Ok(Some(Ok(piece))) if !late => {
                    self.hasher.update(&piece);
                    self.rest = piece;
                    continue;
                }
                Ok(None) => return Ok(0),
                Ok(Some(Err(error))) => error.into(),
                Ok(Some(Ok(_))) | Err(_) => busy(),
            };
            self.failure = Some(failure);
            return Err(io::ErrorKind::Other.into());
        }
        let length = buffer.len().min(self.rest.len());
        buffer[..length].copy_from_slice(&self.rest.split_to(length));
        Ok(length)
    }
}

/// How long after its start an extraction may still wait for its reader, of whose file `ready` bytes are
/// unpacked.
fn allowed(ready: u64, limit: Duration) -> Duration {
    limit.min(SMALL_LIMIT + Duration::from_secs(ready / SLOWEST))
}

/// Waits until the reader takes the piece, but not for ever.
fn send(
    runtime: &Handle,
    until: Instant,
    pieces: &mpsc::Sender<Result<Bytes, RegistryError>>,
    piece: Result<Bytes, RegistryError>,
) -> Result<(), Stopped> {
    let patience = until.min(Instant::now() + IDLE_LIMIT);
    match runtime.block_on(timeout_at(patience, pieces.send(piece))) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Stopped),
    }
}

fn busy() -> RegistryError {
    RegistryError::busy("Too many files are being unpacked, try again shortly")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn a_reader_has_the_longer_the_more_it_takes_within_bounds() {
        for (ready, seconds) in [(0, 30), (MIB, 46), (4 * MIB, 94), (50 * MIB, 300)] {
            assert_eq!(allowed(ready, LARGE_LIMIT).as_secs(), seconds, "{ready}");
        }
        assert_eq!(allowed(MIB, SMALL_LIMIT), SMALL_LIMIT);
    }
}
