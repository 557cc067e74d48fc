//! Which store the commands work on.

use std::path::{Path, PathBuf};

use enact_storage::config::vars;
use enact_storage::{StorageClient, StorageConfig, StorageError, StorageErrorKind};

use crate::exit::Failure;

/// Where `enact serve` keeps its data when nothing is said.
const DEFAULT_DATA: &str = "./enact-data";

/// The folder for bundles in the data folder, as `enact serve` has it.
const OBJECTS: &str = "objects";

/// What the command line and the environment say about the store.
#[derive(Debug)]
pub(super) enum Choice {
    /// The S3-compatible store of the environment.
    S3(Box<StorageConfig>),
    /// The local folder with the objects.
    Local {
        /// Where they are.
        folder: PathBuf,
        /// Why this one.
        origin: &'static str,
    },
    /// The environment's settings do not work.
    Broken(StorageError),
    /// Nothing says which store.
    None,
}

impl Choice {
    /// Chooses: `--data`, else the environment, which `var` reads, else the usual data folder if
    /// it is there.
    pub(super) fn new(data: Option<PathBuf>, var: impl Fn(&str) -> Option<String>) -> Self {
        if let Some(data) = data {
            return Self::local(&data, "--data");
        }
        match StorageConfig::from_vars(var) {
            Ok(Some(config)) => Self::S3(Box::new(config)),
            Err(error) => Self::Broken(error),
            // Not made where nobody asked for one.
            Ok(None) if Path::new(DEFAULT_DATA).is_dir() => Self::local(
                Path::new(DEFAULT_DATA),
                "default, and no R2_* variable is set",
            ),
            Ok(None) => Self::None,
        }
    }

    fn local(data: &Path, origin: &'static str) -> Self {
        let data = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
        Self::Local {
            folder: data.join(OBJECTS),
            origin,
        }
    }

    /// A client of a store that something may be in: a local folder is not made.
    pub(super) fn open_existing(&self) -> Result<StorageClient, Failure> {
        match self {
            Self::Local { folder, .. } if !folder.is_dir() => {
                let message = format!("there is no store at {}", folder.display());
                Err(Failure::new("NO_STORE", message)
                    .hint("is --data the folder that `enact serve` has? `enact storage init` makes a new one"))
            }
            _ => self.open(),
        }
    }

    /// A client of the store. A local folder is made if it is missing.
    pub(super) fn open(&self) -> Result<StorageClient, Failure> {
        match self {
            Self::S3(config) => StorageClient::new((**config).clone()).map_err(|e| failure(&e)),
            Self::Local { folder, .. } => {
                StorageClient::local(folder.clone()).map_err(|error| failure(&error))
            }
            Self::Broken(error) => Err(failure(error)),
            Self::None => Err(no_store()),
        }
    }
}

/// Nothing says which store.
pub(super) fn no_store() -> Failure {
    Failure::new(
        "MISSING_CREDENTIALS",
        format!(
            "Missing required storage credentials: no R2_* variable is set, and there is no {DEFAULT_DATA} here"
        ),
    )
    .hint(format!(
        "for an S3-compatible store: export {}=… {}=… {}=…",
        vars::ENDPOINT,
        vars::ACCESS_KEY_ID,
        vars::SECRET_ACCESS_KEY
    ))
    .hint("for a local folder: --data FOLDER, as given to `enact serve`")
}

/// What a storage error looks like to a person.
pub(super) fn failure(error: &StorageError) -> Failure {
    use StorageErrorKind as Kind;
    let failure = Failure::new(error.code().as_str(), error.to_string());
    match error.kind() {
        Kind::Unreachable | Kind::NotAllowed | Kind::WrongRegion | Kind::Other => {
            failure.hint("`enact storage doctor` finds out what is wrong")
        }
        Kind::BucketNotFound => failure.hint("`enact storage init` creates the bucket"),
        _ => failure,
    }
}
