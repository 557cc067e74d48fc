//! `enact db`: operates the database that holds the metadata.

mod import;
mod migrate;
mod status;

use std::path::{Path, PathBuf};

use enact_catalog::{CatalogError, Database};
use enact_server::Catalog;

use crate::args::{Db, OperateDb};
use crate::exit::{Failure, chain};
use crate::printer::Printer;

/// Which database the commands work on: the one that `enact serve` would choose.
struct Choice {
    data: PathBuf,
    catalog: Catalog,
}

impl Choice {
    fn new(data: &Path, var: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let data = std::path::absolute(data)
            .map_err(|error| Failure::io("cannot use the data folder", &error))?;
        let catalog = Catalog::from_vars(var).map_err(|error| super::serve::invalid(&error))?;
        Ok(Self { data, catalog })
    }

    fn database(&self) -> Database {
        self.catalog.database(&self.data)
    }

    /// Where it is, for people: without the password that a URL may hold.
    fn shown(&self) -> String {
        match self.database() {
            Database::Sqlite(path) => format!("SQLite, {}", path.display()),
            Database::Postgres(url) => format!("PostgreSQL, {}", without_secrets(&url)),
        }
    }

    /// What to say when the database cannot be used.
    fn failure(&self, error: &CatalogError) -> Failure {
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

/// Runs the command.
pub(super) fn run(args: Db, printer: &Printer) -> Result<(), Failure> {
    let Db { command, data } = args;
    let choice = Choice::new(&data, |name| std::env::var(name).ok())?;
    // Several threads: reading a bundle and writing to the database must not hold each other up.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("cannot start", &error))?;
    runtime.block_on(async {
        match command {
            OperateDb::Status => super::or_ctrl_c(status::run(&choice, printer)).await,
            OperateDb::Migrate => super::or_ctrl_c(migrate::run(&choice, printer)).await,
            OperateDb::Import(args) => import::run(args, &choice, printer).await,
        }
    })
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
