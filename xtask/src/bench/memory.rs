//! How much memory the server takes for bundles of the largest size.
//!
//! Reads what the kernel says about the server's process, so it works on Linux alone.

use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use enact_testkit::{enact_command, http};

use super::{MIB, in_mib, status_field};
use crate::store::{Registry, Store};
use crate::workspace::{self, Profile};

/// The payload: the largest bundle has 50 MiB, and this leaves room for its framing.
const PAYLOAD: u64 = 50 * MIB - 64 * 1024;

/// How many downloads run side by side.
const PARALLEL: usize = 32;

/// The part that each ranged download asks for: 47 MiB from the middle of the bundle.
const PART: Range<u64> = MIB..48 * MIB;

/// How long all of them stall at once. A server that reads ahead of its readers would fill its
/// memory meanwhile.
const STALL: Duration = Duration::from_secs(2);

/// How long a slow reader waits before each piece of at most 256 KiB.
const SLOW_PAUSE: Duration = Duration::from_millis(10);

/// One transfer may raise the server's resident memory by less than this.
const MAX_RAISE: u64 = 32 * MIB;

/// The parallel downloads must leave the server's resident memory below this, in all; or, where they
/// ask for a part, raise it by less.
const MAX_TOTAL: u64 = 150 * MIB;

pub(super) const NAME: &str = "bench/largest";
pub(super) const VERSION: &str = "1.0.0";

/// What a step may take.
#[derive(Debug, Clone, Copy)]
enum Aim {
    Raise,
    RaiseInParallel,
    Total,
}

/// One line of the result; sizes in bytes.
struct Row {
    store: &'static str,
    step: &'static str,
    idle: u64,
    peak: u64,
    aim: Aim,
}

/// Measures the release build over a local folder and, where it is installed, over `MinIO`. Fails
/// if an aim is missed.
pub(crate) fn memory() -> Result<()> {
    let binary = workspace::build_enact(Profile::Release)?;
    let folder = tempfile::Builder::new().prefix("enact-bench-").tempdir()?;
    let skill = folder.path().join("skill");
    write_skill(&skill)?;

    let mut rows = measure(&binary, Store::Folder, "folder", folder.path(), &skill)?;
    if enact_testkit::find_minio()?.is_some() {
        rows.extend(measure(
            &binary,
            Store::Minio,
            "minio",
            folder.path(),
            &skill,
        )?);
    } else {
        println!("MinIO is not measured: it is not installed (`cargo xtask minio --install`)");
    }
    print_table(&rows);
    let missed = rows.iter().filter(|row| !row.is_good()).count();
    ensure!(missed == 0, "{missed} of {} aims were missed", rows.len());
    Ok(())
}

fn measure(
    binary: &Path,
    store: Store,
    store_name: &'static str,
    folder: &Path,
    skill: &Path,
) -> Result<Vec<Row>> {
    let folder = folder.join(store_name);
    fs::create_dir(&folder)?;
    let registry = Registry::start(binary, store, &folder)?;
    let (url, pid) = (&registry.server.url, registry.server.pid);
    ensure!(
        http::get(&format!("{url}/health"))?.status == 200,
        "the server is not well"
    );

    // Before any step: memory that one step took and kept would hide what the next one takes.
    let idle = status_field(pid, "VmRSS")?;
    let mut rows = Vec::new();
    let mut step = |step, aim, run: &dyn Fn() -> Result<()>| -> Result<()> {
        println!("{store_name}: {step} …");
        // Makes the peak start anew from what is resident now (proc_pid_clear_refs(5)).
        fs::write(format!("/proc/{pid}/clear_refs"), "5").context("/proc/PID/clear_refs")?;
        run().with_context(|| format!("the server wrote:\n{}", registry.server.output()))?;
        rows.push(Row {
            store: store_name,
            step,
            idle,
            peak: status_field(pid, "VmHWM")?,
            aim,
        });
        Ok(())
    };
    step("publish one", Aim::Raise, &|| {
        publish(binary, url, skill, &folder)
    })?;
    step("download one", Aim::Raise, &|| {
        drain(open(url)?, Duration::ZERO)
    })?;
    step("32 downloads at once", Aim::Total, &|| {
        download_in_parallel(|| open(url))
    })?;
    step("32 ranges at once", Aim::RaiseInParallel, &|| {
        download_in_parallel(|| open_part(url))
    })?;
    Ok(rows)
}

