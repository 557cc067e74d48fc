//! Reading local objects.

use std::ops::Range;
use std::os::fd::OwnedFd;

use bytes::Bytes;
use enact_types::Timestamp;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::attributes::Attributes;
use super::blocking;
use super::errors::{absent, fault};
use super::root::Root;
use crate::Key;
use crate::backend::Opened;
use crate::error::{Fault, StorageErrorKind};
use crate::types::{ByteRange, ObjectMetadata};

/// What one read takes at most, and so the largest piece of a download.
const CHUNK: u64 = 64 * 1024;

/// Opens an object and reads its first piece, so that a small one costs a single trip to the
/// thread that may block.
pub(super) fn open(root: &Root, key: &Key, range: Option<ByteRange>) -> Result<Opened, Fault> {
    let (file, stat) = open_file(root, key)?;
    let metadata = metadata_of(&file, &stat);
    let range = match range {
        None => 0..metadata.size,
        Some(range) => range.resolve(metadata.size).ok_or_else(|| {
            Fault::new(
                StorageErrorKind::RangeNotSatisfiable,
                format!(
                    "the object has {} bytes, none of them in the range",
                    metadata.size
                ),
            )
        })?,
    };
    let stream = if range.is_empty() {
        stream::empty().boxed()
    } else {
        let first = read(&file, &range)?;
        let rest = range.start + first.len() as u64..range.end;
        stream::iter([Ok(first)]).chain(pieces(file, rest)).boxed()
    };
    Ok(Opened {
        metadata,
        range,
        stream,
    })
}

/// What is known of an object.
pub(super) fn metadata(root: &Root, key: &Key) -> Result<ObjectMetadata, Fault> {
    let (file, stat) = open_file(root, key)?;
    Ok(metadata_of(&file, &stat))
}

pub(super) fn open_file(root: &Root, key: &Key) -> Result<(OwnedFd, Stat), Fault> {
    let (folder, name) = root.find(key)?;
    // NONBLOCK: opening a pipe that somebody put here must not wait for its other end.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file =
        rustix::fs::openat(&folder, name, flags, Mode::empty()).map_err(|error| match error {
            Errno::NOENT => absent(),
            error => fault("opening the object", error),
        })?;
    let stat = rustix::fs::fstat(&file).map_err(|error| fault("looking at the object", error))?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok((file, stat)),
        // A folder of other keys, or something that is not ours.
        _ => Err(absent()),
    }
}

/// Deletes an object. Gives whether one was there.
pub(super) fn delete(root: &Root, key: &Key) -> Result<(), Fault> {
    let (folder, name) = match root.find(key) {
        Ok(found) => found,
        Err(fault) if fault.kind == StorageErrorKind::NotFound => return Ok(()),
        Err(fault) => return Err(fault),
    };
    match rustix::fs::unlinkat(&folder, name, AtFlags::empty()) {
        Ok(()) => rustix::fs::fsync(&folder)
            .map_err(|error| fault("flushing the object's folder to disk", error)),
        Err(Errno::NOENT) => Ok(()),
        // Linux says EISDIR, POSIX says EPERM.
        Err(error @ (Errno::ISDIR | Errno::PERM)) => {
            match rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => Ok(()),
                _ => Err(fault("deleting the object", error)),
            }
        }
        Err(error) => Err(fault("deleting the object", error)),
    }
}

/// Opaque, and different for every object that is written: a new file has its own number and time.
pub(super) fn etag(stat: &Stat) -> String {
    format!(
        "\"{:x}-{:x}.{:x}-{:x}\"",
        stat.st_ino, stat.st_mtime, stat.st_mtime_nsec, stat.st_size
    )
}

pub(super) fn modified(stat: &Stat) -> Option<Timestamp> {
    let nanos = i64::try_from(stat.st_mtime_nsec).ok()?;
    let millis = stat
        .st_mtime
        .checked_mul(1000)?
        .checked_add(nanos / 1_000_000)?;
    Timestamp::from_millis(millis)
}

fn metadata_of(file: &OwnedFd, stat: &Stat) -> ObjectMetadata {
    let attributes = Attributes::read_from(file);
    ObjectMetadata {
        size: u64::try_from(stat.st_size).unwrap_or_default(),
        content_type: attributes.content_type,
        etag: Some(etag(stat)),
        last_modified: modified(stat),
        metadata: attributes.metadata,
    }
}

fn pieces(file: OwnedFd, range: Range<u64>) -> BoxStream<'static, Result<Bytes, Fault>> {
    stream::try_unfold((file, range), |(file, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        blocking(move || {
            let bytes = read(&file, &range)?;
            let rest = range.start + bytes.len() as u64..range.end;
            Ok(Some((bytes, (file, rest))))
        })
        .await
    })
    .boxed()
}

/// Reads the first piece of a range that is not empty.
fn read(file: &OwnedFd, range: &Range<u64>) -> Result<Bytes, Fault> {
    let wanted = CHUNK.min(range.end - range.start);
    let mut buffer = Vec::with_capacity(usize::try_from(wanted).unwrap_or_default());
    loop {
        let spare = rustix::buffer::spare_capacity(&mut buffer);
        match rustix::io::pread(file, spare, range.start) {
            Ok(0) => {
                return Err(Fault::new(
                    StorageErrorKind::Integrity,
                    "the object's file became shorter while it was read",
                ));
            }
            Ok(_) => return Ok(buffer.into()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(fault("reading the object", error)),
        }
    }
}
