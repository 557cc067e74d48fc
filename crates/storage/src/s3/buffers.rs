//! The memory of uploads: a bound for all of them together, and buffers that are used again.
//!
//! Used again, because an allocator that frees and allocates blocks of this size in several threads
//! keeps about as much again for itself as is in use.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::source::PART;
use crate::error::{Fault, StorageErrorKind};

/// What one permit for memory stands for.
pub(super) const UNIT: usize = 64 * 1024;

/// The buffers of all uploads of one client. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Buffers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    permits: Arc<Semaphore>,
    parts: Mutex<Parts>,
}

#[derive(Debug, Default)]
struct Parts {
    idle: Vec<Vec<u8>>,
    in_use: usize,
}

/// Room for one part.
#[derive(Debug)]
pub(super) struct Buffer {
    pub(super) bytes: Vec<u8>,
    /// Whose it is.
    buffers: Buffers,
    /// Given back with the memory and not before.
    _permit: OwnedSemaphorePermit,
}

/// Bytes of another size, and the right to have them in memory.
struct Permitted {
    bytes: Vec<u8>,
    _permit: OwnedSemaphorePermit,
}

impl Buffers {
    /// At most `bytes` bytes at a time.
    pub(super) fn new(bytes: usize) -> Self {
        let units = (bytes / UNIT).min(Semaphore::MAX_PERMITS);
        Self(Arc::new(Inner {
            permits: Arc::new(Semaphore::new(units)),
            parts: Mutex::default(),
        }))
    }

    /// Waits for the right to have `bytes` in memory.
    async fn acquire(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Fault> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        Arc::clone(&self.0.permits)
            .acquire_many_owned(units)
            .await
            .map_err(|error| Fault::new(StorageErrorKind::Other, error.to_string()))
    }

    /// Waits for room for one part. What is in the buffer is left of its last use.
    pub(super) async fn part(&self) -> Result<Buffer, Fault> {
        Ok(self.buffer(self.acquire(PART).await?))
    }

    /// Waits for room for two parts. Both at once: uploads that each held one and waited for the
    /// second would wait for each other.
    pub(super) async fn two_parts(&self) -> Result<[Buffer; 2], Fault> {
        let mut first = self.acquire(2 * PART).await?;
        let second = first.split(PART / UNIT).ok_or_else(|| {
            Fault::new(StorageErrorKind::Other, "the memory of two parts is less")
        })?;
        Ok([self.buffer(first), self.buffer(second)])
    }

    fn buffer(&self, permit: OwnedSemaphorePermit) -> Buffer {
        let mut parts = self.0.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.in_use += 1;
        Buffer {
            bytes: parts.idle.pop().unwrap_or_default(),
            buffers: self.clone(),
            _permit: permit,
        }
    }

    /// Waits for the right to have `length` bytes, reads them with `read`, and ties both together.
    pub(super) async fn read<R>(&self, length: usize, read: R) -> Result<Bytes, Fault>
    where
        R: AsyncFnOnce(Vec<u8>) -> Result<Vec<u8>, Fault>,
    {
        let permit = self.acquire(length).await?;
        Ok(Bytes::from_owner(Permitted {
            bytes: read(vec![0; length]).await?,
            _permit: permit,
        }))
    }
}

impl Buffer {
    /// What was put into it. The buffer goes back once nobody has these bytes any more.
    pub(super) fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl AsRef<[u8]> for Permitted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let inner = &self.buffers.0;
        let mut parts = inner.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.in_use -= 1;
        parts.idle.push(std::mem::take(&mut self.bytes));
        if parts.in_use == 0 {
            // Nobody uploads: a server keeps no memory for the next time.
            parts.idle = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn memory_is_bounded_and_used_again() {
        let buffers = Buffers::new(3 * PART);
        let [mut first, second] = buffers.two_parts().await.unwrap();
        first.bytes.extend_from_slice(b"first");
        let at = first.bytes.as_ptr();
        let third = buffers.part().await.unwrap();
        assert!(buffers.part().now_or_never().is_none(), "there are three");

        let bytes = first.freeze();
        let copy = bytes.slice(1..);
        drop(bytes);
        assert!(buffers.part().now_or_never().is_none(), "it is still read");
        assert_eq!(copy, "irst");
        drop(copy);
        let again = buffers.part().now_or_never().unwrap().unwrap();
        assert_eq!(again.bytes.as_ptr(), at);

        drop([second, third, again]);
        let parts = buffers.0.parts.lock().unwrap();
        assert_eq!((parts.in_use, parts.idle.len()), (0, 0));
    }
}
