//! The keyring of the operating system, through `secret-tool`, the program of libsecret: GNOME's
//! keyring, KDE's wallet and whatever else speaks the Secret Service protocol. Tokens go through
//! pipes, since other users can see command lines.
//!
//! The keychain of macOS is another thing and not used: tokens are kept in the file there.

use std::env;
use std::io::{self, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use crate::commands::heed_signals;
use crate::settings::RegistryUrl;

/// How long the keyring may take: a person may have to type its password.
const LIMIT: Duration = Duration::from_mins(1);

/// How long to wait before the next look whether to wait on.
const PAUSE: Duration = Duration::from_millis(5);

/// How much of the program's answers is read, in bytes; far more than a token has.
const MAX_ANSWER: u64 = 64 * 1024;

/// What tells our secrets from those of other programs, the existing client among them.
const SERVICE: &str = "enact-registry-token";

/// A keyring that may be there: its program is.
#[derive(Debug)]
pub(crate) struct Keyring {
    program: PathBuf,
    /// How long one question may take.
    limit: Duration,
    /// Cancelled when nobody waits for an answer any more. None where nothing
    /// listens for that: then a signal ends this program, at once or when it comes again.
    stop: Option<CancellationToken>,
}

/// How long to wait for one answer.
struct Patience<'a> {
    keyring: &'a Keyring,
    deadline: Instant,
}

/// What the program answered.
struct Answer {
    status: ExitStatus,
    stdout: Vec<u8>,
    /// The first line of what it complained about.
    complaint: String,
}

impl Keyring {
    /// Looks for the program in `PATH`. Says why there is no keyring if it is not there.
    pub(crate) fn find() -> Result<Self, String> {
        let folders = env::var_os("PATH").unwrap_or_default();
        let found = env::split_paths(&folders)
            .map(|folder| folder.join("secret-tool"))
            .find(|path| path.is_file());
        found
            .map(|program| Self {
                program,
                limit: LIMIT,
                stop: None,
            })
            .ok_or_else(|| "secret-tool (of libsecret) is not installed".to_owned())
    }

