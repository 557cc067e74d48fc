//! `enact verify`: compares what is installed with the lock.

use enact_types::{ToolName, Version};
use serde::Serialize;

use super::skill::counted;
use super::{home, records};
use crate::args::Verify;
use crate::exit::Failure;
use crate::installed::{Difference, Locked, Place, Records, differences};
use crate::printer::Printer;

/// What `--json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    /// Whether everything is as locked.
    ok: bool,
    skills: &'a [Checked],
}

/// A skill and what is different.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Checked {
    name: ToolName,
    /// The version that is locked; null if the skill is in the list alone.
    version: Option<Version>,
    /// The version that the folder says it is; null if there is none or it does not say.
    installed_version: Option<Version>,
    /// `ok`, `different`, `missing` or `unlocked`.
    status: Status,
    /// Every file that is different; none if the whole folder is missing.
    differences: Vec<Difference>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    /// Every file is as locked, and there is none besides.
    Ok,
    /// Some are not.
    Different,
    /// There is no folder.
    Missing,
    /// The list has it, and the lock does not.
    Unlocked,
}

/// Runs the command.
pub(super) fn run(args: &Verify, printer: &Printer) -> Result<(), Failure> {
    let home = home()?;
    let records = records(args.global, &home)?;
    let lock = records.scope.lock();
    if !records.lock.exists() {
        let message = format!("there is no {lock} to compare with");
        return Err(Failure::new("NO_LOCK", message).hint("`enact install` writes one"));
    }
    let mut checked = Vec::new();
    for name in names(args, &records)? {
        let place = Place::of(&home, &name);
        checked.push(check(name, &place, &records)?);
    }
    let wrong: Vec<_> = checked
        .iter()
        .filter(|one| one.status != Status::Ok)
        .collect();
    if wrong.is_empty() {
        let count = checked.len();
        let skills = if count == 1 { "skill is" } else { "skills are" };
        printer.success(&format!("{count} {skills} as locked"));
    } else {
        let rows: Vec<_> = wrong.iter().flat_map(|one| rows(one)).collect();
        printer.table(&["SKILL", "FILE", "PROBLEM"], &rows);
    }
    printer.json(&Output {
        ok: wrong.is_empty(),
        skills: &checked,
    });
    if wrong.is_empty() {
        return Ok(());
    }
    let are = if wrong.len() == 1 { "is" } else { "are" };
    let message = format!(
        "{} of {} {are} not as locked",
        wrong.len(),
        counted(checked.len(), "skill")
    );
    let failure = Failure::new("DIFFERENT", message).already_in_json();
    Err(failure.hint(
        "`enact install` puts back what is missing or changed; --force also clears what is extra",
    ))
}

/// What is to be compared: what was named, else all that is in the list or the lock.
fn names(args: &Verify, records: &Records) -> Result<Vec<ToolName>, Failure> {
    if args.names.is_empty() {
        let locked = records.lock.skills().map(|(name, _)| name.clone());
        let listed = records.list.skills().iter().map(|(name, _)| name.clone());
        let mut names: Vec<_> = locked.chain(listed).collect();
        names.sort();
        names.dedup();
        return Ok(names);
    }
    for name in &args.names {
        if records.lock.get(name).is_none() {
            let message = format!("{name} is not in {}", records.scope.lock());
            return Err(Failure::new("NOT_LOCKED", message).hint("see what is: enact list"));
        }
    }
    Ok(args.names.clone())
}

fn check(name: ToolName, place: &Place, records: &Records) -> Result<Checked, Failure> {
    let locked = records.lock.get(&name);
    let (status, differences) = match locked {
        None => (Status::Unlocked, Vec::new()),
        Some(_) if !place.path().exists() => (Status::Missing, Vec::new()),
        Some(Locked { files, .. }) => {
            let found = differences(place.path(), files).map_err(|error| {
                Failure::io(format!("cannot read {}", place.path().display()), &error)
            })?;
            let fine = found.is_empty();
            (if fine { Status::Ok } else { Status::Different }, found)
        }
    };
    Ok(Checked {
        version: locked.map(|locked| locked.version.clone()),
        installed_version: place.version(),
        name,
        status,
        differences,
    })
}

fn rows(one: &Checked) -> Vec<Vec<String>> {
    let row =
        |file: &str, problem: &str| vec![one.name.to_string(), file.to_owned(), problem.to_owned()];
    match (one.status, &one.version, &one.installed_version) {
        (Status::Ok, ..) => Vec::new(),
        (Status::Missing, ..) => vec![row("-", "missing")],
        (Status::Unlocked, ..) => vec![row("-", "not locked")],
        (Status::Different, Some(locked), Some(there)) if locked != there => {
            vec![row("-", &format!("is version {there}, locked is {locked}"))]
        }
        (Status::Different, ..) => {
            let differences = one.differences.iter();
            differences
                .map(|difference| row(&difference.path, difference.problem.as_str()))
                .collect()
        }
    }
}
