//! The unpacked bytes of an archive, and whose fault it is when there are none.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use crate::error::BundleError;
use crate::header::BLOCK;

/// The first two bytes of gzip data (RFC 1952, section 2.3.1).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Unpacks gzip data of one or several members.
pub(crate) struct Source<R> {
    gzip: MultiGzDecoder<io::Chain<io::Cursor<Vec<u8>>, Watched<R>>>,
    offset: u64,
}

impl<R: Read> Source<R> {
    /// Starts to unpack; fails if `archive` does not start like gzip data.
    pub(crate) fn new(archive: R) -> Result<Self, BundleError> {
        let mut archive = Watched {
            inner: archive,
            failed: false,
        };
        let mut magic = Vec::with_capacity(GZIP_MAGIC.len());
        archive
            .by_ref()
            .take(GZIP_MAGIC.len() as u64)
            .read_to_end(&mut magic)
            .map_err(BundleError::Read)?;
        if magic != GZIP_MAGIC {
            return Err(BundleError::NotGzip);
        }
        let input = io::Cursor::new(magic).chain(archive);
        Ok(Self {
            gzip: MultiGzDecoder::new(input),
            offset: 0,
        })
    }

    /// How many unpacked bytes were read so far.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Reads up to `buffer.len()` unpacked bytes, and fewer only at the end.
    pub(crate) fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, BundleError> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.gzip.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.explain(error)),
            }
        }
        self.offset += filled as u64;
        Ok(filled)
    }

    /// Reads one block; `None` if there is no whole one.
    pub(crate) fn block(&mut self) -> Result<Option<[u8; BLOCK]>, BundleError> {
        let mut block = [0; BLOCK];
        Ok((self.fill(&mut block)? == BLOCK).then_some(block))
    }

    fn explain(&self, error: io::Error) -> BundleError {
        if self.gzip.get_ref().get_ref().1.failed {
            BundleError::Read(error)
        } else if error.kind() == io::ErrorKind::UnexpectedEof {
            BundleError::GzipCutOff
        } else {
            BundleError::GzipDamaged(error.to_string())
        }
    }
}

/// Remembers that reading failed, which the errors of the decoder do not tell from bad data.
struct Watched<R> {
    inner: R,
    failed: bool,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.inner.read(buffer);
        if let Err(error) = &result {
            self.failed |= error.kind() != io::ErrorKind::Interrupted;
        }
        result
    }
}
