//! What is kept on this machine: downloaded bundles and installed skills.

use std::sync::Arc;

use enact_types::SystemClock;

use super::super::report::Report;
use super::super::{home, records};
use super::here::writable;
use crate::cache::{Cache, DEFAULT_MAX_BYTES};
use crate::exit::Failure;
use crate::installed::{Place, is_as_locked};
use crate::settings::Settings;
use crate::text::bytes;

/// How many bundles of the cache are read: those that were used last.
const SAMPLE: usize = 8;

/// Checks the cache of bundles.
pub(super) fn cache(settings: Option<&Settings>, report: &mut Report<'_>) {
    const NAME: &str = "cache";
    let Ok(home) = home() else {
        report.skip(NAME, "there is no home folder");
        return;
    };
    let max = settings.map_or(DEFAULT_MAX_BYTES, |settings| settings.cache_max_bytes);
    let cache = Cache::new(&home, max, Arc::new(SystemClock));
    let folder = cache.folder();
    if !folder.exists() {
        report.ok(NAME, "empty: nothing was downloaded yet");
        return;
    }
    let shown = folder.display();
    if let Some(distrust) = cache.distrust() {
        let found = format!("{shown} is not used: {distrust}");
        report.warn(NAME, &found, distrust.fix(folder));
        return;
    }
    if let Err(error) = writable(folder) {
        let cause = format!("{shown} cannot be written: {error}");
        report.fail(
            NAME,
            &cause,
            format!("check owner and permissions: ls -ld {shown}"),
        );
        return;
    }
    let usage = cache.usage();
    let size = format!("{} of at most {}", bytes(usage.bytes), bytes(max));
    match cache.check(SAMPLE) {
        Ok((checked, damaged)) if damaged.is_empty() => {
            let found = format!(
                "{} bundles, {size}; {checked} of them read and found whole",
                usage.bundles
            );
            report.ok(NAME, &found);
        }
        Ok((checked, damaged)) => {
            let cause = format!(
                "{} of {checked} bundles in {shown} are damaged",
                damaged.len()
            );
            report.fail(NAME, &cause, "enact cache clean");
        }
        Err(error) => {
            report.fail(
                NAME,
                &format!("cannot read {shown}: {error}"),
                "enact cache clean",
            );
        }
    }
}

/// Compares what is installed with the locks.
pub(super) fn skills(report: &mut Report<'_>) {
    for (name, global) in [("project's skills", false), ("user's skills", true)] {
        match compare(global) {
            Ok(None) => report.skip(name, "none are locked"),
            Ok(Some((all, 0))) => report.ok(name, &format!("{all} as locked")),
            Ok(Some((all, wrong))) => {
                let flag = if global { " -g" } else { "" };
                let cause = format!("{wrong} of {all} are missing or not as locked");
                let fix =
                    format!("see which: enact verify{flag}; put them back: enact install{flag}");
                report.fail(name, &cause, fix);
            }
            Err(failure) => {
                let fix = failure.hints().first();
                let fix = fix.map_or("correct the file, or move it away", String::as_str);
                report.fail(name, failure.message(), fix);
            }
        }
    }
}

/// How many skills are locked, and how many of them are not there as they are locked; `None` without a
/// lock.
fn compare(global: bool) -> Result<Option<(usize, usize)>, Failure> {
    let home = home()?;
    let records = records(global, &home)?;
    if !records.lock.exists() {
        return Ok(None);
    }
    let (mut all, mut wrong) = (0, 0);
    for (name, locked) in records.lock.skills() {
        all += 1;
        let place = Place::of(&home, name);
        if !place.path().exists() || !is_as_locked(place.path(), &locked.files) {
            wrong += 1;
        }
    }
    Ok(Some((all, wrong)))
}
