//! The keyring of the operating system, through `secret-tool`, the program of libsecret: GNOME's
//! keyring, KDE's wallet and whatever else speaks the Secret Service protocol. Tokens go through
//! pipes, since other users can see command lines.
//!
//! The keychain of macOS is another thing and not used: tokens are kept in the file there.

use std::env;
use std::io::{Read, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::settings::RegistryUrl;

/// How long the keyring may take: a person may have to type its password.
const LIMIT: Duration = Duration::from_mins(1);

/// How much of the program's answers is read, in bytes; far more than a token has.
const MAX_ANSWER: u64 = 64 * 1024;

/// What tells our secrets from those of other programs, the existing client among them.
const SERVICE: &str = "enact-registry-token";

/// A keyring that may be there: its program is.
#[derive(Debug)]
pub(crate) struct Keyring {
    program: PathBuf,
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
            .map(|program| Self { program })
            .ok_or_else(|| "secret-tool (of libsecret) is not installed".to_owned())
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
        let mut child = Command::new(&self.program)
            .arg(verb)
            .args(options)
            .args(["service", SERVICE, "registry", &registry.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("secret-tool cannot be started: {error}"))?;
        let answer = converse(&mut child, input);
        if answer.is_err() {
            // It may have ended by itself meanwhile.
            let _ = child.kill();
            let _ = child.wait();
        }
        answer
    }
}

/// Hands the program its input, and takes what it answers until it ends.
fn converse(child: &mut Child, input: &str) -> Result<Answer, String> {
    let deadline = Instant::now() + LIMIT;
    let broken = |error: std::io::Error| format!("secret-tool broke off: {error}");
    if let Some(mut stdin) = child.stdin.take() {
        // A pipe holds more than a token, so this does not wait. Who reads nothing says why.
        let _ = stdin.write_all(input.as_bytes());
    }
    let stdout = child.stdout.take().map(collect);
    let stderr = child.stderr.take().map(collect);
    let take = |pipe: Option<Receiver<Vec<u8>>>| match pipe {
        None => Ok(Vec::new()),
        Some(pipe) => pipe
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            .map_err(|_| format!("it did not answer within {} seconds", LIMIT.as_secs())),
    };
    let (stdout, stderr) = (take(stdout)?, take(stderr)?);
    let complaint = String::from_utf8_lossy(&stderr).into_owned();
    Ok(Answer {
        status: child.wait().map_err(broken)?,
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
