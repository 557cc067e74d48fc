//! The commands that authors would have run after an install. None is run unless the user says so: each
//! time (`--run-hooks`), or once and for all for the same bundle.

mod command;
mod unchanged;

use std::io;
use std::path::Path;

use enact_bundle::hidden_character;
use enact_types::{Digest, ToolName};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use self::command::run_one;
use self::unchanged::Unchanged;
use super::{Installed, blocking};
use crate::exit::Failure;
use crate::installed::{exclusively, read_described, replace_private};
use crate::printer::Printer;
use crate::private::Distrust;
use crate::question::{can_ask, read_answer};
use crate::settings::RegistryUrl;
use crate::text::command_lines;

/// The largest file of consents that is read, in bytes; 10,000 fit.
const MAX_CONSENTS_BYTES: u64 = 4 * 1024 * 1024;

/// How many lines of commands are seen on a terminal without scrolling, with the question below them.
const SEEN_AT_ONCE: usize = 15;

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
    /// Why there is nothing of what is in the file.
    #[serde(skip)]
    distrust: Option<Distrust>,
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
            none => {
                let read = Consents::read(&path)?;
                if let Some(distrust) = read.distrust {
                    let fix = distrust.fix(&path);
                    let path = path.display();
                    printer.warning(&format!("{path} is not used: {distrust}; {fix}"));
                }
                none.insert(read)
            }
        };
        let agreed = run || known.allowed.contains(&consent);
        let mut commands = one.post_install.iter();
        let hidden = commands.find_map(|command| hidden_character(command));
        let hook = match hidden {
            Some(hidden) if agreed => return Err(refused(one, hidden)),
            Some(hidden) => {
                // Nobody can agree to what is not seen.
                printer.warning(&not_seen(one, hidden));
                Hook::Skipped
            }
            None if agreed || ask(one, consent, home, &path, printer).await? => Hook::Ran,
            None => Hook::Skipped,
        };
        match hook {
            Hook::Ran => run_all(one, home, printer).await?,
            Hook::Skipped => {
                let name = &one.name;
                printer.note(&format!("The post-install hook of {name} was not run:"));
                let lines = one.post_install.iter().flat_map(|one| command_lines(one));
                lines.for_each(|line| printer.note(&line));
            }
        }
        hooks.push(Some(hook));
    }
    if hooks.contains(&Some(Hook::Skipped)) {
        printer.note("To run hooks, install again with --force --run-hooks.");
    }
    Ok(hooks)
}

/// Runs the commands one after the other, if the folder that they are to run in is the one that was
/// installed: an answer takes its time, and a command too, in which another version can come.
///
/// Each is started while nobody may replace the folder, and runs without that lock, since it may well
/// install something itself. Its working folder stays the one that was looked at, whatever is in its
/// place by then; only what a command names by an absolute path can be something else.
async fn run_all(one: &Installed, home: &Path, printer: &Printer) -> Result<(), Failure> {
    let mut folder = None;
    for command in &one.post_install {
        let held = exclusively(home).await?;
        let checked = if let Some(folder) = &folder {
            Unchanged::check_place(folder)
        } else {
            let (path, files) = (one.folder.clone(), one.files.clone());
            let checked = blocking(move || Unchanged::check(path, &files)).await?;
            checked.map(|unchanged| folder = Some(unchanged))
        };
        checked.map_err(|difference| changed(one, &difference))?;
        printer.note(&format!("Running the post-install hook of {}:", one.name));
        for line in command_lines(command) {
            printer.note(&line);
        }
        run_one(one, command, held).await?;
    }
    Ok(())
}

fn changed(one: &Installed, difference: &str) -> Failure {
    let Installed { name, version, .. } = one;
    let message = format!(
        "{name} is not what was installed any more ({difference}), so its post-install hook was not run"
    );
    Failure::new("CHANGED_MEANWHILE", message).hint(format!(
        "to look at it again: enact install {name}@{version} --force"
    ))
}

fn not_seen(one: &Installed, hidden: char) -> String {
    format!(
        "the post-install hook of {} has the character U+{:04X}, which is not seen on a terminal",
        one.name,
        u32::from(hidden)
    )
}

fn refused(one: &Installed, hidden: char) -> Failure {
    let Installed { name, version, .. } = one;
    let message = format!("{}; it was not run", not_seen(one, hidden));
    Failure::new("HOOK_REFUSED", message)
        .hint(format!(
            "the skill is installed; see what the hook is: enact inspect {name}@{version}"
        ))
        .hint("tell its author to leave the character out")
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
    /// What the user has agreed to: nothing, if others may have written that.
    fn read(path: &Path) -> Result<Self, Failure> {
        let invalid = |problem: String| {
            let message = format!("cannot use {}: {problem}", path.display());
            Failure::new("INVALID_CONSENTS", message)
                .hint("the skills are installed; move the file away to be asked again")
        };
        let Some((text, metadata)) = read_described(path, MAX_CONSENTS_BYTES).map_err(invalid)?
        else {
            return Ok(Self::default());
        };
        let distrust = Distrust::of(&metadata);
        if distrust.is_some() {
            let allowed = Vec::new();
            return Ok(Self { allowed, distrust });
        }
        serde_json::from_slice(&text).map_err(|error| invalid(error.to_string()))
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
    let lines = one.post_install.iter().flat_map(|one| command_lines(one));
    let lines: Vec<_> = lines.collect();
    for line in &lines {
        printer.instruct(line);
    }
    if lines.len() > SEEN_AT_ONCE {
        let all = lines.len();
        printer.instruct(&format!(
            "These are {all} lines: scroll up to see them all."
        ));
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
            text.and_then(|text| replace_private(path, &text))
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
