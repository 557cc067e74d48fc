//! The commands that authors would have run after an install. None is run unless the user says so: each
//! time (`--run-hooks`), or once and for all for the same commands of the same skill.

use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use enact_types::{Digest, ToolName};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::{Installed, blocking};
use crate::exit::Failure;
use crate::installed::{exclusively, read_bounded, replace};
use crate::printer::Printer;
use crate::settings::RegistryUrl;

/// The largest file of consents that is read, in bytes; 10,000 fit.
const MAX_CONSENTS_BYTES: u64 = 4 * 1024 * 1024;

/// What the commands must not find in their environment.
const SECRETS: [&str; 2] = ["ENACT_AUTH_TOKEN", "ENACT_REGISTRY_API_KEY"];

/// What became of a skill's commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Hook {
    /// They were run.
    Ran,
    /// They were not, since nobody said so.
    Skipped,
}

/// `~/.enact/hooks.json`: what the user has agreed to.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Consents {
    allowed: Vec<Consent>,
}

/// One thing that the user has agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Consent {
    name: ToolName,
    registry: RegistryUrl,
    /// Of the commands, as JSON: other ones need another consent.
    hash: Digest,
}

/// What somebody answered.
enum Answer {
    No,
    Once,
    Always,
}

/// Runs the commands of what was just installed, as far as the user says so: with `run` all of them.
/// Answers what became of those of each skill; `None` if it has none. Fails if one fails; the skill is
/// installed all the same.
pub(crate) async fn run_hooks(
    installed: &[Installed],
    run: bool,
    home: &Path,
    printer: &Printer,
) -> Result<Vec<Option<Hook>>, Failure> {
    let path = home.join(".enact/hooks.json");
    let mut consents = None;
    let mut hooks = Vec::new();
    for one in installed {
        if one.post_install.is_empty() {
            hooks.push(None);
            continue;
        }
        let consent = Consent::to(one)?;
        let known = match &mut consents {
            Some(known) => known,
            none => none.insert(Consents::read(&path)?),
        };
        let agreed = run || known.allowed.contains(&consent);
        let agreed = agreed || ask(one, consent, home, &path, printer).await?;
        for command in &one.post_install {
            if agreed {
                printer.note(&format!(
                    "Running the post-install hook of {}: {command}",
                    one.name
                ));
                run_one(one, command).await?;
            } else {
                printer.note(&format!(
                    "The post-install hook of {} was not run: {command}",
                    one.name
                ));
            }
        }
        hooks.push(Some(if agreed { Hook::Ran } else { Hook::Skipped }));
    }
    if hooks.contains(&Some(Hook::Skipped)) {
        printer.note("To run hooks, install again with --force --run-hooks.");
    }
    Ok(hooks)
}

impl Consent {
    /// To the commands of a skill.
    fn to(one: &Installed) -> Result<Self, Failure> {
        let commands = serde_json::to_vec(&one.post_install)
            .map_err(|error| Failure::io("cannot write the hook as JSON", &error))?;
        Ok(Self {
            name: one.name.clone(),
            registry: one.registry.clone(),
            hash: Digest::of(&commands),
        })
    }
}

impl Consents {
    fn read(path: &Path) -> Result<Self, Failure> {
        let invalid = |problem: String| {
            let message = format!("cannot use {}: {problem}", path.display());
            Failure::new("INVALID_CONSENTS", message)
                .hint("the skills are installed; move the file away to be asked again")
        };
        match read_bounded(path, MAX_CONSENTS_BYTES).map_err(invalid)? {
            None => Ok(Self::default()),
            Some(text) => serde_json::from_slice(&text).map_err(|error| invalid(error.to_string())),
        }
    }
}

/// Asks a person, if there is one; remembers what is to be remembered.
async fn ask(
    one: &Installed,
    consent: Consent,
    home: &Path,
    path: &Path,
    printer: &Printer,
) -> Result<bool, Failure> {
    if !printer.is_chatty() || !io::stdin().is_terminal() {
        return Ok(false);
    }
    printer.instruct(&format!(
        "{}@{} wants to run this on your machine, in {}:",
        one.name,
        one.version,
        one.folder.display()
    ));
    for command in &one.post_install {
        printer.instruct(&format!("  {command}"));
    }
    printer.ask("Run it? [y]es, [a]lways for this command, [N]o:");
    match answer().await {
        Answer::No => Ok(false),
        Answer::Once => Ok(true),
        Answer::Always => {
            let _held = exclusively(home).await?;
            let mut consents = Consents::read(path)?;
            consents.allowed.push(consent);
            let text = serde_json::to_vec_pretty(&consents).map_err(io::Error::from);
            text.and_then(|text| replace(path, &text))
                .map_err(|error| Failure::io(format!("cannot write {}", path.display()), &error))?;
            Ok(true)
        }
    }
}

/// What is typed. The thread that waits for it ends with the process: nothing wakes who reads a
/// terminal.
async fn answer() -> Answer {
    let (sender, line) = oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line);
        // Nobody waits any more after Ctrl-C.
        let _ = sender.send(read.map(|_| line));
    });
    let line = line.await.ok().and_then(Result::ok).unwrap_or_default();
    match line.trim().to_lowercase().as_str() {
        "y" | "yes" => Answer::Once,
        "a" | "always" => Answer::Always,
        _ => Answer::No,
    }
}

/// Runs a command in the skill's folder, as the existing client does. What it prints goes to stderr:
/// stdout belongs to this program.
async fn run_one(one: &Installed, command: &str) -> Result<(), Failure> {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .current_dir(&one.folder)
        .stdin(Stdio::null())
        .stdout(io::stderr());
    for secret in SECRETS {
        shell.env_remove(secret);
    }
    let failed = |how: String| {
        let message = format!("the post-install hook of {} {how}: {command}", one.name);
        Failure::new("HOOK_FAILED", message).hint(format!(
            "the skill is installed; what its hook does can be done by hand in {}",
            one.folder.display()
        ))
    };
    let mut child = shell
        .spawn()
        .map_err(|error| failed(format!("cannot be run ({error})")))?;
    let mut running = Running(Some(Pid::from_child(&child)));
    let status = blocking(move || child.wait()).await?;
    running.0 = None;
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(how_it_ended(status))),
        Err(error) => Err(failed(format!("was lost ({error})"))),
    }
}

fn how_it_ended(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("failed with {code}"),
        None => "was killed".to_owned(),
    }
}

/// Ends a command that nobody waits for any more.
struct Running(Option<Pid>);

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            // It may have ended just now.
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}
