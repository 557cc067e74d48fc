//! A private copy of the database, so that the original is never opened by SQLite, which would
//! write log files beside it.

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{self, Read as _, Seek as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::process::{Flock, FlockOffsetType, FlockType, fcntl_getlk};

use super::UpstreamError;

/// The largest file that is copied, in bytes: 64 GiB. The database holds texts alone.
const MAX_BYTES: u64 = 64 << 30;

/// What every SQLite file starts with (<https://www.sqlite.org/fileformat.html#magic_header_string>).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The bytes that SQLite locks: whoever has a database open in WAL mode holds a shared lock in
/// there (<https://www.sqlite.org/src/file/src/os.h>: `PENDING_BYTE`, and 510 bytes of `SHARED_FIRST`).
const LOCKED: (u64, u64) = (0x4000_0000, 512);

/// The files that together are a database: the log holds what is not in the main file yet.
const PARTS: [&str; 3] = ["", "-wal", "-journal"];

/// Copies the database at `from` to `to`, with its log. Fails if somebody has it open or writes to
/// it meanwhile.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), UpstreamError> {
    // The log stands beside the file that a link leads to.
    let real = std::fs::canonicalize(from).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => UpstreamError::Missing(from.to_owned()),
        _ => failed("open", from)(error),
    })?;
    let mut opened = Vec::new();
    for part in PARTS {
        let path = with(&real, part);
        match open(&path)? {
            Some((file, metadata)) => opened.push((path, with(to, part), file, metadata)),
            None if part.is_empty() => return Err(UpstreamError::Missing(path)),
            None => {}
        }
    }
    let Some((_, _, main, _)) = opened.first_mut() else {
        return Err(UpstreamError::Missing(real));
    };
    check_magic(&real, main)?;
    check_unused(&real, main)?;
    for (path, to, file, metadata) in &mut opened {
        let mut copy = File::create_new(&*to).map_err(failed("write", to))?;
        let expected = metadata.len();
        let copied = io::copy(&mut file.take(expected), &mut copy).map_err(failed("copy", path))?;
        if copied != expected {
            return Err(UpstreamError::Changed(path.clone()));
        }
    }
    // Nobody had it open at the start and nothing changed until now, so the parts fit together.
    for part in PARTS {
        let path = with(&real, part);
        let before = opened.iter().find(|(opened, ..)| *opened == path);
        let now = std::fs::metadata(&path).ok();
        if before.map(|(.., metadata)| stamp(metadata)) != now.as_ref().map(stamp) {
            return Err(UpstreamError::Changed(path));
        }
    }
    if let Some((_, _, main, _)) = opened.first() {
        check_unused(&real, main)?;
    }
    Ok(())
}

/// Opens a regular file; `None` if there is nothing. Never waits for the other end of a pipe.
fn open(path: &Path) -> Result<Option<(File, Metadata)>, UpstreamError> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(fd) => File::from(fd),
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        Err(error) => return Err(failed("open", path)(error.into())),
    };
    let metadata = file.metadata().map_err(failed("read", path))?;
    if !metadata.is_file() {
        return Err(UpstreamError::NotAFile(path.to_owned()));
    }
    if metadata.len() > MAX_BYTES {
        return Err(UpstreamError::TooLarge {
            path: path.to_owned(),
            max: MAX_BYTES,
        });
    }
    Ok(Some((file, metadata)))
}

fn check_magic(path: &Path, file: &mut File) -> Result<(), UpstreamError> {
    let mut start = [0; 16];
    match file.read_exact(&mut start) {
        Ok(()) if start == *MAGIC => {}
        Ok(()) => return Err(UpstreamError::NotSqlite(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(UpstreamError::NotSqlite(path.to_owned()));
        }
        Err(error) => return Err(failed("read", path)(error)),
    }
    file.rewind().map_err(failed("read", path))
}

/// Asks, without taking a lock, whether some process has one.
fn check_unused(path: &Path, file: &File) -> Result<(), UpstreamError> {
    let (start, length) = LOCKED;
    let wanted = Flock {
        start,
        length,
        pid: None,
        typ: FlockType::WriteLock,
        offset_type: FlockOffsetType::Set,
    };
    match fcntl_getlk(file, &wanted) {
        Ok(None) => Ok(()),
        Ok(Some(held)) => Err(UpstreamError::InUse {
            path: path.to_owned(),
            process: held.pid.map_or(0, |pid| pid.as_raw_nonzero().get()),
        }),
        Err(error) => Err(failed("look for locks on", path)(error.into())),
    }
}

/// What changes when a file is written to or replaced.
fn stamp(metadata: &Metadata) -> (u64, u64, u64, i64, i64) {
    (
        metadata.dev(),
        metadata.ino(),
        metadata.len(),
        metadata.mtime(),
        metadata.mtime_nsec(),
    )
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> UpstreamError {
    let path = path.to_owned();
    move |source| UpstreamError::Io {
        action,
        path,
        source,
    }
}
