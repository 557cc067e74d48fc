//! Where the bytes of an upload come from, and what they may take in memory while they are there.

use std::fs::File;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::buffers::{Buffer, Buffers};
use crate::error::{Fault, StorageErrorKind};
use crate::local::source_failed;
use crate::types::Body;

/// The size of every part but the last. R2 wants them equal; S3 wants at least 5 MiB.
pub(super) const PART: usize = 8 * 1024 * 1024;

/// What is sent in one request; above it, in parts.
pub(super) const SINGLE: usize = 2 * PART;

/// With less memory than this for all uploads, none could be sent in one request.
pub(super) const MIN_BUFFER_BYTES: usize = SINGLE;

/// So much each upload may have without asking, so that small ones never wait for large ones.
const FREE: usize = 256 * 1024;

/// What an upload turned out to be.
pub(super) enum Source {
    /// At most [`SINGLE`] bytes, in one or more pieces.
    Small(Vec<Bytes>),
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
        buffers: Buffers,
    },
    Stream {
        ready: Vec<Bytes>,
        tail: Tail,
        buffers: Buffers,
    },
}

/// What is left of a stream.
pub(super) struct Tail {
    stream: BoxStream<'static, io::Result<Bytes>>,
    carry: Bytes,
}

impl Source {
    pub(super) async fn new(body: Body, buffers: &Buffers) -> Result<Self, Fault> {
        match body {
            // The caller's memory, not ours.
            Body::Bytes(bytes) if bytes.len() <= SINGLE => Ok(Self::Small(vec![bytes])),
            Body::Bytes(bytes) => Ok(Self::Large(Parts::Bytes(bytes))),
            Body::File(file) => Self::of_file(file, buffers).await,
            Body::Stream(stream) => Self::of_stream(stream, buffers).await,
        }
    }

    async fn of_file(file: File, buffers: &Buffers) -> Result<Self, Fault> {
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
                buffers: buffers.clone(),
            }));
        };
        let pieces = match small {
            0..=FREE => vec![read_at(file, 0, vec![0; small]).await?.into()],
            _ if small < PART => {
                let read = async |bytes| read_at(file, 0, bytes).await;
                vec![buffers.read(small, read).await?]
            }
            _ => {
                let [first, second] = buffers.two_parts().await?;
                let first = read_part(Arc::clone(&file), 0, PART, first).await?;
                vec![
                    first,
                    read_part(file, PART as u64, small - PART, second).await?,
                ]
            }
        };
        Ok(Self::Small(pieces))
    }

    async fn of_stream(
        stream: BoxStream<'static, io::Result<Bytes>>,
        buffers: &Buffers,
    ) -> Result<Self, Fault> {
        let mut tail = Tail {
            // Asked again after its end, which not every stream puts up with.
            stream: stream.fuse().boxed(),
            carry: Bytes::new(),
        };
        let mut start = Vec::new();
        tail.fill(&mut start, FREE).await?;
        if !tail.has_more().await? {
            return Ok(Self::Small(vec![start.into()]));
        }
        let [mut first, mut second] = buffers.two_parts().await?;
        first.bytes.clear();
        first.bytes.reserve_exact(PART);
        first.bytes.append(&mut start);
        tail.fill(&mut first.bytes, PART).await?;
        tail.fill_part(&mut second).await?;
        let (first, second) = (first.freeze(), second.freeze());
        if !tail.has_more().await? {
            return Ok(Self::Small(vec![first, second]));
        }
        let ready = vec![second, first];
        Ok(Self::Large(Parts::Stream {
            ready,
            tail,
            buffers: buffers.clone(),
        }))
    }
}

impl Parts {
    /// The next part: [`PART`] bytes, or fewer if it is the last.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        match self {
            Self::Bytes(bytes) if bytes.is_empty() => Ok(None),
            Self::Bytes(bytes) => Ok(Some(bytes.split_to(bytes.len().min(PART)))),
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
                let buffer = buffers.part().await?;
                let bytes = read_part(Arc::clone(file), *offset, left.min(PART), buffer).await?;
                *offset += bytes.len() as u64;
                Ok(Some(bytes))
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
                let mut buffer = buffers.part().await?;
                tail.fill_part(&mut buffer).await?;
                Ok(Some(buffer.freeze()))
            }
        }
    }
}

impl Tail {
    /// Copies from the stream until `bytes` has `length` bytes or the stream ends. Copied, because
    /// a small piece may keep a large allocation alive.
    async fn fill(&mut self, bytes: &mut Vec<u8>, length: usize) -> Result<(), Fault> {
        while bytes.len() < length && self.has_more().await? {
            let taken = self.carry.len().min(length - bytes.len());
            bytes.extend_from_slice(&self.carry.split_to(taken));
        }
        Ok(())
    }

    /// Fills a buffer with the next part.
    async fn fill_part(&mut self, buffer: &mut Buffer) -> Result<(), Fault> {
        buffer.bytes.clear();
        // Else it would grow step by step to more than a part.
        buffer.bytes.reserve_exact(PART);
        self.fill(&mut buffer.bytes, PART).await
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

/// Reads a part of a file into a buffer.
async fn read_part(
    file: Arc<File>,
    offset: u64,
    length: usize,
    mut buffer: Buffer,
) -> Result<Bytes, Fault> {
    // A buffer that was used before has its length already, so that nothing is zeroed.
    buffer.bytes.resize(length, 0);
    let bytes = std::mem::take(&mut buffer.bytes);
    buffer.bytes = read_at(file, offset, bytes).await?;
    Ok(buffer.freeze())
}

/// Fills `bytes` from a file.
async fn read_at(file: Arc<File>, offset: u64, mut bytes: Vec<u8>) -> Result<Vec<u8>, Fault> {
    use std::os::unix::fs::FileExt as _;
    let read = tokio::task::spawn_blocking(move || {
        file.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
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
            let buffers = Buffers::new(MIN_BUFFER_BYTES);
            let source = Source::new(Body::Stream(stream.boxed()), &buffers).await;
            let is_large = matches!(source.unwrap(), Source::Large(_));
            assert_eq!(is_large, pieces > 32, "{pieces}");
        }
    }
}
