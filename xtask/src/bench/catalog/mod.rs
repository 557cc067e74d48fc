//! How long reading and searching take in a large registry, on each database.
//!
//! A program of its own, `enact-seed`, fills the database, measures the transaction of a publish,
//! and shows how the database runs each statement of these routes; then the release build of
//! `enact serve` answers over HTTP.

mod connection;
mod drive;
mod table;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use enact_testkit::{EnactServer, Postgres};

use crate::workspace::{self, Profile};
use drive::{Request, drive};
use table::Row;

/// Requests a second, all routes together.
const RATE: u32 = 200;

/// How long the server is driven before it is measured, so that its caches are as they are later.
const WARM_UP: Duration = Duration::from_secs(10);

/// The databases that a catalog may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// Measures both databases, or SQLite alone where `PostgreSQL` is not installed. Fails if an aim is
/// missed or a statement scans a table.
///
/// Filling takes minutes: SQLite's database is left in `keep`, and taken from there the next time.
pub(crate) fn catalog(
    tools: u32,
    seconds: u32,
    keep: Option<&Path>,
    only: Option<Database>,
) -> Result<()> {
    workspace::build(Profile::Release, &["enact-cli", "enact-seed"])?;
    let enact = workspace::built(Profile::Release, "enact")?;
    let seed = workspace::built(Profile::Release, "enact-seed")?;
    let folder = tempfile::Builder::new().prefix("enact-bench-").tempdir()?;
    let measured = Duration::from_secs(seconds.into());

    // Both are filled before either is measured, so that a machine needs to be quiet only once.
    let kept = keep.unwrap_or(folder.path());
    let data = kept.join("sqlite");
    let workload = kept.join("workload");
    let mut of_sqlite = Vec::new();
    if only != Some(Database::Postgres) {
        if !workload.exists() {
            fs::create_dir_all(&data)?;
            let file = data.join("registry.db");
            fill(&seed, &file.display().to_string(), tools, &workload)?;
        }
        of_sqlite = read(&workload)?;
    }
    let mut of_postgres = None;
    if only != Some(Database::Sqlite) {
        if let Some(postgres) = Postgres::start()? {
            let workload = folder.path().join("workload-postgres");
            fill(&seed, &postgres.url, tools, &workload)?;
            of_postgres = Some((postgres, read(&workload)?));
        } else {
            println!("PostgreSQL is not measured: it is not installed");
        }
    }

    let mut rows = Vec::new();
    if !of_sqlite.is_empty() {
        println!("\nMeasuring SQLite …");
        rows.extend(measure(
            &enact, "sqlite", &data, None, &of_sqlite, measured,
        )?);
    }
    if let Some((postgres, requests)) = &of_postgres {
        println!("Measuring PostgreSQL …");
        let data = folder.path().join("postgres");
        let url = Some(postgres.url.clone());
        rows.extend(measure(&enact, "postgres", &data, url, requests, measured)?);
    }
    println!(
        "\n{RATE} requests a second for {seconds} s on each database; times from when a request was due\n"
    );
    table::print(&rows);
    let missed = rows.iter().filter(|row| !row.is_good()).count();
    ensure!(missed == 0, "{missed} aims were missed");
    Ok(())
}

/// Fills the database and writes the requests to make to `workload`.
fn fill(seed: &Path, database: &str, tools: u32, workload: &Path) -> Result<()> {
    println!("\nFilling {database} …");
    let status = Command::new(seed)
        .arg(database)
        .args(["--tools", &tools.to_string(), "--workload"])
        .arg(workload)
        .status()
        .with_context(|| format!("cannot start {}", seed.display()))?;
    ensure!(status.success(), "filling the database failed ({status})");
    Ok(())
}

fn read(workload: &Path) -> Result<Vec<Request>> {
    fs::read_to_string(workload)?
        .lines()
        .map(Request::parse)
        .collect()
}

fn measure(
    enact: &Path,
    database: &'static str,
    data: &Path,
    url: Option<String>,
    requests: &[Request],
    measured: Duration,
) -> Result<Vec<Row>> {
    let env = url.map(|url| ("DATABASE_URL", url));
    let server = EnactServer::start(enact, data, env)?;
    drive(&server.url, requests, RATE, WARM_UP)
        .and_then(|_| drive(&server.url, requests, RATE, measured))
        .map(|answers| table::rows(database, answers))
        .with_context(|| format!("the server wrote:\n{}", server.output()))
}
