//! The figures, for people.

use std::fs;
use std::time::Duration;

use super::clients::{Client, Kind};
use super::measure::Sample;
use super::{LOADS, Load, Measured, Step, net};
use crate::bench::{MIB, in_mib};

/// So much faster than the client for JavaScript, for small objects.
const AIM_JAVASCRIPT: f64 = 3.0;

/// At least level with the native client; the rest is noise.
const AIM_NATIVE: f64 = 0.95;

/// Resident memory stays below this, in bytes.
const AIM_PEAK: u64 = 100 * MIB;

/// The rounds of one client, load and step, made one.
struct Figure {
    /// Without starting and ending the process.
    time: Duration,
    cpu: Duration,
    store_cpu: Duration,
    /// The highest of all rounds.
    peak: u64,
}

pub(super) fn print(
    clients: &[Client],
    missing: &[String],
    rounds: u16,
    data: &str,
    measured: &[Measured],
    idle: &[(Kind, Sample)],
) {
    let start = |kind| {
        let own = idle.iter().filter(|(other, _)| *other == kind);
        median(own.map(|(_, sample)| sample.time).collect())
    };
    let figure = |load: &Load, step, kind| {
        let samples: Vec<Sample> = measured
            .iter()
            .filter(|one| one.load == load.name && one.step == step && one.client == kind)
            .map(|one| one.sample)
            .collect();
        Figure {
            time: net(
                median(samples.iter().map(|sample| sample.time).collect()),
                start(kind),
            ),
            cpu: median(samples.iter().map(|sample| sample.cpu).collect()),
            store_cpu: median(samples.iter().map(|sample| sample.store_cpu).collect()),
            peak: samples
                .iter()
                .map(|sample| sample.peak)
                .max()
                .unwrap_or_default(),
        }
    };

    println!(
        "\nAgainst MinIO on this machine, its data {data}, over loopback, without TLS; {rounds} rounds in turn."
    );
    println!("From files and to files; every byte that came back was compared.");
    println!(
        "time: median, less the client's start-up; CPU: median, of the client's process alone,"
    );
    println!(
        "start-up included; MinIO: its CPU meanwhile; peak: the highest resident memory of all"
    );
    println!(
        "rounds. Clients and MinIO share the cores: once both together keep them busy, a faster"
    );
    println!("client changes little, and the row of the bare sockets is the most that is left.");
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("{cores} cores; load at the end: {}\n", load.join(" "));
    for client in clients {
        let start = start(client.kind).as_millis();
        println!(
            "  {:<24}{}, start-up {start} ms",
            client.kind.name(),
            client.version
        );
    }
    for reason in missing {
        println!("  missing: {reason}");
    }

    let mut aims = Vec::new();
    for load in &LOADS {
        println!("\n{}", load.title);
        println!(
            "  {:<5}{:<24}{:>9}{:>9}{:>11}{:>9}{:>9}{:>10}   ours is faster by",
            "", "", "time", "MiB/s", "objects/s", "CPU", "MinIO", "peak"
        );
        for step in [Step::Put, Step::Get] {
            let ours = figure(load, step, Kind::Ours);
            for client in clients {
                let one = figure(load, step, client.kind);
                let ratio = one.time.as_secs_f64() / ours.time.as_secs_f64();
                print_row(load, step, client.kind, &one, ratio);
                aims.extend(speed_aim(load, step, client.kind, ratio));
            }
            let what = format!("{} {}: peak below 100 MiB", load.name, word(step));
            aims.push((
                ours.peak < AIM_PEAK,
                what,
                format!("{} MiB", in_mib(ours.peak)),
            ));
        }
    }
    println!("\nAims");
    for (is_met, what, figure) in aims {
        let verdict = if is_met { "met" } else { "MISSED" };
        println!("  {verdict:<8}{what:<52}{figure:>10}");
    }
}

fn print_row(load: &Load, step: Step, kind: Kind, one: &Figure, ratio: f64) {
    let seconds = one.time.as_secs_f64();
    let kib = u32::try_from(load.size / 1024).unwrap_or(u32::MAX);
    let objects = f64::from(load.files) / seconds;
    let mib = objects * f64::from(kib) / 1024.0;
    let (label, ratio) = match kind {
        Kind::Ours => (word(step), String::new()),
        _ => ("", format!("{ratio:.2}x")),
    };
    println!(
        "  {label:<5}{:<24}{seconds:>7.2} s{mib:>9.0}{objects:>11.1}{:>7.2} s{:>7.2} s{:>6} MiB   {ratio}",
        kind.name(),
        one.cpu.as_secs_f64(),
        one.store_cpu.as_secs_f64(),
        one.peak / MIB,
    );
}

fn speed_aim(load: &Load, step: Step, kind: Kind, ratio: f64) -> Option<(bool, String, String)> {
    let (aim, what) = match kind {
        Kind::JavaScript if load.name == "small" => (AIM_JAVASCRIPT, "3x the SDK for JavaScript"),
        Kind::Rclone => (AIM_NATIVE, "level with rclone (0.95x or more)"),
        _ => return None,
    };
    let what = format!("{} {}: {what}", load.name, word(step));
    Some((ratio >= aim, what, format!("{ratio:.2}x")))
}

fn word(step: Step) -> &'static str {
    match step {
        Step::Put => "put",
        Step::Get => "get",
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
