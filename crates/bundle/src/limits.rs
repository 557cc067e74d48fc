//! How much a bundle may hold, counted the same way when it is packed and when it is read.

use enact_types::limits::{MAX_ENTRIES, MAX_UNPACKED_BYTES};

/// How much a bundle may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// All files and extension records together, unpacked, in bytes. Headers and padding come on
    /// top; `max_entries` bounds those.
    pub max_unpacked_bytes: u64,
    /// Files, folders (also those that only a file's path implies) and extension records together.
    pub max_entries: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_unpacked_bytes: MAX_UNPACKED_BYTES,
            max_entries: MAX_ENTRIES,
        }
    }
}

/// More than the [`Limits`] allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OverLimit {
    /// Too many entries.
    #[error("a bundle has at most {0} entries (files and folders)")]
    Entries(u64),
    /// Too many bytes.
    #[error("a bundle unpacks to at most {0} bytes")]
    Bytes(u64),
}

/// What is left of the [`Limits`].
pub(crate) struct Budget {
    limits: Limits,
    entries: u64,
    bytes: u64,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            entries: 0,
            bytes: 0,
        }
    }

    /// Takes one entry.
    pub(crate) fn entry(&mut self) -> Result<(), OverLimit> {
        if self.entries >= self.limits.max_entries {
            return Err(OverLimit::Entries(self.limits.max_entries));
        }
        self.entries += 1;
        Ok(())
    }

    /// Takes the bytes of a file or an extension record.
    pub(crate) fn bytes(&mut self, size: u64) -> Result<(), OverLimit> {
        match self.bytes.checked_add(size) {
            Some(bytes) if bytes <= self.limits.max_unpacked_bytes => self.bytes = bytes,
            _ => return Err(OverLimit::Bytes(self.limits.max_unpacked_bytes)),
        }
        Ok(())
    }
}
