//! Development tasks: `cargo xtask help` lists them.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a development tool talks to the terminal it was started in"
)]

mod bench;
mod demo;
mod schemathesis;
mod services;
mod store;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::store::Store;

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    about = "Development tasks of the Enact registry"
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build `enact`, start a registry, publish every example skill, install them, compare them.
    Demo {
        /// Where the registry keeps the bundles.
        #[arg(long, value_enum, default_value_t = Store::Folder)]
        store: Store,
    },
    /// Run a `MinIO` with an empty bucket until Ctrl-C; installs it with `go install` if needed.
    Minio {
        /// Listen on this port, for example 9000; without it the system chooses.
        #[arg(long, default_value_t = 0, hide_default_value = true)]
        port: u16,
        /// Only install it, and say where it is.
        #[arg(long)]
        install: bool,
    },
    /// Run a `PostgreSQL` with an empty database until Ctrl-C.
    Postgres,
    /// Install the existing client, version 2.3.8, for the tests that run it (Linux; needs npm).
    OfficialClient,
    /// Check a running server against its own description (needs Python 3).
    Schemathesis,
    /// Measure the server or the storage client.
    #[command(subcommand)]
    Bench(Bench),
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// How much memory publishing and downloading bundles of the largest size takes (Linux).
    Memory,
    /// How fast the storage client is and how much memory it takes, beside the AWS SDK for
    /// JavaScript and rclone, against `MinIO` on this machine (Linux).
    Storage {
        /// How often everything is measured; the figures are medians.
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
        rounds: u16,
        /// Keep `MinIO`'s data on disk. By default it is in memory where there is a `/dev/shm`, so
        /// that the clients are measured and not the disk.
        #[arg(long)]
        on_disk: bool,
    },
    /// How many downloads a second the server gives, beside nginx with the same bytes in files (Linux;
    /// needs nginx and wrk).
    Serve {
        /// How often everything is measured; the figures are medians.
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=100))]
        rounds: u16,
    },
    /// How long 50 skills of 100 KiB take to install from a server on this machine, with nothing
    /// cached and with everything, beside the existing client.
    Install {
        /// How often everything is measured; the figures are medians.
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
        rounds: u16,
        /// Measure this program. By default the release build, which is made first.
        #[arg(long)]
        binary: Option<PathBuf>,
        /// Install to the disk. By default it is to memory where there is a `/dev/shm`, so that the
        /// clients are measured and not the file system.
        #[arg(long)]
        on_disk: bool,
    },
    /// How long reading and searching take beside 100,000 tools with 500,000 versions, at 200
    /// requests a second, on SQLite and on `PostgreSQL`.
    Catalog {
        /// How many tools to make; five times as many versions.
        #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
        tools: u32,
        /// How long to measure, in seconds.
        #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
        seconds: u32,
        /// Keep SQLite's filled database in this folder, and measure the one that is there.
        #[arg(long)]
        keep: Option<PathBuf>,
        /// Measure one of the two alone.
        #[arg(long)]
        only: Option<bench::Database>,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Demo { store } => demo::run(store),
        Task::Minio { install: true, .. } => services::install_minio(),
        Task::Minio { port, .. } => services::minio(port),
        Task::Postgres => services::postgres(),
        Task::OfficialClient => services::install_official_client(),
        Task::Schemathesis => schemathesis::run(),
        Task::Bench(Bench::Memory) => bench::memory(),
        Task::Bench(Bench::Storage { rounds, on_disk }) => bench::storage(rounds, on_disk),
        Task::Bench(Bench::Serve { rounds }) => bench::serve(rounds),
        Task::Bench(Bench::Install {
            rounds,
            binary,
            on_disk,
        }) => bench::install(rounds, binary, on_disk),
        Task::Bench(Bench::Catalog {
            tools,
            seconds,
            keep,
            only,
        }) => bench::catalog(tools, seconds, keep.as_deref(), only),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
