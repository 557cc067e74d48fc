//! Writing a bundle: the same files give the same bytes on every machine.

use std::fs::File;
use std::io::{self, Read, Write};

use enact_types::limits::MAX_BUNDLE_BYTES;
use enact_types::{Digest, Hasher};
use flate2::{Compression, GzBuilder};
use tar::{EntryType, Header};

use crate::error::{PackError, Stopped};
use crate::files::PackFile;
use crate::folder::SkillFolder;
use crate::header::{BLOCK, padding};
use crate::limits::{Budget, OverLimit};
use crate::path::quote;
use crate::pax;

/// The time of every file: 2000-01-01T00:00:00Z. Any fixed time would do; zip cannot express one
/// before 1980, and `tar` warns about 1970.
const MTIME: u64 = 946_684_800;

/// The gzip header's "unknown" operating system (RFC 1952, section 2.3.1).
const OS_UNKNOWN: u8 = 255;

/// What [`SkillFolder::pack`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// The digest of the bundle.
    pub hash: Digest,
    /// The size of the bundle, in bytes.
    pub size: u64,
    /// The sizes of all packed files together, in bytes.
    pub unpacked_bytes: u64,
}

impl SkillFolder {
    /// Writes the bundle to `out`, reading each file as it goes.
    ///
    /// Sorted entries, fixed times and owners, and one compressor, written in Rust, at one level: the
    /// same files give the same bytes on every machine.
    /// Fails if a file's size changed since the folder was read, or the bundle gets larger than the
    /// registry takes; what was written by then is to be thrown away.
    pub fn pack(&self, out: impl Write) -> Result<Packed, PackError> {
        self.pack_watched(out, |_| Ok(()))
    }

    /// Like [`SkillFolder::pack`], and tells `watch` of every piece of a file, at most 64 KiB, how
    /// many bytes it has. Fails with [`PackError::Stopped`] when `watch` fails.
    pub fn pack_watched(
        &self,
        out: impl Write,
        mut watch: impl FnMut(u64) -> Result<(), Stopped>,
    ) -> Result<Packed, PackError> {
        let out = Measured {
            inner: out,
            hasher: Hasher::default(),
            size: 0,
        };
        let mut gzip = GzBuilder::new()
            .mtime(0)
            .operating_system(OS_UNKNOWN)
            .write(out, Compression::default());
        for file in &self.files {
            write_file(&mut gzip, file, &mut watch)?;
            if gzip.get_ref().size > MAX_BUNDLE_BYTES {
                return Err(PackError::BundleTooLarge);
            }
        }
        let end = [0; 2 * BLOCK];
        gzip.write_all(&end).map_err(PackError::Write)?;
        let mut out = gzip.finish().map_err(PackError::Write)?;
        out.flush().map_err(PackError::Write)?;
        if out.size > MAX_BUNDLE_BYTES {
            return Err(PackError::BundleTooLarge);
        }
        Ok(Packed {
            hash: out.hasher.finish(),
            size: out.size,
            unpacked_bytes: self.unpacked_bytes(),
        })
    }

    /// The sizes of all files together, in bytes.
    pub fn unpacked_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}

/// Takes what [`write_file`] will write from `budget`.
pub(crate) fn charge(path: &str, size: u64, budget: &mut Budget) -> Result<(), OverLimit> {
    if ustar_name(path).is_none() {
        budget.entry()?;
        budget.bytes(pax::path_record(path).len() as u64)?;
    }
    budget.entry()?;
    budget.bytes(size)
}

fn write_file(
    out: &mut impl Write,
    file: &PackFile,
    watch: &mut impl FnMut(u64) -> Result<(), Stopped>,
) -> Result<(), PackError> {
    let mode = if file.executable { 0o755 } else { 0o644 };
    let (prefix, name) = if let Some(split) = ustar_name(&file.path) {
        split
    } else {
        let record = pax::path_record(&file.path);
        let size = record.len() as u64;
        let header = header(EntryType::XHeader, ("", "PaxHeaders/path"), size, 0o644);
        out.write_all(header.as_bytes())
            .and_then(|()| out.write_all(record.as_bytes()))
            .and_then(|()| pad(out, size))
            .map_err(PackError::Write)?;
        // For readers that know no pax; all others take the path from the record above.
        ("", "long-or-unicode-path")
    };
    let header = header(EntryType::Regular, (prefix, name), file.size, mode);
    out.write_all(header.as_bytes()).map_err(PackError::Write)?;
    write_content(out, file, watch)?;
    pad(out, file.size).map_err(PackError::Write)
}

fn header(kind: EntryType, (prefix, name): (&str, &str), size: u64, mode: u32) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(mode);
    header.set_mtime(MTIME);
    header.set_uid(0);
    header.set_gid(0);
    if let Some(ustar) = header.as_ustar_mut() {
        ustar.prefix[..prefix.len()].copy_from_slice(prefix.as_bytes());
        ustar.name[..name.len()].copy_from_slice(name.as_bytes());
    }
    header.set_cksum();
    header
}

/// Splits a path into the prefix and the name of a ustar header; `None` if it does not fit, or is
/// not ASCII, which readers take for one encoding or another.
fn ustar_name(path: &str) -> Option<(&str, &str)> {
    const NAME: usize = 100;
    const PREFIX: usize = 155;
    if !path.is_ascii() {
        return None;
    }
    if path.len() <= NAME {
        return Some(("", path));
    }
    let slash = path[..path.len().min(PREFIX + 1)].rfind('/')?;
    let (prefix, name) = (&path[..slash], &path[slash + 1..]);
    (name.len() <= NAME).then_some((prefix, name))
}

/// Copies exactly the bytes that the header promises.
fn write_content(
    out: &mut impl Write,
    file: &PackFile,
    watch: &mut impl FnMut(u64) -> Result<(), Stopped>,
) -> Result<(), PackError> {
    let read_error = |source| PackError::Read {
        path: file.source.clone(),
        source,
    };
    let changed = || PackError::Changed(quote(file.path.as_bytes()));
    let mut source = File::open(&file.source).map_err(read_error)?;
    let mut chunk = vec![0; 64 * 1024].into_boxed_slice();
    let mut left = file.size;
    loop {
        let read = fill(&mut source, &mut chunk).map_err(read_error)?;
        if read == 0 {
            break;
        }
        left = left.checked_sub(read as u64).ok_or_else(changed)?;
        out.write_all(&chunk[..read]).map_err(PackError::Write)?;
        watch(read as u64)?;
    }
    if left > 0 {
        return Err(changed());
    }
    Ok(())
}

/// Reads until `chunk` is full or the source ends, so that the compressor gets the same pieces
/// whatever a file system gives at a time.
fn fill(source: &mut impl Read, chunk: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < chunk.len() {
        match source.read(&mut chunk[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Fills the last block of `size` bytes.
fn pad(out: &mut impl Write, size: u64) -> io::Result<()> {
    out.write_all(&[0; BLOCK][..padding(size)])
}

/// Hashes and counts what is written.
struct Measured<W> {
    inner: W,
    hasher: Hasher,
    size: u64,
}

impl<W: Write> Write for Measured<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
