//! How fast skills are installed, beside the existing client doing the same.
//!
//! Both install the same list, from the same server on this machine, in turns. The existing client
//! keeps no bundles, so to it a warm cache is no different; it also runs `tar` for each skill.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use enact_testkit::{EnactServer, enact_command, find_official_client};

use super::in_mib;
use super::memory::publish;
use crate::workspace::{self, Profile};

/// How many skills there are.
const SKILLS: usize = 50;

/// Files of random bytes in each, besides its manifest and its SKILL.md.
const FILES: usize = 4;

/// The size of each of these files, in bytes: together 100 KiB, which no compression makes smaller.
const FILE_BYTES: usize = 25 * 1024;

/// How often the start of the program is measured.
const STARTS: usize = 30;

/// A client, and how long each of its installs took.
struct Client {
    name: &'static str,
    program: PathBuf,
    /// To have it install what its list says is installed.
    options: &'static [&'static str],
    cold: Vec<Duration>,
    warm: Vec<Duration>,
    in_place: Vec<Duration>,
}

/// Measures `binary`, else the release build.
pub(crate) fn install(rounds: u16, binary: Option<PathBuf>, on_disk: bool) -> Result<()> {
    let binary = match binary {
        Some(binary) => binary,
        None => workspace::build_enact(Profile::Release)?,
    };
    let memory = Path::new("/dev/shm");
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix("enact-bench-");
    let folder = if memory.is_dir() && !on_disk {
        builder.tempdir_in(memory)?
    } else {
        builder.tempdir()?
    };
    let server = EnactServer::start(&binary, &folder.path().join("data"), None)?;
    publish_all(&binary, &server.url, folder.path())?;
    let ours = Client::new("enact", binary.clone(), &[]);
    let mut clients = vec![ours];
    if let Some(program) = find_official_client()? {
        // Without it, the existing client takes the list's word for it that all is installed.
        clients.push(Client::new("existing client", program, &["--force"]));
    } else {
        println!(
            "The existing client is not measured: it is not installed (`cargo xtask official-client`)"
        );
    }
    // The first round warms the server, and is not counted.
    for round in 0..=rounds {
        for client in &mut clients {
            client.measure(&server.url, folder.path(), round > 0)?;
        }
    }
    print(&mut clients);
    starts(&binary)
}

fn publish_all(binary: &Path, url: &str, folder: &Path) -> Result<()> {
    let mut random = File::open("/dev/urandom")?;
    for number in 0..SKILLS {
        let skill = folder.join("skill");
        fs::create_dir(&skill)?;
        let name = name(number);
        let manifest = format!("name: {name}\nversion: 1.0.0\ndescription: Random bytes\n");
        fs::write(skill.join("skill.package.yml"), &manifest)?;
        fs::write(
            skill.join("SKILL.md"),
            format!("---\n{manifest}---\n# Random\n"),
        )?;
        for file in 0..FILES {
            let mut bytes = vec![0; FILE_BYTES];
            random.read_exact(&mut bytes)?;
            fs::write(skill.join(format!("data-{file}.bin")), bytes)?;
        }
        publish(binary, url, &skill, folder)?;
        fs::remove_dir_all(&skill)?;
    }
    Ok(())
}

fn name(number: usize) -> String {
    format!("bench/skill-{number}")
}

