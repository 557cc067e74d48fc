//! Where things are in this workspace, and how its program is built.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// The root of the checkout.
pub(crate) fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// How to build.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Profile {
    /// Fast to build.
    Dev,
    /// As shipped.
    Release,
}

/// Builds the `enact` program, with cargo's own progress on the terminal, and returns its path.
pub(crate) fn build_enact(profile: Profile) -> Result<PathBuf> {
    build(profile, &["enact-cli"])?;
    built(profile, "enact")
}

/// Builds the programs of these packages at once: one after the other, their dependencies could
/// differ in features and be built twice.
pub(crate) fn build(profile: Profile, packages: &[&str]) -> Result<()> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--bins"]).current_dir(root());
    for package in packages {
        cargo.args(["--package", package]);
    }
    if let Profile::Release = profile {
        cargo.arg("--release");
    }
    // What cargo told this program of its own package; some build scripts (ring's) run again when it
    // changes, and with them everything that is built on them.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    let status = cargo.status().context("cannot start cargo")?;
    if !status.success() {
        bail!("building {} failed ({status})", packages.join(" and "));
    }
    Ok(())
}

/// The path of a program that was built.
pub(crate) fn built(profile: Profile, program: &str) -> Result<PathBuf> {
    // This program lies in the target folder too: <target>/debug/xtask.
    let here = env::current_exe()?;
    let target = here
        .ancestors()
        .nth(2)
        .with_context(|| format!("{} is in no target folder", here.display()))?;
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => "release",
    };
    let binary = target.join(folder).join(program);
    if !binary.is_file() {
        bail!(
            "cargo built {program}, but {} is not there",
            binary.display()
        );
    }
    Ok(binary)
}
