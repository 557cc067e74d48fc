//! What a process takes. Reads what the kernel says, so it works on Linux alone.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use enact_testkit::S3;

use crate::bench::status_field;

/// How often the peak is read. It never falls, so that only what a process takes for the first time
/// in its last milliseconds is missed.
const INTERVAL: Duration = Duration::from_millis(5);

/// Of `/proc/PID/stat`: a tick is 10 ms on every architecture of today's Linux (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    /// From start to end.
    pub(super) time: Duration,
    /// Of the processors, by the process and what it started.
    pub(super) cpu: Duration,
    /// Of the processors, by the store meanwhile.
    pub(super) store_cpu: Duration,
    /// Resident memory at its highest, in bytes.
    pub(super) peak: u64,
}

/// Runs a program to its end. Fails if it fails, with what it wrote.
pub(super) fn run(mut command: Command, store: &S3) -> Result<Sample> {
    let program = command.get_program().to_string_lossy().into_owned();
    let cpu_before = cpu_of_children()?;
    let store_before = cpu_of(store)?;
    let start = Instant::now();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {program}"))?;
    let pid = child.id();
    let (peak, ended) = (AtomicU64::new(0), AtomicBool::new(false));
    let output = thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                // It has none before it runs its own program and after its end.
                if let Ok(bytes) = status_field(pid, "VmHWM") {
                    peak.fetch_max(bytes, Ordering::Relaxed);
                }
                thread::sleep(INTERVAL);
            }
        });
        let output = child.wait_with_output();
        ended.store(true, Ordering::Relaxed);
        output.map(|output| (output, start.elapsed()))
    });
    let (output, time) = output?;
    ensure!(
        output.status.success(),
        "{program} failed ({}): {}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(Sample {
        time,
        cpu: cpu_of_children()?.saturating_sub(cpu_before),
        store_cpu: cpu_of(store)?.saturating_sub(store_before),
        peak: peak.into_inner(),
    })
}

/// The time that all children took which have ended.
fn cpu_of_children() -> Result<Duration> {
    // cutime and cstime, fields 16 and 17.
    ticks("/proc/self/stat", 16)
}

/// The time that the store's process took.
fn cpu_of(store: &S3) -> Result<Duration> {
    let pid = store.pid().context("the store is no process of its own")?;
    // utime and stime, fields 14 and 15.
    ticks(&format!("/proc/{pid}/stat"), 14)
}

/// The sum of two fields of `proc_pid_stat(5)`, counted from 1.
fn ticks(path: &str, first: usize) -> Result<Duration> {
    let stat = fs::read_to_string(path).with_context(|| path.to_owned())?;
    // The second field is the program's name in parentheses, and may hold anything.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name
        .split_whitespace()
        .skip(first - 3)
        .take(2)
        .map(str::parse::<u32>)
        .sum::<Result<u32, _>>()
        .with_context(|| format!("{path} is not as expected"))?;
    Ok(TICK * ticks)
}
