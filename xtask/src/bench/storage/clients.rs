//! The clients that are measured, and how each is told what to do.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use enact_testkit::{S3, cache_dir, in_path, s3_env};

use crate::workspace;

/// How large files are sent: ours is built so, and the others are told to.
const PART_MIB: u16 = 8;
const PARTS_AT_ONCE: u16 = 2;

/// The peer's program and its packages, with the versions that were tried.
const JS_PACKAGE: &str = include_str!("../../../peers/aws-sdk-js/package.json");
const JS_PROGRAM: &str = include_str!("../../../peers/aws-sdk-js/load.mjs");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Ours,
    JavaScript,
    Rclone,
    /// No client at all, for comparison.
    Bare,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ours => "enact-storage (ours)",
            Self::JavaScript => "AWS SDK for JavaScript",
            Self::Rclone => "rclone",
            Self::Bare => "bare sockets",
        }
    }
}

/// A client that is on this machine.
pub(super) struct Client {
    pub(super) kind: Kind,
    /// What it says of its version; ours is the one of the checkout.
    pub(super) version: String,
    program: PathBuf,
    /// A folder for whatever the program leaves in its user's home.
    home: PathBuf,
}

/// The clients that are there, ours first, and why others are not.
pub(super) fn find(home: &Path) -> Result<(Vec<Client>, Vec<String>)> {
    let client = |kind, version, program| Client {
        kind,
        version,
        program,
        home: home.to_owned(),
    };
    let program = build_ours()?;
    let ours = client(Kind::Ours, "this checkout".to_owned(), program.clone());
    let (mut clients, mut missing) = (vec![ours], Vec::new());
    let peers = [
        (Kind::JavaScript, install_javascript()),
        (Kind::Rclone, find_rclone()),
    ];
    for (kind, found) in peers {
        match found {
            Ok((version, program)) => clients.push(client(kind, version, program)),
            Err(error) => missing.push(format!("{}: {error:#}", kind.name())),
        }
    }
    let about =
        "no client: presigned links, a thread for each object at a time, no parts".to_owned();
    clients.push(client(Kind::Bare, about, program));
    Ok((clients, missing))
}

fn build_ours() -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--package", "enact-storage"])
        .args(["--example", "load"])
        .current_dir(workspace::root())
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "building the load program failed");
    // This program lies in the target folder too: <target>/debug/xtask.
    let here = env::current_exe()?;
    let target = here.ancestors().nth(2);
    let target = target.with_context(|| format!("{} is in no target folder", here.display()))?;
    Ok(target.join("release/examples/load"))
}

