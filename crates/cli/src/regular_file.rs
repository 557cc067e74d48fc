//! Opening what is to be a file, in folders that somebody else may write to.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;

/// Opens the regular file at `path` to read it. Fails with `InvalidInput` if it is anything else: a link
/// could lead anywhere, and opening a pipe waits until somebody writes to it.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW;
    let mut options = File::options();
    let options = options.read(true).custom_flags(flags.bits().cast_signed());
    let other = || io::Error::new(io::ErrorKind::InvalidInput, "not a regular file");
    let file = options.open(path).map_err(|error| {
        let is_link = error.raw_os_error() == Some(Errno::LOOP.raw_os_error());
        if is_link { other() } else { error }
    })?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(other())
}
