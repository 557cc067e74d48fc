//! The unpacked bytes of an archive, and whose fault it is when there are none.

use std::io::{self, BufRead as _, BufReader, Cursor, Read};

use flate2::bufread::GzDecoder;

use crate::error::BundleError;
use crate::header::BLOCK;

/// The first two bytes of gzip data (RFC 1952, section 2.3.1).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The most members that the gzip data may have. Tools that write several, so as to pack in parallel
/// or to seek, begin one per 64 KiB: the largest bundle needs half as many. An empty one is 20 bytes
/// that yield nothing, so neither the unpacked bytes nor the padding would bound their number.
pub(crate) const MAX_GZIP_MEMBERS: u32 = 16_384;

/// How much packed data is read at a time, in bytes.
const INPUT_BYTES: usize = 32 * 1024;

type Input<R> = io::Chain<Cursor<Vec<u8>>, BufReader<Watched<R>>>;

/// Unpacks gzip data of one or several members.
pub(crate) struct Source<R> {
    /// The member that is being unpacked; `None` after the last one.
    member: Option<GzDecoder<Input<R>>>,
    /// How many were begun.
    members: u32,
    offset: u64,
}

impl<R: Read> Source<R> {
    /// Starts to unpack; fails if `archive` does not start like gzip data.
    pub(crate) fn new(archive: R) -> Result<Self, BundleError> {
        let archive = Watched {
            inner: archive,
            failed: false,
        };
        let mut archive = BufReader::with_capacity(INPUT_BYTES, archive);
        let mut magic = Vec::with_capacity(GZIP_MAGIC.len());
        archive
            .by_ref()
            .take(GZIP_MAGIC.len() as u64)
            .read_to_end(&mut magic)
            .map_err(BundleError::Read)?;
        if magic != GZIP_MAGIC {
            return Err(BundleError::NotGzip);
        }
        let input = Cursor::new(magic).chain(archive);
        Ok(Self {
            member: Some(GzDecoder::new(input)),
            members: 1,
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
            let Some(member) = &mut self.member else {
                break;
            };
            match member.read(&mut buffer[filled..]) {
                Ok(0) => self.next_member()?,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(explain(error, member.get_ref())),
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

    /// Goes on to the next member, if anything follows the one that ended. Whether that is a member
    /// shows when it is read.
    fn next_member(&mut self) -> Result<(), BundleError> {
        let Some(ended) = self.member.take() else {
            return Ok(());
        };
        let mut input = ended.into_inner();
        let at_end = loop {
            match input.fill_buf() {
                Ok(rest) => break rest.is_empty(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(BundleError::Read(error)),
            }
        };
        if at_end {
            return Ok(());
        }
        if self.members == MAX_GZIP_MEMBERS {
            return Err(BundleError::GzipMembers);
        }
        self.members += 1;
        self.member = Some(GzDecoder::new(input));
        Ok(())
    }
}

/// Tells a source that failed from data that is bad.
fn explain<R>(error: io::Error, input: &Input<R>) -> BundleError {
    if input.get_ref().1.get_ref().failed {
        BundleError::Read(error)
    } else if error.kind() == io::ErrorKind::UnexpectedEof {
        BundleError::GzipCutOff
    } else {
        BundleError::GzipDamaged(error.to_string())
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