/// A skill whose bundle is incompressible and just within the limit.
pub(super) fn write_skill(folder: &Path) -> Result<()> {
    fs::create_dir(folder)?;
    let manifest =
        format!("enact: \"2.0.0\"\nname: {NAME}\nversion: {VERSION}\ndescription: Random bytes\n");
    fs::write(folder.join("skill.package.yml"), manifest)?;
    let text = format!("---\nname: {NAME}\ndescription: Random bytes\n---\n# Random bytes\n");
    fs::write(folder.join("SKILL.md"), text)?;
    let mut random = File::open("/dev/urandom")?.take(PAYLOAD);
    io::copy(&mut random, &mut File::create(folder.join("payload.bin"))?)?;
    Ok(())
}

/// Publishes the skill in the folder `skill` for all to see.
pub(super) fn publish(binary: &Path, url: &str, skill: &Path, home: &Path) -> Result<()> {
    let output = enact_command(binary)
        .args(["publish", "--public", "--registry", url])
        .arg(skill)
        .env("HOME", home)
        .output()?;
    if !output.status.success() {
        bail!(
            "publishing failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

/// Asks for the bundle and reads the head of the response.
fn open(url: &str) -> Result<http::Response> {
    let response = http::get(&bundle(url))?;
    let status = response.status;
    ensure!(status == 200, "the download answered {status}");
    let length = response.content_length;
    ensure!(
        length.is_some_and(|length| length > PAYLOAD),
        "the download has {length:?} bytes"
    );
    Ok(response)
}

/// Asks for a part of it.
fn open_part(url: &str) -> Result<http::Response> {
    let response = http::get_part(&bundle(url), &PART)?;
    let status = response.status;
    ensure!(status == 206, "the download of a part answered {status}");
    let length = response.content_length;
    ensure!(
        length == Some(PART.end - PART.start),
        "the part has {length:?} bytes"
    );
    Ok(response)
}

fn bundle(url: &str) -> String {
    format!("{url}/tools/{NAME}/versions/{VERSION}/download")
}

/// Reads a download to its end and throws it away, with a pause before each piece.
fn drain(mut response: http::Response, pause: Duration) -> Result<()> {
    let mut buffer = vec![0; 256 * 1024];
    loop {
        thread::sleep(pause);
        // Fails if the connection ends before the length that was stated.
        if response.read(&mut buffer)? == 0 {
            return Ok(());
        }
    }
}

/// All downloads start, stall together, and go on: one half as fast as it can, the other slowly.
fn download_in_parallel(open: impl Fn() -> Result<http::Response>) -> Result<()> {
    let responses = (0..PARALLEL).map(|_| open()).collect::<Result<Vec<_>>>()?;
    thread::sleep(STALL);
    thread::scope(|scope| {
        let pauses = [Duration::ZERO, SLOW_PAUSE].into_iter().cycle();
        let readers: Vec<_> = responses
            .into_iter()
            .zip(pauses)
            .map(|(response, pause)| scope.spawn(move || drain(response, pause)))
            .collect();
        for reader in readers {
            match reader.join() {
                Ok(result) => result?,
                Err(_) => bail!("a reader panicked"),
            }
        }
        Ok(())
    })
}

impl Row {
    fn raise(&self) -> u64 {
        self.peak.saturating_sub(self.idle)
    }

    fn is_good(&self) -> bool {
        match self.aim {
            Aim::Raise => self.raise() < MAX_RAISE,
            Aim::RaiseInParallel => self.raise() < MAX_TOTAL,
            Aim::Total => self.peak < MAX_TOTAL,
        }
    }
}

fn print_table(rows: &[Row]) {
    println!("\nResident memory of `enact serve` (release build), in MiB; bundles of 50 MiB\n");
    println!(
        "{:<8}{:<24}{:>8}{:>8}{:>8}  aim",
        "store", "step", "idle", "peak", "raise"
    );
    for row in rows {
        let aim = match row.aim {
            Aim::Raise => format!("raise < {}", MAX_RAISE / MIB),
            Aim::RaiseInParallel => format!("raise < {}", MAX_TOTAL / MIB),
            Aim::Total => format!("peak < {}", MAX_TOTAL / MIB),
        };
        println!(
            "{:<8}{:<24}{:>8}{:>8}{:>8}  {aim:<14}{}",
            row.store,
            row.step,
            in_mib(row.idle),
            in_mib(row.peak),
            in_mib(row.raise()),
            if row.is_good() { "met" } else { "MISSED" }
        );
    }
    println!();
}