    /// Asks `question` on a thread of its own, so that signals are heard meanwhile: whoever drops this
    /// ends the program that is asked, before the runtime ends.
    pub(super) async fn ask<T: Send + 'static>(
        mut self,
        question: impl FnOnce(&Self) -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        let stop = CancellationToken::new();
        self.stop = Some(stop.clone());
        let _stop = stop.drop_guard();
        heed_signals().await;
        let answer = spawn_blocking(move || question(&self)).await;
        answer.unwrap_or_else(|error| Err(format!("secret-tool cannot be asked: {error}")))
    }

    /// The token for the registry. Says why there is none.
    pub(super) fn get(&self, registry: &RegistryUrl) -> Result<String, String> {
        let answer = self.run("lookup", &[], registry, "")?;
        let text = String::from_utf8(answer.stdout).unwrap_or_default();
        if answer.status.success() && !text.is_empty() {
            return Ok(text);
        }
        Err(match &*answer.complaint {
            "" => "it is locked, or the token is gone".to_owned(),
            complaint => complaint.to_owned(),
        })
    }

    /// Keeps the token for the registry, in place of another one. Says why it cannot.
    pub(super) fn set(&self, registry: &RegistryUrl, token: &str) -> Result<(), String> {
        let label = format!("--label=Enact registry {registry}");
        let answer = self.run("store", &[&label], registry, token)?;
        if !answer.status.success() {
            return Err(match &*answer.complaint {
                "" => "it is locked".to_owned(),
                complaint => complaint.to_owned(),
            });
        }
        // Some versions cut long secrets, and say nothing.
        if self.get(registry)? != token {
            self.remove(registry)?;
            return Err("it does not keep texts as long as this token".to_owned());
        }
        Ok(())
    }

    /// Removes the token for the registry, if there is one. Says why it cannot.
    pub(super) fn remove(&self, registry: &RegistryUrl) -> Result<(), String> {
        let answer = self.run("clear", &[], registry, "")?;
        if answer.complaint.is_empty() && self.get(registry).is_err() {
            return Ok(());
        }
        Err(match &*answer.complaint {
            "" => "it keeps the token".to_owned(),
            complaint => complaint.to_owned(),
        })
    }

    fn run(
        &self,
        verb: &str,
        options: &[&str],
        registry: &RegistryUrl,
        input: &str,
    ) -> Result<Answer, String> {
        let patience = Patience {
            keyring: self,
            deadline: Instant::now() + self.limit,
        };
        patience.check()?;
        let mut command = Command::new(&self.program);
        command
            .arg(verb)
            .args(options)
            .args(["service", SERVICE, "registry", &registry.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if self.stop.is_some() {
            // Ctrl-C goes to the terminal's whole group. If it ended the program, that would look as if
            // there were no keyring.
            command.process_group(0);
        }
        let mut child = command
            .spawn()
            .map_err(|error| format!("secret-tool cannot be started: {error}"))?;
        let answer = converse(&mut child, input, &patience);
        if answer.is_err() {
            self.end(&mut child);
        }
        answer
    }

    /// Ends the program that was asked. It may have ended by itself meanwhile.
    fn end(&self, child: &mut Child) {
        if self.stop.is_some() {
            let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Patience<'_> {
    /// Says why to wait no longer, if so.
    fn check(&self) -> Result<(), String> {
        let Keyring { limit, stop, .. } = self.keyring;
        if stop.as_ref().is_some_and(CancellationToken::is_cancelled) {
            return Err("interrupted".to_owned());
        }
        if Instant::now() >= self.deadline {
            let seconds = limit.as_secs();
            return Err(format!("it did not answer within {seconds} seconds"));
        }
        Ok(())
    }

    /// Waits for all that comes through a pipe.
    fn take(&self, pipe: Option<Receiver<Vec<u8>>>) -> Result<Vec<u8>, String> {
        let Some(pipe) = pipe else {
            return Ok(Vec::new());
        };
        loop {
            match pipe.recv_timeout(PAUSE) {
                Ok(bytes) => return Ok(bytes),
                Err(RecvTimeoutError::Timeout) => self.check()?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err("its answer cannot be read".to_owned());
                }
            }
        }
    }

    /// Waits for the program's end, which need not come when it has said all.
    fn end_of(&self, child: &mut Child) -> Result<ExitStatus, String> {
        let broken = |error: io::Error| format!("secret-tool broke off: {error}");
        loop {
            if let Some(status) = child.try_wait().map_err(broken)? {
                return Ok(status);
            }
            self.check()?;
            thread::sleep(PAUSE);
        }
    }
}

/// Hands the program its input, and takes what it answers until it ends.
fn converse(child: &mut Child, input: &str, patience: &Patience<'_>) -> Result<Answer, String> {
    if let Some(mut stdin) = child.stdin.take() {
        // A pipe holds more than a token, so this does not wait. Who reads nothing says why.
        let _ = stdin.write_all(input.as_bytes());
    }
    let stdout = child.stdout.take().map(collect);
    let stderr = child.stderr.take().map(collect);
    let (stdout, stderr) = (patience.take(stdout)?, patience.take(stderr)?);
    let complaint = String::from_utf8_lossy(&stderr).into_owned();
    Ok(Answer {
        status: patience.end_of(child)?,
        stdout,
        complaint: complaint
            .lines()
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned(),
    })
}

/// Reads a pipe on a thread of its own, which ends with the program at the latest.
fn collect(pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.take(MAX_ANSWER).read_to_end(&mut bytes);
        // Nobody may be waiting any more.
        let _ = read.map(|_| sender.send(bytes));
    });
    receiver
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::settings::Source;

    #[test]
    fn is_not_waited_for_beyond_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("secret-tool");
        let registry = RegistryUrl::parse("http://127.0.0.1:1", Source::Default).unwrap();
        // The second has said all, and does not end.
        for does in ["exec sleep 1000", "exec sleep 1000 >&- 2>&-"] {
            fs::write(&program, format!("#!/bin/sh\n{does}\n")).unwrap();
            fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
            let keyring = Keyring {
                program: program.clone(),
                limit: Duration::from_millis(1),
                stop: None,
            };
            let why = keyring.get(&registry).unwrap_err();
            assert!(why.contains("did not answer"), "{does}: {why}");
        }
    }
}