/// Installs the packages into the cache folder unless they are there.
fn install_javascript() -> Result<(String, PathBuf)> {
    let node = in_path("node").context("node is not in PATH; install Node.js 20 or later")?;
    let folder = cache_dir().join("aws-sdk-js");
    let package = folder.join("package.json");
    let installed = folder.join("node_modules/@aws-sdk/lib-storage/package.json");
    let is_current = fs::read_to_string(&package).is_ok_and(|text| text == JS_PACKAGE);
    if !is_current || !installed.is_file() {
        let npm = in_path("npm").context("npm is not in PATH; install it")?;
        fs::create_dir_all(&folder)?;
        fs::write(&package, JS_PACKAGE)?;
        let status = Command::new(npm)
            .args(["install", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .status()
            .context("cannot start npm")?;
        ensure!(status.success(), "npm install failed ({status})");
    }
    fs::write(folder.join("load.mjs"), JS_PROGRAM)?;
    let pinned = JS_PACKAGE
        .lines()
        .find_map(|line| line.trim().strip_prefix("\"@aws-sdk/client-s3\": \""));
    let sdk = pinned.and_then(|rest| rest.split('"').next());
    let version = format!(
        "{} on Node.js {}",
        sdk.unwrap_or("?"),
        first_line(&node, "--version")?
    );
    Ok((version, node))
}

fn find_rclone() -> Result<(String, PathBuf)> {
    let program = in_path("rclone").context("it is not in PATH; install the package rclone")?;
    Ok((first_line(&program, "version")?, program))
}

fn first_line(program: &Path, argument: &str) -> Result<String> {
    let output = Command::new(program).arg(argument).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().next() {
        Some(line) if output.status.success() => {
            Ok(line.trim_start_matches("rclone ").trim().to_owned())
        }
        _ => bail!("`{} {argument}` does not work", program.display()),
    }
}

impl Client {
    /// Stores the files of a folder as `PREFIX/NAME`.
    pub(super) fn put(&self, store: &S3, folder: &Path, prefix: &str, many: u16) -> Command {
        let mut command = self.command(store);
        match self.kind {
            Kind::Ours | Kind::JavaScript => command.arg("put").arg(folder).arg(prefix),
            Kind::Bare => command.arg("bare-put").arg(folder).arg(prefix),
            Kind::Rclone => command.arg("copy").arg(folder).arg(remote(store, prefix)),
        };
        self.limit(&mut command, many);
        command
    }

    /// Fetches what is below a prefix into a folder.
    pub(super) fn get(&self, store: &S3, prefix: &str, folder: &Path, many: u16) -> Command {
        let mut command = self.command(store);
        match self.kind {
            Kind::Ours | Kind::JavaScript => command.arg("get").arg(prefix).arg(folder),
            Kind::Bare => command.arg("bare-get").arg(prefix).arg(folder),
            Kind::Rclone => command.arg("copy").arg(remote(store, prefix)).arg(folder),
        };
        self.limit(&mut command, many);
        command
    }

    /// Deletes what is below a prefix. Only our own program knows this.
    pub(super) fn clear(&self, store: &S3, prefix: &str) -> Command {
        let mut command = self.command(store);
        command.args(["clear", prefix, "16"]);
        command
    }

    fn command(&self, store: &S3) -> Command {
        let mut command = Command::new(&self.program);
        // Nothing else of the caller's environment: AWS_* and RCLONE_* would change what is measured.
        command
            .env_clear()
            .env("HOME", &self.home)
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .envs(s3_env(store));
        match self.kind {
            Kind::Ours | Kind::Bare => {}
            Kind::JavaScript => {
                let part = u64::from(PART_MIB) * super::super::MIB;
                command
                    .arg("--no-warnings")
                    .arg(cache_dir().join("aws-sdk-js/load.mjs"))
                    .env("PART_BYTES", part.to_string())
                    .env("PARTS_AT_ONCE", PARTS_AT_ONCE.to_string());
            }
            Kind::Rclone => {
                command.envs([
                    ("RCLONE_CONFIG", "/dev/null"),
                    ("RCLONE_CONFIG_STORE_TYPE", "s3"),
                    ("RCLONE_CONFIG_STORE_PROVIDER", "Minio"),
                    ("RCLONE_CONFIG_STORE_ENDPOINT", &store.endpoint),
                    ("RCLONE_CONFIG_STORE_ACCESS_KEY_ID", &store.access_key),
                    ("RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY", &store.secret_key),
                    ("RCLONE_CONFIG_STORE_REGION", &store.region),
                ]);
                // It compares and checks much by default; here it is to do what the others do.
                command.args([
                    "--no-check-dest",
                    "--ignore-checksum",
                    "--s3-no-check-bucket",
                    "--s3-no-head",
                    "--s3-no-head-object",
                    "--s3-disable-checksum",
                    "--multi-thread-streams=0",
                ]);
                command.arg(format!("--s3-chunk-size={PART_MIB}Mi"));
                command.arg(format!("--s3-upload-cutoff={}Mi", 2 * PART_MIB));
                command.arg(format!("--s3-upload-concurrency={PARTS_AT_ONCE}"));
            }
        }
        command
    }

    fn limit(&self, command: &mut Command, many: u16) {
        match self.kind {
            Kind::Ours | Kind::JavaScript | Kind::Bare => command.arg(many.to_string()),
            Kind::Rclone => command.arg(format!("--transfers={many}")),
        };
    }
}

fn remote(store: &S3, prefix: &str) -> String {
    format!("store:{}/{prefix}", store.bucket)
}
