//! `enact cache`: the downloaded bundles that are kept.

use std::path::Path;
use std::sync::Arc;

use enact_types::SystemClock;
use serde::Serialize;

use super::{home, settings};
use crate::args::{Cache as Arguments, Global, OperateCache};
use crate::cache::Cache;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::text::bytes;

/// What `cache info --json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct InfoOutput<'a> {
    directory: &'a Path,
    /// How many bundles there are.
    bundles: u64,
    /// Their sizes together, in bytes.
    total_size: u64,
    /// How large it may get, in bytes.
    max_size: u64,
}

/// What `cache clean --json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CleanOutput {
    /// How many bundles were removed.
    removed: u64,
    /// Their sizes together, in bytes.
    freed: u64,
}

/// Runs the command.
pub(super) fn run(args: &Arguments, global: &Global, printer: &Printer) -> Result<(), Failure> {
    let max_bytes = settings(global)?.cache_max_bytes;
    let cache = Cache::new(&home()?, max_bytes, Arc::new(SystemClock));
    match &args.command {
        OperateCache::Info => {
            if let Some(warning) = cache.warning() {
                printer.warning(&warning);
            }
            info(&cache, printer);
        }
        OperateCache::Clean => clean(&cache, printer)?,
    }
    Ok(())
}

fn info(cache: &Cache, printer: &Printer) {
    let usage = cache.usage();
    printer.facts(&[
        ("Directory", cache.folder().display().to_string()),
        ("Bundles", usage.bundles.to_string()),
        ("Size", bytes(usage.bytes)),
        ("At most", bytes(cache.max_bytes())),
    ]);
    printer.json(&InfoOutput {
        directory: cache.folder(),
        bundles: usage.bundles,
        total_size: usage.bytes,
        max_size: cache.max_bytes(),
    });
}

fn clean(cache: &Cache, printer: &Printer) -> Result<(), Failure> {
    let usage = cache.clean().map_err(|error| {
        Failure::io(
            format!("cannot remove {}", cache.folder().display()),
            &error,
        )
    })?;
    let bundles = if usage.bundles == 1 {
        "bundle"
    } else {
        "bundles"
    };
    let (count, size) = (usage.bundles, bytes(usage.bytes));
    printer.success(&format!("Removed {count} {bundles}, {size}"));
    printer.json(&CleanOutput {
        removed: usage.bundles,
        freed: usage.bytes,
    });
    Ok(())
}
