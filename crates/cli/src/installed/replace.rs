//! Files that others read at any time, and that come with a project from a stranger.

use std::fs::{self, Metadata, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
use std::path::Path;

use crate::private::FILE_MODE;
use crate::regular_file;

/// What is wrong with a file in which [`has_conflict`] finds one.
pub(super) const CONFLICT: &str = "it has the marks of a merge conflict";

/// Whether a version control system left the two sides of a merge in a text for somebody to choose from.
pub(super) fn has_conflict(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n');
    lines.any(|line| line.starts_with(b"<<<<<<< "))
}

/// The content of the file at `path`; `None` if there is no such file. Answers what is wrong with it.
///
/// A project may come from a stranger, so its files are not to be links: following one would copy what
/// it points to into the project or write there, and replacing it would be a surprise.
pub(crate) fn read(path: &Path, max_bytes: u64) -> Result<Option<Vec<u8>>, String> {
    let read = read_described(path, max_bytes)?;
    Ok(read.map(|(text, _)| text))
}

/// As [`read`], and answers whose file it was and who may write it.
pub(crate) fn read_described(
    path: &Path,
    max_bytes: u64,
) -> Result<Option<(Vec<u8>, Metadata)>, String> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
        Ok(metadata) if metadata.is_symlink() => {
            return Err("it is a symbolic link; it should be the file itself".to_owned());
        }
        Ok(metadata) if !metadata.is_file() => return Err("it is not a file".to_owned()),
        Ok(_) => {}
    }
    let text_of = |error: io::Error| error.to_string();
    let file = regular_file::open(path).map_err(text_of)?;
    let metadata = file.metadata().map_err(text_of)?;
    let mut text = Vec::new();
    file.take(max_bytes + 1)
        .read_to_end(&mut text)
        .map_err(text_of)?;
    if text.len() as u64 > max_bytes {
        return Err(format!("it has more than {max_bytes} bytes"));
    }
    Ok(Some((text, metadata)))
}

/// Writes beside `path` and renames, so that a reader sees the old file or the new one. It may be read
/// and written by whoever could do that with the old one, as far as this user can say so.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Like any new file; less what the umask takes.
    let mode = 0o666;
    let old = fs::symlink_metadata(path).ok();
    let old = old.filter(Metadata::is_file);
    write(path, bytes, mode, old)
}

/// As [`replace`], but only its user can read and write the file, whoever could before.
pub(crate) fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes, FILE_MODE, None)
}

fn write(path: &Path, bytes: &[u8], mode: u32, old: Option<Metadata>) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".enact-").suffix(".tmp");
    builder.permissions(Permissions::from_mode(mode));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Some(old) = old {
        // Root alone can, as in a container that works in somebody's project.
        let _ = fchown(file.as_file(), Some(old.uid()), Some(old.gid()));
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
