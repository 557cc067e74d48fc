//! `enact uninstall`: removes skills.

use std::path::PathBuf;

use enact_types::ToolName;
use serde::Serialize;

use super::{home, records};
use crate::args::Uninstall;
use crate::exit::Failure;
use crate::installed::{NoSkills, Place, Records, Scope};
use crate::printer::Printer;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Output<'a> {
    removed: &'a [Removed],
}

/// What became of one skill.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Removed {
    name: ToolName,
    scope: Scope,
    /// The skill's folder.
    location: PathBuf,
    /// Whether the folder was removed; false if there was none, it holds something else than a
    /// skill, or the other list needs it.
    #[serde(rename = "filesRemoved")]
    gone: bool,
    /// Whether the other one of the project's and the user's lists has the skill too.
    still_listed: bool,
    /// Why the folder was left although nothing needs it.
    #[serde(skip)]
    kept: Option<Failure>,
}

/// Runs the command.
pub(super) async fn run(args: Uninstall, printer: &Printer) -> Result<(), Failure> {
    let home = home()?;
    let mut mine = records(args.global, &home)?;
    let mut other = records(!args.global, &home)?;
    for name in &args.names {
        check_listed(name, &mine, &other)?;
    }
    let removed = mine
        .change(|records| -> Result<_, Failure> {
            other.refresh()?;
            let mut removed = Vec::new();
            for name in &args.names {
                let place = Place::of(&home, name);
                let still_listed = other.list.wanted(name).is_some();
                // What is no skill was not installed; the records are about nothing then.
                let kept = place
                    .check_free(&NoSkills::default())
                    .err()
                    .filter(|_| !still_listed);
                // Until the records say so too, nothing is deleted: what fails brings everything back.
                let aside = if still_listed || kept.is_some() {
                    None
                } else {
                    place.set_aside()?
                };
                records.list.remove(name);
                records.lock.remove(name);
                let one = Removed {
                    name: name.clone(),
                    scope: records.scope,
                    location: place.path().to_owned(),
                    gone: aside.is_some(),
                    still_listed,
                    kept,
                };
                removed.push((one, place, aside));
            }
            Ok(removed)
        })
        .await?;
    // All of them, whatever becomes of one: the records say already that they are gone.
    let (mut gone, mut failures) = (Vec::new(), Vec::new());
    for (one, place, aside) in removed {
        match aside.map(|aside| place.delete(aside)) {
            Some(Err(failure)) => failures.push(failure),
            Some(Ok(())) | None => gone.push(one),
        }
    }
    let removed = gone;
    for one in &removed {
        report(one, &mine, &other, printer);
    }
    if !failures.is_empty() {
        let messages: Vec<_> = failures.iter().map(Failure::message).collect();
        return Err(Failure::new("IO_ERROR", messages.join("; ")).hint(
            "the lists say that it is uninstalled; what is left is hidden beside its place",
        ));
    }
    printer.json(&Output { removed: &removed });
    Ok(())
}

fn check_listed(name: &ToolName, mine: &Records, other: &Records) -> Result<(), Failure> {
    if mine.list.wanted(name).is_some() || mine.lock.get(name).is_some() {
        return Ok(());
    }
    let message = format!(
        "{name} is not in {}; nothing was removed",
        mine.scope.list()
    );
    let failure = Failure::new("NOT_INSTALLED", message);
    Err(match (other.list.wanted(name), other.scope) {
        (Some(_), Scope::Global) => failure.hint(format!(
            "it is in {}: enact uninstall --global {name}",
            other.scope.list()
        )),
        (Some(_), Scope::Project) => failure.hint(format!(
            "it is in {}: enact uninstall {name}",
            other.scope.list()
        )),
        (None, _) => failure.hint("see what is installed: enact list"),
    })
}

fn report(one: &Removed, mine: &Records, other: &Records, printer: &Printer) {
    let Removed { name, location, .. } = one;
    let (list, lock) = (mine.scope.list(), mine.scope.lock());
    printer.success(&format!("Uninstalled {name}"));
    let folder = location.display();
    let files = match (one.gone, one.still_listed) {
        (true, _) => format!("removed {folder}"),
        (false, false) if one.kept.is_some() => format!("{folder} stays"),
        (false, true) => format!("{folder} stays: {} has it too", other.scope.list()),
        (false, false) => format!("{folder} was not there"),
    };
    printer.details(&[
        ("Files", files),
        ("Records", format!("taken off {list} and {lock}")),
    ]);
    if let Some(why) = &one.kept {
        printer.warning(why.message());
    }
    if one.gone {
        printer.note("In another project that uses it, `enact install` brings it back.");
    }
}
