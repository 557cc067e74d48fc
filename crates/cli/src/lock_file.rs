//! Locks between the processes of a user.
//!
//! A lock is on a file of its own, which stays: what it is about is replaced by each change, and were
//! the lock file removed, one process could lock the file that is gone and another a new one. It ends
//! when its process does, however that is.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::exit::Failure;
use crate::private::FILE_MODE;

/// How long to wait between two tries.
const PAUSE: Duration = Duration::from_millis(20);

/// A file that is to be locked.
#[derive(Debug)]
pub(crate) struct LockFile {
    path: PathBuf,
    file: File,
}

/// What holds others off until it is dropped; nothing does on a file system without locks.
#[derive(Debug)]
#[must_use]
pub(crate) struct Held {
    _file: File,
}

impl LockFile {
    /// Makes the file if it is not there; its folder is.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let mut options = File::options();
        // The content does not matter, and is left alone.
        options.create(true).write(true).truncate(false);
        // Whoever can open it can keep its user waiting.
        options.mode(FILE_MODE);
        let file = options.open(path).map_err(|error| failure(path, &error))?;
        let path = path.to_owned();
        Ok(Self { path, file })
    }

    /// Locks it, waiting for others as long as `patience`, in which nothing else happens.
    pub(crate) fn lock(self, patience: Duration) -> Result<Held, Failure> {
        for _ in 0..tries(patience) {
            if self.try_lock()? {
                return Ok(self.held());
            }
            thread::sleep(PAUSE);
        }
        Err(self.busy())
    }

    /// As [`lock`](Self::lock), and Ctrl-C gets through meanwhile.
    pub(crate) async fn lock_interruptibly(self, patience: Duration) -> Result<Held, Failure> {
        for _ in 0..tries(patience) {
            if self.try_lock()? {
                return Ok(self.held());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(self.busy())
    }

    /// Whether nobody else holds it now. A file system without locks never keeps anybody waiting.
    fn try_lock(&self) -> Result<bool, Failure> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                Ok(true)
            }
            Err(TryLockError::Error(error)) => Err(failure(&self.path, &error)),
        }
    }

    fn held(self) -> Held {
        Held { _file: self.file }
    }

    fn busy(&self) -> Failure {
        let message = format!("another process keeps {} locked", self.path.display());
        Failure::new("LOCKED", message)
    }
}

fn tries(patience: Duration) -> u128 {
    (patience.as_millis() / PAUSE.as_millis()).max(1)
}

fn failure(path: &Path, error: &io::Error) -> Failure {
    Failure::io(format!("cannot lock {}", path.display()), error)
}
