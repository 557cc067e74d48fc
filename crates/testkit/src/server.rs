//! The `enact` program, serving.

use std::cell::RefCell;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;

use crate::process::Process;

/// How long the server may take until it listens; it needs well under a second.
const START_LIMIT: Duration = Duration::from_secs(30);

/// A running `enact serve`, killed when this value is dropped.
#[derive(Debug)]
pub struct EnactServer {
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub url: String,
    /// Its process id.
    pub pid: u32,
    process: Process,
}

impl EnactServer {
    /// Starts `binary serve --port 0 --data DATA` with `env` added, and waits until it has said
    /// where it listens and how it may be used.
    /// Fails, with its output, if it ends first or does not listen within 30 seconds.
    pub fn start<'a>(
        binary: &Path,
        data: &Path,
        env: impl IntoIterator<Item = (&'a str, String)>,
    ) -> Result<Self> {
        let mut command = enact_command(binary);
        command.args(["serve", "--port", "0", "--data"]).arg(data);
        command.envs(env);
        Self::spawn(command)
    }

    /// Starts `command`, which must be an `enact serve …`, as [`EnactServer::start`] does; for
    /// tests that want other arguments.
    pub fn spawn(command: Command) -> Result<Self> {
        // What it says of itself ends with how to point a client at it, so a test that has waited
        // for that finds the rest in the output.
        Self::spawn_until(command, "export ENACT_REGISTRY_URL=")
    }

    /// Starts `command`, which prints `Listening on URL`, and waits until it has also printed `last`.
    pub(crate) fn spawn_until(command: Command, last: &str) -> Result<Self> {
        let mut process = Process::start(command, Signal::KILL, None)?;
        let listening = RefCell::new(None);
        let url = process.wait_for(START_LIMIT, |line| {
            if let Some((_, url)) = line.split_once("Listening on ") {
                listening.replace(url.split_whitespace().next().map(str::to_owned));
            }
            if line.contains(last) {
                listening.take()
            } else {
                None
            }
        })?;
        Ok(Self {
            url,
            pid: process.pid(),
            process,
        })
    }

    /// What it has written so far, both streams together, at most 1 MiB.
    pub fn output(&self) -> String {
        self.process.output()
    }

    /// Sends SIGTERM and waits for the server to end. Fails, with its output, if it is still there
    /// after 30 seconds.
    pub fn stop(mut self) -> Result<ExitStatus> {
        self.process.stop(Signal::TERM)
    }
}

/// A command for the `enact` program at `binary` that inherits nothing which would change what it
/// does: no `ENACT_*`, `R2_*` or `DATABASE_URL`, neither a proxy that loopback requests would go to nor
/// other certificates than the system's, neither the keyring nor the browser of whoever runs the
/// tests, and nothing that asks for colours where no terminal is (as `CI` does of many a program).
pub fn enact_command(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        let ours = text.starts_with("ENACT_") || text.starts_with("R2_") || text == "DATABASE_URL";
        let upper = text.to_ascii_uppercase();
        let others = [
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "NO_PROXY",
            "NO_COLOR",
            "FORCE_COLOR",
            "CLICOLOR_FORCE",
            "CI",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR",
            "BROWSER",
            "DISPLAY",
            "WAYLAND_DISPLAY",
        ];
        if ours || others.contains(&&*upper) {
            command.env_remove(name);
        }
    }
    // An address that leads nowhere: without one, libraries look for the session's bus themselves.
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    command
}
