//! File descriptors: every connection needs one, and a download another.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors for everything else: database, log, spool, store.
const RESERVE: u64 = 256;

/// Raises this process' soft limit towards its hard one, and returns how many connections fit, at
/// most `wanted`. Many systems start processes with a soft limit of 1,024.
pub(crate) fn connections(wanted: usize) -> usize {
    let needed = 2 * wanted as u64 + RESERVE;
    let mut limit = getrlimit(Resource::Nofile);
    let current = limit.current.unwrap_or(u64::MAX);
    if current < needed {
        let raised = needed.min(limit.maximum.unwrap_or(u64::MAX));
        let target = Rlimit {
            current: Some(raised),
            ..limit
        };
        if setrlimit(Resource::Nofile, target).is_ok() {
            limit.current = Some(raised);
        }
    }
    let available = limit.current.unwrap_or(u64::MAX).saturating_sub(RESERVE) / 2;
    usize::try_from(available)
        .unwrap_or(wanted)
        .clamp(16, wanted)
}
