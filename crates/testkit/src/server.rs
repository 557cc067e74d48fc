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
/// does: no `ENACT_*`, `R2_*`, `AWS_*` or `DATABASE_URL`, neither a proxy that loopback requests would
/// go to nor other certificates than the system's, neither the keyring nor the browser of whoever runs
/// the tests, and nothing that asks for colours where no terminal is (as `CI` does of many a program).
pub fn enact_command(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_setting) {
            command.env_remove(name);
        }
    }
    // An address that leads nowhere: without one, libraries look for the session's bus themselves.
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    command
}

/// Whether a variable of this name changes what a program does that is tested.
fn is_setting(name: &str) -> bool {
    const OTHERS: [&str; 13] = [
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
    let ours = ["ENACT_", "R2_", "AWS_"]
        .iter()
        .any(|start| name.starts_with(start));
    // Proxies are read in either case.
    ours || name == "DATABASE_URL" || OTHERS.contains(&&*name.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_changes_the_program_under_test() {
        for name in [
            "ENACT_LOG",
            "R2_BUCKET",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "DATABASE_URL",
            "https_proxy",
            "CI",
            "DISPLAY",
        ] {
            assert!(is_setting(name), "{name}");
        }
        for name in [
            "PATH",
            "HOME",
            "LANG",
            "CITY",
            "MY_ENACT_LOG",
            "CARGO_TERM_COLOR",
        ] {
            assert!(!is_setting(name), "{name}");
        }
    }

    #[test]
    fn a_command_inherits_no_settings_of_this_process() {
        let command = enact_command(Path::new("enact"));
        for (name, _) in std::env::vars_os() {
            let is_dropped = command
                .get_envs()
                .any(|(other, value)| other == name && value.is_none());
            let is_setting = name.to_str().is_some_and(is_setting);
            assert_eq!(is_dropped, is_setting, "{}", name.display());
        }
    }

    /// The test above where there is something to drop, whatever the machine has set.
    #[test]
    fn a_command_inherits_no_settings_of_a_process_that_has_some() {
        let mut process = Command::new(std::env::current_exe().unwrap());
        process.args([
            "--exact",
            "server::tests::a_command_inherits_no_settings_of_this_process",
        ]);
        process
            .envs(["ENACT_LOG", "AWS_ACCESS_KEY_ID", "https_proxy", "CI"].map(|name| (name, "1")));
        let ended = process.output().unwrap();
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(
            ended.status.success() && said.contains("1 passed"),
            "{said}"
        );
    }
}
