//! What the file system's errors mean for an object.

use rustix::io::Errno;

use crate::error::{Fault, StorageErrorKind};

/// The fault of reading or removing an object.
pub(super) fn fault(doing: &str, error: Errno) -> Fault {
    let (kind, advice) = match error {
        Errno::NOENT => (StorageErrorKind::NotFound, ""),
        Errno::LOOP => (
            StorageErrorKind::NotAllowed,
            "; a symbolic link is in the way, and links are not followed",
        ),
        Errno::ACCESS | Errno::PERM => (
            StorageErrorKind::NotAllowed,
            "; check the owner and the mode of the storage folder",
        ),
        Errno::ROFS => (
            StorageErrorKind::NotAllowed,
            "; the file system is read-only",
        ),
        // A full disk is mended by the operator while callers wait.
        Errno::NOSPC | Errno::DQUOT => (
            StorageErrorKind::ServerError,
            "; free some space in the storage folder",
        ),
        Errno::MFILE | Errno::NFILE => (
            StorageErrorKind::ServerError,
            "; raise the limit of open files",
        ),
        Errno::IO => (StorageErrorKind::ServerError, "; the disk reports an error"),
        _ => (StorageErrorKind::Other, ""),
    };
    let message = format!("{doing}: {}{advice}", std::io::Error::from(error));
    Fault::new(kind, message).with_source(std::io::Error::from(error))
}

/// The fault of a standard library call.
pub(super) fn io_fault(doing: &str, error: std::io::Error) -> Fault {
    match Errno::from_io_error(&error) {
        Some(errno) => fault(doing, errno),
        None => Fault::new(StorageErrorKind::Other, format!("{doing}: {error}")).with_source(error),
    }
}

/// There is no object: the one fault that means absence.
pub(super) fn absent() -> Fault {
    Fault::new(StorageErrorKind::NotFound, "there is no such object")
}

/// A key and a folder of keys want the same name.
pub(super) fn collision(message: &str) -> Fault {
    Fault::new(
        StorageErrorKind::InvalidInput,
        format!("{message}; a folder cannot hold a file and a folder of one name"),
    )
}
