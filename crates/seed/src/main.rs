//! Fills a database for `cargo xtask bench catalog`, which builds and runs this. It says what it
//! does on its standard output.

#![expect(
    clippy::print_stdout,
    reason = "a development tool talks to the terminal it was started in"
)]

mod plan;
mod publish;
mod random;
mod statements;
mod tools;
mod vocabulary;
mod workload;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use enact_catalog::{Catalog, SearchQuery, Sees};
use enact_types::{Timestamp, ToolName};
use sqlx::{AnyConnection, Connection as _};

use crate::plan::{plan, scans};
use crate::statements::{Statements, is_setting};
use crate::tools::Generator;

/// Tools written in one transaction.
const AT_ONCE: usize = 2_048;

/// People who have published nothing.
const PROFILES: usize = 1_000;

#[derive(Debug, Parser)]
struct Arguments {
    /// A SQLite file that does not exist yet, or the URL of an empty `PostgreSQL` database.
    database: String,
    /// How many tools to make; five times as many versions.
    #[arg(long)]
    tools: usize,
    /// Where to write the requests.
    #[arg(long)]
    workload: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let statements = Statements::listen()?;
    let postgres = arguments.database.starts_with("postgres");
    let (catalog, url) = if postgres {
        let url = arguments.database.clone();
        (Catalog::connect_postgres(&url).await?, url)
    } else {
        let path = PathBuf::from(&arguments.database);
        let url = format!("sqlite://{}", arguments.database);
        (Catalog::open_sqlite(&path).await?, url)
    };
    let generator = Generator::new(arguments.tools);
    let now = Timestamp::from_millis(1_764_000_000_000).context("a time")?;
    // A table of one row is read whole, and rightly.
    for n in 0..PROFILES {
        let name = format!("user-{n}");
        catalog.ensure_profile(&name, &name, now).await?;
    }
    let owner = catalog.ensure_profile("admin", "bench-admin", now).await?;
    let owner = owner.context("nobody else has the name")?;

    let start = Instant::now();
    let mut versions = 0;
    for first in (0..arguments.tools).step_by(AT_ONCE) {
        let last = arguments.tools.min(first + AT_ONCE);
        let tools = (first..last)
            .map(|number| generator.tool(number))
            .collect::<Result<Vec<_>>>()?;
        versions += tools.iter().map(|tool| tool.versions.len()).sum::<usize>();
        catalog.seed(&owner, &tools, now).await?;
    }
    let seconds = start.elapsed().as_secs();
    println!(
        "{} tools, {versions} versions in {seconds} s",
        arguments.tools
    );

    let mut took = publish::publish_large(&catalog, &owner, &generator, now).await?;
    took.sort();
    println!(
        "commit of a version with 1 MiB of SKILL.md: median {} ms, slowest {} ms of {}",
        took[took.len() / 2].as_millis(),
        took[took.len() - 1].as_millis(),
        took.len()
    );
    std::fs::write(
        &arguments.workload,
        workload::workload(&generator, arguments.tools)?,
    )?;

    let mut database = AnyConnection::connect(&url).await?;
    // As the server's own maintenance does when it finds the time.
    let tidy = if postgres {
        "VACUUM ANALYZE"
    } else {
        "PRAGMA wal_checkpoint(TRUNCATE)"
    };
    sqlx::raw_sql(tidy).execute(&mut database).await?;
    if postgres {
        // A table that is empty here is read whole, which is cheapest; like this, one is read whole
        // only where no index helps.
        sqlx::raw_sql("SET enable_seqscan = off")
            .execute(&mut database)
            .await?;
    }
    statements.take();
    let name = generator.tool(0)?.name;
    read(&catalog, &name).await?;
    let mut scanning = 0;
    let used: BTreeSet<_> = statements.take().into_iter().map(|(sql, _)| sql).collect();
    for statement in used.iter().filter(|statement| !is_setting(statement)) {
        let plan = plan(&mut database, statement).await?;
        println!("\n{statement}\n  {}", plan.replace('\n', "\n  "));
        scanning += usize::from(scans(&plan));
    }
    println!("\nstatements that scan a table: {scanning}");
    database.close().await?;
    catalog.close().await;
    ensure!(scanning == 0, "{scanning} statements scan a table");
    Ok(())
}

/// What the four routes read.
async fn read(catalog: &Catalog, name: &ToolName) -> Result<()> {
    let tool = catalog.tool_with_versions(name, Sees::NotPrivate).await?;
    let tool = tool.context("the first tool")?;
    let version = &tool.versions.first().context("its version")?.version;
    for version in [Some(version), None] {
        let described = catalog.describe(name, Sees::NotPrivate, version).await?;
        described.context("a version that is described")?;
        let resolved = catalog.resolve(name, Sees::NotPrivate, version).await?;
        resolved.context("a version")?;
    }
    let tags = ["data".to_owned()];
    for (text, tags, author) in [
        ("", &[][..], None),
        ("data", &tags[..], Some("alice")),
        ("d", &[], None),
        ("data tool", &[], None),
        ("databasse", &[], None),
    ] {
        let query = SearchQuery {
            text,
            tags,
            author,
            limit: 100,
            offset: 0,
        };
        catalog.search(&query).await?;
    }
    Ok(())
}
