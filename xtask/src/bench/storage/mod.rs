//! How fast the storage client is, and how much memory it takes, beside other clients.
//!
//! Every client is a process of its own that reads the same files and writes files, against one
//! `MinIO` on this machine. They take turns, since what else the machine does changes over time.

mod clients;
mod measure;
mod table;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use enact_testkit::{S3, find_minio};

use self::clients::{Client, Kind};
use self::measure::{Sample, run};

const KIB: u64 = 1024;

/// The files of one measurement.
struct Load {
    name: &'static str,
    title: &'static str,
    files: u16,
    /// Of one file, in bytes.
    size: u64,
    /// How many objects are on their way at a time.
    concurrency: u16,
}

const LOADS: [Load; 2] = [
    Load {
        name: "small",
        title: "1,000 x 100 KiB, 16 objects at a time",
        files: 1000,
        size: 100 * KIB,
        concurrency: 16,
    },
    Load {
        name: "large",
        title: "4 x 256 MiB, 4 objects at a time; put in parts of 8 MiB, 2 per object at a time",
        files: 4,
        size: 256 * super::MIB,
        concurrency: 4,
    },
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Put,
    Get,
}

/// What one client took for one step of one load, in one round.
struct Measured {
    load: &'static str,
    step: Step,
    client: Kind,
    sample: Sample,
}

/// Measures the storage client and those of its peers that are there, and prints the figures and
/// whether they are what the project aims at.
pub(crate) fn storage(rounds: u16, on_disk: bool) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("enact-bench-").tempdir()?;
    let (clients, missing) = clients::find(folder.path())?;
    let minio =
        find_minio()?.context("MinIO is not on this machine; `cargo xtask minio` installs it")?;
    let memory = Path::new("/dev/shm");
    let in_memory = !on_disk && memory.is_dir();
    let disk = std::env::temp_dir();
    let store = S3::minio_in(&minio, 0, if in_memory { memory } else { &disk })?;
    for load in &LOADS {
        write_files(&folder.path().join(load.name), load)?;
    }
    fs::create_dir(folder.path().join("empty"))?;

    let mut measured = Vec::new();
    let mut idle = Vec::new();
    for round in 0..rounds {
        println!("round {} of {rounds} …", round + 1);
        // Nobody goes first every time.
        let mut clients: Vec<&Client> = clients.iter().collect();
        let first = usize::from(round) % clients.len();
        clients.rotate_left(first);
        for client in &clients {
            let nothing = client.put(&store, &folder.path().join("empty"), "empty", 1);
            idle.push((client.kind, run(nothing, &store)?));
        }
        for load in &LOADS {
            measured.extend(one_round(&store, folder.path(), load, &clients)?);
        }
    }
    let data = if in_memory { "in memory" } else { "on disk" };
    table::print(&clients, &missing, rounds, data, &measured, &idle);
    Ok(())
}

fn one_round(store: &S3, folder: &Path, load: &Load, clients: &[&Client]) -> Result<Vec<Measured>> {
    let source = folder.join(load.name);
    let prefix = |client: &Client| format!("{:?}-{}", client.kind, load.name);
    let mut measured = Vec::new();
    let mut take = |client: &Client, step, command| -> Result<()> {
        settle()?;
        measured.push(Measured {
            load: load.name,
            step,
            client: client.kind,
            sample: run(command, store)?,
        });
        Ok(())
    };
    for client in clients {
        let command = client.put(store, &source, &prefix(client), load.concurrency);
        take(client, Step::Put, command)?;
    }
    for client in clients {
        let target = folder.join("fetched");
        fs::create_dir(&target)?;
        let command = client.get(store, &prefix(client), &target, load.concurrency);
        take(client, Step::Get, command)?;
        compare(&source, &target)
            .with_context(|| format!("what {} put and got", client.kind.name()))?;
        fs::remove_dir_all(&target)?;
        if let Some(ours) = clients.iter().find(|client| client.kind == Kind::Ours) {
            run(ours.clear(store, &prefix(client)), store)?;
        }
    }
    Ok(measured)
}

/// Waits until what was written before is on the disk, so that the next one does not pay for it.
fn settle() -> Result<()> {
    let status = Command::new("sync").status().context("cannot start sync")?;
    ensure!(status.success(), "sync failed ({status})");
    Ok(())
}

/// Random bytes, which nothing on the way can compress.
fn write_files(folder: &Path, load: &Load) -> Result<()> {
    fs::create_dir(folder)?;
    for number in 0..load.files {
        let mut random = File::open("/dev/urandom")?.take(load.size);
        let mut file = File::create(folder.join(format!("{number:04}.bin")))?;
        io::copy(&mut random, &mut file)?;
    }
    Ok(())
}

/// Fails unless both folders have the same files: a client that loses bytes is not fast.
fn compare(left: &Path, right: &Path) -> Result<()> {
    let names = |folder: &Path| -> Result<Vec<_>> {
        let entries = fs::read_dir(folder)?;
        let mut names = entries
            .map(|entry| Ok(entry?.file_name()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    };
    let (expected, found) = (names(left)?, names(right)?);
    ensure!(expected == found, "the folders have other files");
    for name in expected {
        let same = same_bytes(&left.join(&name), &right.join(&name))?;
        ensure!(same, "{} differs", Path::new(OsStr::new(&name)).display());
    }
    Ok(())
}

fn same_bytes(left: &Path, right: &Path) -> Result<bool> {
    let (left, right) = (File::open(left)?, File::open(right)?);
    let mut left_size = left.metadata()?.len();
    if left_size != right.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (BufReader::new(left), BufReader::new(right));
    let (mut a, mut b) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    while left_size > 0 {
        let length = usize::try_from(left_size).map_or(a.len(), |left| left.min(a.len()));
        let (Some(a), Some(b)) = (a.get_mut(..length), b.get_mut(..length)) else {
            return Ok(false);
        };
        left.read_exact(a)?;
        right.read_exact(b)?;
        if a != b {
            return Ok(false);
        }
        left_size -= length as u64;
    }
    Ok(true)
}

/// The time of a step without that of starting and ending the process.
fn net(time: Duration, idle: Duration) -> Duration {
    time.saturating_sub(idle).max(Duration::from_millis(1))
}
