//! Where the bytes of an upload come from, and what they may take in memory while they are there.

use std::fs::File;
use std::io;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Fault, StorageErrorKind};
use crate::local::source_failed;
use crate::types::Body;

/// The size of every part but the last. R2 wants them equal; S3 wants at least 5 MiB.
pub(super) const PART: usize = 8 * 1024 * 1024;

/// What is sent in one request; above it, in parts.
pub(super) const SINGLE: usize = 2 * PART;

/// What one permit for memory stands for.
pub(super) const UNIT: usize = 64 * 1024;

/// With less memory than this for all uploads, none could be sent in one request.
pub(super) const MIN_BUFFER_BYTES: usize = SINGLE;

/// So much each upload may have without asking, so that small ones never wait for large ones.
const FREE: usize = 256 * 1024;

/// Bytes that are ready to be sent, and the right to have them in memory.
pub(super) struct Part {
    pub(super) bytes: Bytes,
    pub(super) permit: Option<OwnedSemaphorePermit>,
}

/// What an upload turned out to be.
pub(super) enum Source {
    /// At most [`SINGLE`] bytes, in one or more pieces.
    Small(Vec<Bytes>, Option<OwnedSemaphorePermit>),
    /// More than that.
    Large(Parts),
}

/// The parts of a large upload, first to last.
pub(super) enum Parts {
    Bytes(Bytes),
    File {
        file: Arc<File>,
        offset: u64,
        size: u64,
        buffers: Arc<Semaphore>,
    },
    Stream {
        ready: Vec<Part>,
        tail: Tail,
        buffers: Arc<Semaphore>,
    },
}

/// What is left of a stream.
pub(super) struct Tail {
    stream: BoxStream<'static, io::Result<Bytes>>,
    carry: Bytes,
}

impl Source {
    pub(super) async fn new(body: Body, buffers: &Arc<Semaphore>) -> Result<Self, Fault> {
        match body {
            // The caller's memory, not ours.
            Body::Bytes(bytes) if bytes.len() <= SINGLE => Ok(Self::Small(vec![bytes], None)),
            Body::Bytes(bytes) => Ok(Self::Large(Parts::Bytes(bytes))),
            Body::File(file) => Self::of_file(file, buffers).await,
            Body::Stream(stream) => Self::of_stream(stream, buffers).await,
        }
    }

    async fn of_file(file: File, buffers: &Arc<Semaphore>) -> Result<Self, Fault> {
        let metadata = file.metadata().map_err(source_failed)?;
        if !metadata.is_file() {
            return Err(Fault::new(
                StorageErrorKind::InvalidInput,
                "what is to be uploaded is not a regular file; pass it as a stream",
            ));
        }
        let (file, size) = (Arc::new(file), metadata.len());
        let Some(small) = usize::try_from(size).ok().filter(|size| *size <= SINGLE) else {
            return Ok(Self::Large(Parts::File {
                file,
                offset: 0,
                size,
                buffers: Arc::clone(buffers),
            }));
        };
        let permit = match small {
            0..=FREE => None,
            _ => Some(acquire(buffers, small).await?),
        };
        let bytes = read_at(file, 0, small).await?;
        Ok(Self::Small(vec![bytes], permit))
    }

    async fn of_stream(
        stream: BoxStream<'static, io::Result<Bytes>>,
        buffers: &Arc<Semaphore>,
    ) -> Result<Self, Fault> {
        let mut tail = Tail {
            // Asked again after its end, which not every stream puts up with.
            stream: stream.fuse().boxed(),
            carry: Bytes::new(),
        };
        let mut first = BytesMut::new();
        tail.fill(&mut first, FREE).await?;
        if !tail.has_more().await? {
            return Ok(Self::Small(vec![first.freeze()], None));
        }
        // Both parts at once: uploads that each held one and waited for the second would wait for
        // each other.
        let mut permit = acquire(buffers, SINGLE).await?;
        let mut whole = BytesMut::with_capacity(PART);
        whole.extend_from_slice(&first);
        drop(first);
        tail.fill(&mut whole, PART).await?;
        let mut second = BytesMut::with_capacity(PART);
        tail.fill(&mut second, PART).await?;
        let (first, second) = (whole.freeze(), second.freeze());
        if !tail.has_more().await? {
            return Ok(Self::Small(vec![first, second], Some(permit)));
        }
        let half = permit.split(PART / UNIT);
        let ready = vec![
            Part {
                bytes: second,
                permit: half,
            },
            Part {
                bytes: first,
                permit: Some(permit),
            },
        ];
        Ok(Self::Large(Parts::Stream {
            ready,
            tail,
            buffers: Arc::clone(buffers),
        }))
    }
}

