//! Why the data folder of the existing server cannot be read at all.

use std::io;
use std::path::PathBuf;

/// Why the data folder of the existing server cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// No such file.
    #[error("there is no database at {}", .0.display())]
    Missing(PathBuf),
    /// A folder, a pipe or the like.
    #[error("{} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// Larger than any that is copied.
    #[error("{} has more than {max} bytes, the most that is read", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit, in bytes.
        max: u64,
    },
    /// A process has it open.
    #[error("{} is in use by process {process}", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
        /// The id of the process; 0 if it is on another machine.
        process: i32,
    },
    /// It is not what it was when the copy began.
    #[error("{} changed while it was read", .0.display())]
    Changed(PathBuf),
    /// The system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as in "read".
        action: &'static str,
        /// What it was tried on.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Not a SQLite file.
    #[error("{} is not a SQLite database", .0.display())]
    NotSqlite(PathBuf),
    /// A SQLite file whose content is broken.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// Made by this program.
    #[error("the database was made by this program, not by the existing server")]
    Ours,
    /// Made by something else.
    #[error("the database is not one of the existing server: {0}")]
    Schema(String),
}

impl UpstreamError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing(_) => Some(
                "name the folder that the existing server was given with --data (./registry-data if \
                 none was); it holds registry.db and bundles",
            ),
            Self::InUse { .. } => Some(
                "stop the existing server first: what is published there from now on would be missing here",
            ),
            Self::Changed(_) => Some("stop whatever writes there, and run it again"),
            Self::Damaged(_) => Some(
                "copy the folder, and mend the copy with `sqlite3 registry.db .recover | sqlite3 new.db`",
            ),
            Self::Ours => Some(
                "another machine's registry of this program is moved by copying its data folder",
            ),
            _ => None,
        }
    }

    /// What the database library says. The text may quote the file, so it is bounded.
    pub(super) fn query(error: &sqlx::Error) -> Self {
        Self::Damaged(super::fields::shown(&error.to_string()))
    }
}
