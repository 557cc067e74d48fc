//! Services for people: a `MinIO` or a `PostgreSQL` that runs until Ctrl-C.
//!
//! Ctrl-C ends this program without further ado; the testkit's watchdogs then stop the service and
//! remove its data.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context as _, Result, bail};
use enact_testkit::{Postgres, S3, cache_dir, find_minio, find_official_client, in_path, s3_env};

/// How `MinIO` is installed: its makers publish no binaries any more.
const MINIO: &str = "github.com/minio/minio@latest";

/// Runs a `MinIO` until Ctrl-C, on `port` or, if that is 0, on one that the system chooses.
pub(crate) fn minio(port: u16) -> Result<()> {
    let program = find_or_install_minio()?;
    let minio = S3::minio_at(&program, port)?;
    println!("MinIO listens on {}. For `enact serve`:\n", minio.endpoint);
    for (name, value) in s3_env(&minio) {
        println!("export {name}={value}");
    }
    until_interrupted()
}

/// Installs `MinIO` if it is nowhere, and prints where it is.
pub(crate) fn install_minio() -> Result<()> {
    println!("{}", find_or_install_minio()?.display());
    Ok(())
}

/// The existing client, at the version whose behaviour the API's contract was taken from.
const OFFICIAL_CLIENT: &str = "@enactprotocol/enact-linux-x64@2.3.8";

/// Installs the existing client if it is nowhere, and prints where it is.
pub(crate) fn install_official_client() -> Result<()> {
    // Where a missing one is an error, that is what this is about to mend.
    if let Ok(Some(program)) = find_official_client() {
        println!("{}", program.display());
        return Ok(());
    }
    let npm = in_path("npm").context("npm is not in PATH; install Node.js")?;
    let folder = cache_dir();
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let status = Command::new(npm)
        .args([
            "install",
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--prefix",
        ])
        .arg(&folder)
        .arg(OFFICIAL_CLIENT)
        .status()
        .context("cannot start npm")?;
    if !status.success() {
        bail!("npm install {OFFICIAL_CLIENT} failed ({status})");
    }
    let program = find_official_client()?.context("npm installed the client somewhere else")?;
    println!("{}", program.display());
    Ok(())
}

/// Runs a `PostgreSQL` until Ctrl-C.
pub(crate) fn postgres() -> Result<()> {
    let postgres = Postgres::start()?.context(
        "initdb and postgres are neither in PATH nor in /usr/lib/postgresql; install PostgreSQL's server",
    )?;
    println!("PostgreSQL is running. For `enact serve`:\n");
    println!("export DATABASE_URL='{}'", postgres.url);
    until_interrupted()
}

fn until_interrupted() -> Result<()> {
    println!("\nCtrl-C stops it and removes its data.");
    loop {
        thread::park();
    }
}

fn find_or_install_minio() -> Result<PathBuf> {
    if let Some(program) = find_minio()? {
        return Ok(program);
    }
    let go = find_go().context(
        "MinIO is not installed, and Go, which builds it, was not found; \
         install Go, or name a MinIO program in ENACT_TEST_MINIO",
    )?;
    let folder = cache_dir().join("bin");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    eprintln!(
        "Installing {MINIO} into {}; this takes some minutes …",
        folder.display()
    );
    let status = Command::new(go)
        .args(["install", MINIO])
        .env("GOBIN", &folder)
        // Flags meant for another project, such as -mod=vendor, do not fit this build.
        .env_remove("GOFLAGS")
        .status()
        .context("cannot start go")?;
    if !status.success() {
        bail!("go install {MINIO} failed ({status})");
    }
    find_minio()?.context("go installed MinIO somewhere else")
}

/// Go's program in `PATH`, else where its installer puts it.
fn find_go() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain([
            PathBuf::from("/usr/local/go/bin"),
            PathBuf::from("/usr/lib/go/bin"),
        ])
        .map(|folder| folder.join("go"))
        .find(|go: &PathBuf| Path::is_file(go))
}
