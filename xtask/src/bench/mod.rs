//! Measurements, which print what they find.

mod catalog;
mod install;
mod memory;
mod serve;
mod storage;

use std::fs;

use anyhow::{Context as _, Result};

pub(crate) use catalog::{Database, catalog};
pub(crate) use install::install;
pub(crate) use memory::memory;
pub(crate) use serve::serve;
pub(crate) use storage::storage;

const MIB: u64 = 1024 * 1024;

/// A field of `/proc/PID/status` that is stated in kB (which there means KiB), in bytes.
fn status_field(pid: u32, field: &str) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&path).with_context(|| path.clone())?;
    let kibibytes: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))
        .and_then(|value| value.trim().strip_suffix(" kB")?.parse().ok())
        .with_context(|| format!("{path} has no {field}"))?;
    Ok(kibibytes * 1024)
}

/// A size in MiB, with one decimal, in whole numbers: the lints rightly distrust floats for sizes.
fn in_mib(bytes: u64) -> String {
    format!("{}.{}", bytes / MIB, bytes % MIB * 10 / MIB)
}