impl Parts {
    /// The next part: [`PART`] bytes, or fewer if it is the last.
    pub(super) async fn next(&mut self) -> Result<Option<Part>, Fault> {
        match self {
            Self::Bytes(bytes) if bytes.is_empty() => Ok(None),
            Self::Bytes(bytes) => Ok(Some(Part {
                bytes: bytes.split_to(bytes.len().min(PART)),
                permit: None,
            })),
            Self::File {
                file,
                offset,
                size,
                buffers,
            } => {
                let left = usize::try_from(*size - *offset).unwrap_or(usize::MAX);
                if left == 0 {
                    return Ok(None);
                }
                let permit = acquire(buffers, PART).await?;
                let bytes = read_at(Arc::clone(file), *offset, left.min(PART)).await?;
                *offset += bytes.len() as u64;
                Ok(Some(Part {
                    bytes,
                    permit: Some(permit),
                }))
            }
            Self::Stream {
                ready,
                tail,
                buffers,
            } => {
                if let Some(part) = ready.pop() {
                    return Ok(Some(part));
                }
                if !tail.has_more().await? {
                    return Ok(None);
                }
                let permit = acquire(buffers, PART).await?;
                let mut bytes = BytesMut::with_capacity(PART);
                tail.fill(&mut bytes, PART).await?;
                Ok(Some(Part {
                    bytes: bytes.freeze(),
                    permit: Some(permit),
                }))
            }
        }
    }
}

impl Tail {
    /// Copies from the stream until `bytes` has `length` bytes or the stream ends. Copied, because
    /// a small piece may keep a large allocation alive.
    async fn fill(&mut self, bytes: &mut BytesMut, length: usize) -> Result<(), Fault> {
        while bytes.len() < length && self.has_more().await? {
            let taken = self.carry.len().min(length - bytes.len());
            bytes.extend_from_slice(&self.carry.split_to(taken));
        }
        Ok(())
    }

    async fn has_more(&mut self) -> Result<bool, Fault> {
        while self.carry.is_empty() {
            match self.stream.try_next().await.map_err(source_failed)? {
                Some(bytes) => self.carry = bytes,
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}

/// Waits for the right to have `bytes` in memory.
async fn acquire(buffers: &Arc<Semaphore>, bytes: usize) -> Result<OwnedSemaphorePermit, Fault> {
    let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
    Arc::clone(buffers)
        .acquire_many_owned(units)
        .await
        .map_err(|error| Fault::new(StorageErrorKind::Other, error.to_string()))
}

/// Reads exactly `length` bytes of a file.
async fn read_at(file: Arc<File>, offset: u64, length: usize) -> Result<Bytes, Fault> {
    use std::os::unix::fs::FileExt as _;
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, offset)?;
        Ok(bytes.into())
    });
    match read.await {
        Ok(result) => result.map_err(source_failed),
        Err(error) => Err(Fault::new(StorageErrorKind::Other, error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_stream_is_not_asked_again_after_its_end() {
        for pieces in [0, 1, 5, 33] {
            // `unfold` panics if it is.
            let stream = stream::unfold(0, move |index| async move {
                let piece = Bytes::from(vec![0; SINGLE / 32]);
                (index < pieces).then_some((Ok(piece), index + 1))
            });
            let buffers = Arc::new(Semaphore::new(MIN_BUFFER_BYTES / UNIT));
            let source = Source::new(Body::Stream(stream.boxed()), &buffers).await;
            let is_large = matches!(source.unwrap(), Source::Large(_));
            assert_eq!(is_large, pieces > 32, "{pieces}");
        }
    }
}
