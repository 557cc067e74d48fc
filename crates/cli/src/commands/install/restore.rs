//! `enact install` without a name: what a project or a user has locked, else what its list wants.

use enact_types::ToolName;

use crate::exit::Failure;
use crate::installed::{Locked, Records};
use crate::installer::{Installer, Plan, Record, Step, Target};
use crate::printer::Printer;
use crate::tool_request::Wanted;

/// Tells of what is in the list and is no skill of a registry.
pub(super) fn note_strangers(records: &Records, printer: &Printer) {
    for name in records.list.strangers() {
        let list = records.scope.list();
        printer.warning(&format!(
            "{list} has {name:?}, which is no name of a registry; it was left alone"
        ));
    }
}

/// What is locked and wanted stays as locked; of what is only wanted, versions are looked for; what is
/// only locked is forgotten. With `frozen`, fails if there is anything but the first.
pub(super) fn plan(
    records: &Records,
    frozen: bool,
    installer: &Installer<'_>,
) -> Result<Plan, Failure> {
    if frozen {
        check_frozen(records)?;
    }
    if !records.list.exists() && records.lock.exists() {
        // A lock alone says all there is to know.
        let locked = records
            .lock
            .skills()
            .map(|(name, locked)| step(name, locked));
        return Ok(Plan {
            steps: locked.collect(),
            forget: Vec::new(),
            record: Record::Both,
        });
    }
    let steps = records.list.skills().iter();
    let steps = steps.map(|(name, wanted)| match records.agreed(name) {
        Some(locked) => step(name, locked),
        None => Step::Resolve {
            name: name.clone(),
            wanted: Some(wanted.clone()),
            registry: installer.registry().clone(),
        },
    });
    let forget = records.lock.skills().map(|(name, _)| name);
    let forget = forget.filter(|name| records.list.wanted(name).is_none());
    Ok(Plan {
        steps: steps.collect(),
        forget: forget.cloned().collect(),
        record: if frozen {
            Record::Nothing
        } else {
            Record::Both
        },
    })
}

fn step(name: &ToolName, locked: &Locked) -> Step {
    Step::Target(Target::locked(name, locked))
}

/// Fails if the list and the lock say different things.
fn check_frozen(records: &Records) -> Result<(), Failure> {
    let (list, lock) = (records.scope.list(), records.scope.lock());
    if !records.lock.exists() {
        let message = format!("there is no {lock}, which --frozen needs");
        return Err(Failure::new("NO_LOCK", message)
            .hint("`enact install` writes one; put it into version control"));
    }
    let mut differences = Vec::new();
    for (name, wanted) in records.list.skills() {
        match records.lock.get(name) {
            _ if records.agreed(name).is_some() => {}
            None => differences.push(format!("{name} is in {list} alone")),
            Some(locked) => differences.push(format!(
                "{name}: {list} wants {wanted}, locked is {}{}",
                locked.version,
                asked_for(wanted, locked)
            )),
        }
    }
    for (name, _) in records.lock.skills() {
        if records.list.wanted(name).is_none() {
            differences.push(format!("{name} is in {lock} alone"));
        }
    }
    if differences.is_empty() {
        return Ok(());
    }
    let message = format!("{list} and {lock} differ: {}", differences.join("; "));
    Err(Failure::new("LOCK_DIFFERS", message)
        .hint("nothing was changed; `enact install` without --frozen brings the lock up to date"))
}

fn asked_for(wanted: &Wanted, locked: &Locked) -> String {
    if locked.requested == Wanted::Exact(locked.version.clone()) || locked.requested == *wanted {
        return String::new();
    }
    format!(" for {}", locked.requested)
}
