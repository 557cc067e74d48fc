//! Reading the database of the existing self-hosted server, to take it over.
//!
//! Nothing in it is trusted: it is read from a private copy, every text has a bound that holds
//! before the text is loaded, and every value is parsed into a type of this project or refused with
//! a reason. Rows are read one at a time, so memory stays flat whatever the size.

mod copy;
mod error;
mod fields;
mod rows;
mod schema;

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Row as _, SqliteConnection};

pub use error::UpstreamError;
pub use rows::{UpstreamOrg, UpstreamVersion};

use crate::ImportedProfile;

/// The name of the database in the data folder of the existing server.
pub const DATABASE: &str = "registry.db";

/// Stands before the first row of every table.
pub const BEFORE_THE_FIRST: i64 = i64::MIN;

/// A row that cannot be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What it is, as far as it can be told, like `alice/greeter@1.0.0`; bounded in length.
    pub what: String,
    /// Which rule it breaks, and what mends it where that is known.
    pub reason: String,
}

/// A row, read and parsed, and where it stands.
#[derive(Debug)]
pub struct Numbered<T> {
    /// Give this to read the next one.
    pub row: i64,
    /// The row, or why it is refused.
    pub content: Result<T, Refused>,
}

/// The private copy of the database, open.
#[derive(Debug)]
pub struct Upstream {
    connection: SqliteConnection,
}

/// How much there is to take over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Versions of tools.
    pub versions: u64,
    /// Attestations.
    pub attestations: u64,
}

impl Upstream {
    /// Copies the database in the data folder `folder` to the empty folder `scratch`, which the
    /// caller keeps and removes, and opens the copy. The original is read and nothing else: SQLite
    /// never opens it, so not even its log files change.
    ///
    /// Fails if a process has it open, if it changes meanwhile, if it is damaged, and if it is not
    /// of the existing server.
    pub async fn open(folder: &Path, scratch: &Path) -> Result<Self, UpstreamError> {
        let (from, to) = (folder.join(DATABASE), scratch.join(DATABASE));
        let copied = tokio::task::spawn_blocking({
            let to = to.clone();
            move || copy::copy(&from, &to)
        });
        copied
            .await
            .map_err(|error| UpstreamError::query(&sqlx::Error::Io(error.into())))??;
        let mut connection = SqliteConnectOptions::new()
            .filename(&to)
            // Views and defaults of the file must not call functions.
            .pragma("trusted_schema", "OFF")
            .pragma("cell_size_check", "ON")
            // Else it would hold as many rows, each with megabytes of text.
            .row_buffer_size(1)
            .connect()
            .await
            .map_err(|error| UpstreamError::query(&error))?;
        schema::check(&mut connection).await?;
        Ok(Self { connection })
    }

    /// How much there is.
    pub async fn totals(&mut self) -> Result<Totals, UpstreamError> {
        Ok(Totals {
            versions: self.count("SELECT COUNT(*) FROM tool_versions").await?,
            attestations: self.count("SELECT COUNT(*) FROM attestations").await?,
        })
    }

    async fn count(&mut self, query: &'static str) -> Result<u64, UpstreamError> {
        let row = sqlx::query(query).fetch_one(&mut self.connection).await;
        let count = row.and_then(|row| row.try_get::<i64, _>(0));
        let count = count.map_err(|error| UpstreamError::query(&error))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The first person after row `after`.
    pub async fn profile(
        &mut self,
        after: i64,
    ) -> Result<Option<Numbered<ImportedProfile>>, UpstreamError> {
        let found = fields::next(&mut self.connection, &rows::PROFILE, after).await?;
        Ok(found.map(|(row, fields)| Numbered {
            row,
            content: rows::profile(&fields),
        }))
    }

    /// The first organisation after row `after`, with its members.
    pub async fn org(
        &mut self,
        after: i64,
    ) -> Result<Option<Numbered<UpstreamOrg>>, UpstreamError> {
        let Some((row, fields)) = fields::next(&mut self.connection, &rows::ORG, after).await?
        else {
            return Ok(None);
        };
        let mut content = rows::org(&fields);
        if let Ok(org) = &mut content {
            let mut after = BEFORE_THE_FIRST;
            while org.members.len() + org.refused.len() < rows::MAX_MEMBERS {
                let table = rows::MEMBER.of(row);
                let Some((row, fields)) = fields::next(&mut self.connection, &table, after).await?
                else {
                    break;
                };
                match rows::member(&org.org.name, &fields) {
                    Ok(member) => org.members.push(member),
                    Err(refused) => org.refused.push(refused),
                }
                after = row;
            }
            if org.members.len() + org.refused.len() == rows::MAX_MEMBERS {
                content = Err(Refused {
                    what: format!("@{}", org.org.name),
                    reason: format!("it has {} members or more", rows::MAX_MEMBERS),
                });
            }
        }
        Ok(Some(Numbered { row, content }))
    }

    /// The first version after row `after`, which is in the order of publishing.
    pub async fn version(
        &mut self,
        after: i64,
    ) -> Result<Option<Numbered<UpstreamVersion>>, UpstreamError> {
        let found = fields::next(&mut self.connection, &rows::VERSION, after).await?;
        Ok(found.map(|(row, fields)| Numbered {
            row,
            content: rows::version(&fields),
        }))
    }

    /// Closes the copy.
    pub async fn close(self) {
        // It was read and goes now: an error has nothing to tell.
        let _ = self.connection.close().await;
    }
}
