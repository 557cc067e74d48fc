//! The database that the operator's commands work on.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use enact_catalog::{Database, SchemaState};
use enact_registry::{ErrorKind, OsRandom, Registry, RegistryError};
use enact_server::Catalog;
use enact_storage::StorageClient;
use enact_types::SystemClock;
use tempfile::TempDir;

use super::operator::operator;
use crate::exit::{Failure, chain};

/// Which database the commands work on: the one that `enact serve` would choose.
pub(super) struct Choice {
    pub(super) data: PathBuf,
    pub(super) catalog: Catalog,
}

impl Choice {
    pub(super) fn new(data: &Path, var: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let data = std::path::absolute(data)
            .map_err(|error| Failure::io("cannot use the data folder", &error))?;
        let catalog = Catalog::from_vars(var).map_err(|error| super::serve::invalid(&error))?;
        Ok(Self { data, catalog })
    }

    pub(super) fn database(&self) -> Database {
        self.catalog.database(&self.data)
    }

    /// Where it is, for people: without the password that a URL may hold.
    pub(super) fn shown(&self) -> String {
        match self.database() {
            Database::Sqlite(path) => format!("SQLite, {}", path.display()),
            Database::Postgres(url) => format!("PostgreSQL, {}", without_secrets(&url)),
        }
    }

    /// What to say when the database cannot be used.
    pub(super) fn failure(&self, error: &dyn Error) -> Failure {
        let failure = Failure::new("DATABASE_ERROR", chain(error));
        match self.catalog {
            Catalog::Sqlite => failure.hint(
                "is --data the folder that `enact serve` has, and can its registry.db be read and written?",
            ),
            Catalog::Postgres(_) => failure.hint(
                "check that the database of DATABASE_URL runs and can be reached with that name and password",
            ),
        }
    }

    /// What to say when a use case over the database alone did not do what it was asked.
    pub(super) fn refused(&self, error: &RegistryError) -> Failure {
        match error.kind() {
            ErrorKind::Conflict
            | ErrorKind::Forbidden
            | ErrorKind::NotFound
            | ErrorKind::OrgNotFound { .. }
            | ErrorKind::Invalid => Failure::new(error.kind().code().as_str(), error.to_string()),
            _ => self.failure(error),
        }
    }

    /// Runs a command on accounts or the audit log, beside the servers of this registry. Their database must be there
    /// and up to date: in one that was just made, in a folder that `enact serve` does not have, nobody
    /// would find the account; and servers of an older version may be running on an older one.
    pub(super) async fn with_accounts<T>(
        &self,
        command: impl AsyncFnOnce(&Registry) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let database = self.database();
        let status = enact_catalog::Catalog::status(&database)
            .await
            .map_err(|error| self.failure(&error))?;
        match status.state {
            SchemaState::Current => {}
            SchemaState::Missing | SchemaState::Empty => {
                let message = format!("there is no registry yet in {}", self.shown());
                return Err(Failure::new("NO_DATABASE", message).hint(
                    "start `enact serve`, or run `enact db migrate`, which makes it; if there should be \
                     one, name its folder with --data, or set DATABASE_URL",
                ));
            }
            SchemaState::Older | SchemaState::Newer | SchemaState::Foreign => {
                let message = format!("the schema of {} is not that of this enact", self.shown());
                return Err(Failure::new("DATABASE_ERROR", message)
                    .hint("`enact db status` says what to do"));
            }
        }
        let catalog = enact_catalog::Catalog::open_briefly(&database)
            .await
            .map_err(|error| self.failure(&error))?;
        let (registry, _scratch) = without_store(catalog, scratch()?)?;
        let registry = registry.operated_by(operator());
        let result = command(&registry).await;
        registry.close().await;
        result
    }
}

/// A registry over `catalog` that keeps everything else in a folder which goes with the second
/// value: for commands that have nothing to do with the bundles of this registry.
pub(super) fn without_store(
    catalog: enact_catalog::Catalog,
    scratch: TempDir,
) -> Result<(Registry, TempDir), Failure> {
    let cannot = |error: &dyn Error| Failure::io("cannot use a temporary folder", error);
    let storage = StorageClient::local(scratch.path().join("objects"));
    let registry = Registry::new(
        catalog,
        storage.map_err(|error| cannot(&error))?,
        &scratch.path().join("spool"),
        Arc::new(SystemClock),
        Arc::new(OsRandom),
    );
    Ok((registry.map_err(|error| cannot(&error))?, scratch))
}

/// A folder for [`without_store`].
pub(super) fn scratch() -> Result<TempDir, Failure> {
    TempDir::with_prefix("enact-")
        .map_err(|error| Failure::io("cannot make a temporary folder", &error))
}

/// A variable of the environment, if it says something.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Host, port and database of a URL.
fn without_secrets(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(url) => {
            let port = url
                .port()
                .map_or_else(String::new, |port| format!(":{port}"));
            let host = url.host_str().unwrap_or_default();
            format!("{host}{port}{}", url.path())
        }
        Err(_) => "DATABASE_URL".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        for (url, shown) in [
            (
                "postgres://me:secret@db.example:5433/enact?x=secret",
                "db.example:5433/enact",
            ),
            ("postgres:///enact?host=/run&password=secret", "/enact"),
            ("nothing secret", "DATABASE_URL"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }
}
