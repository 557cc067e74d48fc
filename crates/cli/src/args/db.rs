//! The command line of `enact db`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::data::DataFolder;

/// `enact db`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact db status
  enact db migrate --data /var/lib/enact
  enact db import --from ./registry-data --dry-run

The database is the one that `enact serve` would use: PostgreSQL at DATABASE_URL if that is set, \
or else the SQLite file registry.db in the folder that --data names.")]
pub(crate) struct Db {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: OperateDb,
    /// Where the server keeps things.
    #[command(flatten)]
    pub(crate) data: DataFolder,
}

/// What to do with the database.
#[derive(Debug, Subcommand)]
pub(crate) enum OperateDb {
    /// Show which database it is, how old its schema is and what it holds; changes nothing
    #[command(after_help = "\
Examples:
  enact db status
  enact db status --json

Fails if `enact serve` could not start on the database: a newer enact made it, or another \
program.")]
    Status,
    /// Bring the schema up to date, as `enact serve` does at its start
    #[command(after_help = "\
Examples:
  enact db migrate

Does nothing if the schema is up to date. Several servers and this command may start at once: \
they wait for each other. Make a backup first: there is no way back to an older schema.")]
    Migrate,
    /// Take over the data folder of the existing self-hosted server
    Import(Import),
}

/// `enact db import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact db import --from ./registry-data --dry-run   Change nothing
  enact db import --from ./registry-data

Stop the existing server first. Its folder (registry.db and bundles) is only read. Every bundle \
is checked against its SHA-256 and by the rules of a publish, and stored where `enact serve` \
keeps bundles: the store of the R2_* variables, or else the folder `objects` in --data.

People, organisations with their members, versions with their times, downloads and yanks, and who \
can see what are kept. Downloads are kept as the total of each version, not by day. Attestations \
are not kept: that server takes them from anybody, unverified.

A copy of registry.db is made meanwhile, in --data or, for a dry run, in the system's folder for \
temporary files. It can be run again, also after Ctrl-C or a crash: what is there already is \
passed by and stays as it is here. A yank or downloads that the existing server had of it since \
are not added: so let that server rest from the first run on.

Exit codes:
  0 all of it is there, 1 it failed in the middle, 2 wrong usage, 3 some rows were refused (the
  table says why) and all others are there, 130 interrupted")]
pub(crate) struct Import {
    /// The data folder of the existing server
    #[arg(long, value_name = "DIR")]
    pub(crate) from: PathBuf,
    /// Check everything and report, but change nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
}
