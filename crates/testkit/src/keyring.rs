//! A keyring of a desktop's user, unlocked and empty, on a bus of its own.

use std::ffi::OsStr;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::backends::{self, in_path};
use crate::process::Process;

/// How long the bus and the keyring may each take to start; they need some milliseconds.
const START_LIMIT: Duration = Duration::from_secs(30);

/// What to do when the programs are missing.
const REMEDY: &str = "install a keyring and its client (Debian: `apt-get install dbus gnome-keyring libsecret-tools`)";

/// What is needed; the last is asked by clients.
const PROGRAMS: [&str; 4] = [
    "dbus-daemon",
    "dbus-send",
    "gnome-keyring-daemon",
    "secret-tool",
];

/// Unlocks with a password from stdin, which must not be empty.
const UNLOCK: &str =
    "exec gnome-keyring-daemon --unlock --foreground --components=secrets <<END\npassword\nEND\n";

/// A running keyring, as GNOME has it. It is stopped, and what it keeps removed, when this value is
/// dropped.
#[derive(Debug)]
pub struct Keyring {
    /// What clients need to find it: the value of `DBUS_SESSION_BUS_ADDRESS`.
    pub bus: String,
    programs: [PathBuf; 4],
    // In the order in which they are to end.
    _daemon: Process,
    _bus_daemon: Process,
    folder: TempDir,
}

impl Keyring {
    /// Starts one. None if its programs are not in `PATH`; an error instead if
    /// [`REQUIRE_BACKENDS`](crate::REQUIRE_BACKENDS) is set.
    pub fn start() -> Result<Option<Self>> {
        match find() {
            Some(programs) => Self::start_with(programs).map(Some),
            None => backends::absent(&PROGRAMS.join(", "), REMEDY),
        }
    }

    /// Whether tests of it are to be reported as ignored: its programs are not there, and
    /// [`REQUIRE_BACKENDS`](crate::REQUIRE_BACKENDS) does not make that a failure.
    pub fn is_to_be_ignored() -> bool {
        find().is_none() && !backends::required()
    }

    fn start_with(programs: [PathBuf; 4]) -> Result<Self> {
        // Not where TMPDIR says: the path of a socket is at most 108 bytes long, and in the address of a
        // bus a space would have to be escaped.
        let folder = tempfile::Builder::new()
            .prefix("enact-keyring-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in("/tmp")?;
        let address = format!("unix:path={}", folder.path().join("bus").display());
        let mut bus = Command::new(&programs[0]);
        bus.args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .arg(format!("--address={address}"));
        let mut bus = Process::start(bus, Signal::TERM, Some(folder.path()))?;
        bus.wait_for(START_LIMIT, |line| line.starts_with("unix:").then_some(()))?;
        let environment = Environment {
            bus: &address,
            folder: folder.path(),
        };
        let mut daemon = environment.command("/bin/sh");
        daemon.args(["-c", UNLOCK]);
        let daemon = Process::start(daemon, Signal::TERM, None)?;
        environment.wait_for_the_keyring(&programs[1])?;
        Ok(Self {
            bus: address,
            programs,
            _daemon: daemon,
            _bus_daemon: bus,
            folder,
        })
    }

    /// The secret with these attributes, as pairs of names and values. None if it has none.
    pub fn lookup(&self, attributes: &[&str]) -> Result<Option<String>> {
        let environment = Environment {
            bus: &self.bus,
            folder: self.folder.path(),
        };
        let mut lookup = environment.command(&self.programs[3]);
        lookup.arg("lookup").args(attributes).stdin(Stdio::null());
        let answer = lookup.output().context("cannot start secret-tool")?;
        let secret = String::from_utf8(answer.stdout)?;
        Ok((answer.status.success() && !secret.is_empty()).then_some(secret))
    }
}

/// What a program needs to find the keyring, or to be it.
struct Environment<'a> {
    bus: &'a str,
    folder: &'a Path,
}

impl Environment<'_> {
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("DBUS_SESSION_BUS_ADDRESS", self.bus)
            .env("HOME", self.folder)
            .env("XDG_RUNTIME_DIR", self.folder)
            .env_remove("XDG_DATA_HOME");
        command
    }

    /// It says nothing when it is ready, so the bus is asked whether it has its name.
    fn wait_for_the_keyring(&self, dbus_send: &Path) -> Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        while Instant::now() < deadline {
            let mut ask = self.command(dbus_send);
            ask.args(["--session", "--print-reply", "--dest=org.freedesktop.DBus"])
                .args(["/", "org.freedesktop.DBus.NameHasOwner"])
                .arg("string:org.freedesktop.secrets");
            let answer = ask.output().context("cannot start dbus-send")?;
            if String::from_utf8_lossy(&answer.stdout).contains("boolean true") {
                return Ok(());
            }
        }
        bail!(
            "the keyring was not there after {} s",
            START_LIMIT.as_secs()
        )
    }
}

fn find() -> Option<[PathBuf; 4]> {
    let [bus, send, keyring, tool] = PROGRAMS.map(in_path);
    Some([bus?, send?, keyring?, tool?])
}
