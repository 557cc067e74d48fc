//! The commands that authors would have run after an install. None is run unless the user says so: each
//! time (`--run-hooks`), or once and for all for the same bundle.

mod command;

use std::io;
use std::path::Path;

use enact_types::{Digest, ToolName};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use self::command::run_one;
use super::Installed;
use crate::exit::Failure;
use crate::installed::{exclusively, read_bounded, replace};
use crate::printer::Printer;
use crate::question::{can_ask, read_answer};
use crate::settings::RegistryUrl;

/// The largest file of consents that is read, in bytes; 10,000 fit.
const MAX_CONSENTS_BYTES: u64 = 4 * 1024 * 1024;

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
    /// Of the bundle. The same command may run other scripts in another version, so that one needs
    /// another consent.
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
        let consent = Consent::to(one);
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
    /// To the commands of this bundle of a skill.
    fn to(one: &Installed) -> Self {
        Self {
            name: one.name.clone(),
            registry: one.registry.clone(),
            hash: one.hash,
        }
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
    if !printer.is_verbose() || !can_ask(printer) {
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
    printer.instruct(
        "It sees your files, and of your environment PATH, HOME, proxies and the like alone.",
    );
    printer.ask("Run it? [y]es, [a]lways for this version, [N]o:");
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
        // Nobody waits any more after Ctrl-C.
        let _ = sender.send(read_answer());
    });
    let line = line.await.ok().and_then(Result::ok).unwrap_or_default();
    match line.trim().to_lowercase().as_str() {
        "y" | "yes" => Answer::Once,
        "a" | "always" => Answer::Always,
        _ => Answer::No,
    }
}
