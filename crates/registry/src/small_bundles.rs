//! Small bundles that were handed out lately, so that those that everybody fetches are not read and
//! hashed again each time. Only bytes that had the digest they are kept under come in, so nothing
//! here can be out of date; who may have them is decided anew for every request.

use bytes::Bytes;
use enact_types::Digest;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// The largest bundle that is kept, in bytes: one that takes longer to find than to send.
const MAX_BUNDLE: u64 = 64 * 1024;

/// All that are kept together, in bytes.
const CAPACITY: u64 = 16 * 1024 * 1024;

/// What an entry takes besides its bytes, about; so that tiny ones are bounded too.
const OVERHEAD: u64 = 256;

/// See the module.
pub(crate) struct SmallBundles(Cache<Digest, Bytes, Size>);

#[derive(Clone)]
struct Size;

impl Weighter<Digest, Bytes> for Size {
    fn weight(&self, _: &Digest, bytes: &Bytes) -> u64 {
        bytes.len() as u64 + OVERHEAD
    }
}

impl Default for SmallBundles {
    fn default() -> Self {
        let average = 4 * 1024;
        let entries = usize::try_from(CAPACITY / average).unwrap_or_default();
        Self(Cache::with_weighter(entries, CAPACITY, Size))
    }
}

impl SmallBundles {
    pub(crate) fn get(&self, digest: &Digest) -> Option<Bytes> {
        self.0.get(digest)
    }

    /// Room for a bundle that is to be kept; `None` for one that is too large.
    pub(crate) fn room(size: u64) -> Option<Vec<u8>> {
        let size = usize::try_from(size).ok()?;
        (size as u64 <= MAX_BUNDLE).then(|| Vec::with_capacity(size))
    }

    /// Keeps a bundle, which has the digest.
    pub(crate) fn keep(&self, digest: Digest, bundle: Vec<u8>) {
        self.0.insert(digest, bundle.into());
    }
}