impl Client {
    fn new(name: &'static str, program: PathBuf, options: &'static [&'static str]) -> Self {
        Self {
            name,
            program,
            options,
            cold: Vec::new(),
            warm: Vec::new(),
            in_place: Vec::new(),
        }
    }

    /// Installs into a new home, again after the skills were moved away, and once more.
    fn measure(&mut self, url: &str, folder: &Path, counts: bool) -> Result<()> {
        // Nothing is deleted before the end: some file systems are slow to make files just after.
        let home = tempfile::tempdir_in(folder)?.keep();
        let project = home.join("project");
        fs::create_dir_all(project.join("agents"))?;
        let skills = (0..SKILLS).map(|number| format!("\"{}\": \"1.0.0\"", name(number)));
        let skills: Vec<_> = skills.collect();
        let list = format!("{{\"tools\": {{{}}}}}", skills.join(", "));
        fs::write(project.join("agents/skills.json"), list)?;
        fs::create_dir(home.join(".enact"))?;
        // That it does not ask about skills that nobody attests to.
        let trusting = "trust:\n  policy: allow\n  minimum_attestations: 0\n";
        fs::write(home.join(".enact/config.yaml"), trusting)?;

        let cold = self.install(url, &home)?;
        fs::rename(home.join(".agents"), home.join("agents-before"))?;
        let warm = self.install(url, &home)?;
        let in_place = self.install(url, &home)?;
        if counts {
            self.cold.push(cold);
            self.warm.push(warm);
            self.in_place.push(in_place);
        }
        Ok(())
    }

    fn install(&self, url: &str, home: &Path) -> Result<Duration> {
        let mut command: Command = enact_command(&self.program);
        command
            .arg("install")
            .args(self.options)
            .current_dir(home.join("project"))
            .env("HOME", home)
            .env("TMPDIR", home)
            .env("ENACT_REGISTRY_URL", url)
            .env("ENACT_AUTH_TOKEN", "a-token");
        let start = Instant::now();
        let output = command.output()?;
        let took = start.elapsed();
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}: {said}", self.name);
        for number in 0..SKILLS {
            let skill = home.join(".agents/skills").join(name(number));
            let last = skill.join(format!("data-{}.bin", FILES - 1));
            let size = fs::metadata(&last).with_context(|| last.display().to_string())?;
            ensure!(size.len() == FILE_BYTES as u64, "{}", last.display());
        }
        Ok(took)
    }
}

/// What was measured, where a client keeps it, and how many times as fast as the existing client it is to
/// be.
type Row = (
    &'static str,
    fn(&mut Client) -> &mut Vec<Duration>,
    Option<u32>,
);

fn print(clients: &mut [Client]) {
    let rounds = clients[0].cold.len();
    println!("\n{SKILLS} skills of 100 KiB, medians of {rounds} rounds, in milliseconds\n");
    let heading: Vec<_> = clients.iter().map(|client| client.name).collect();
    println!("| what | {} | ratio | aim |", heading.join(" | "));
    println!("|---|{}", "--:|".repeat(clients.len() + 2));
    let rows: [Row; 3] = [
        ("nothing cached", |client| &mut client.cold, Some(10)),
        ("cached, not installed", |client| &mut client.warm, Some(50)),
        ("installed", |client| &mut client.in_place, None),
    ];
    for (what, times, aim) in rows {
        let medians: Vec<_> = clients
            .iter_mut()
            .map(|client| median(times(client)))
            .collect();
        let ratio = match medians[..] {
            [ours, theirs] => format!("{:.1}", theirs.as_secs_f64() / ours.as_secs_f64()),
            _ => "-".to_owned(),
        };
        let cells: Vec<_> = medians.iter().copied().map(in_ms).collect();
        let aim = aim.map_or("-".to_owned(), |aim| aim.to_string());
        println!("| {what} | {} | {ratio} | {aim} |", cells.join(" | "));
    }
}

/// How long the program takes to start, and how large it is.
fn starts(binary: &Path) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let start = Instant::now();
        let output = enact_command(binary).arg("--version").output()?;
        times.push(start.elapsed());
        ensure!(output.status.success(), "--version failed");
    }
    let size = fs::metadata(binary)?.len();
    println!(
        "\n`enact --version`: {} ms, median of {STARTS} (aim: 10)",
        in_ms(median(&mut times))
    );
    println!("The program: {} MiB (aim: 25)", in_mib(size));
    Ok(())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn in_ms(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1000.0)
}
