//! `enact update`: brings skills to newer versions.

use enact_types::{ToolName, Version};
use serde::Serialize;

use super::{home, records, settings};
use crate::args::{Global, Update};
use crate::exit::Failure;
use crate::installed::Records;
use crate::installer::{Installer, Options, Plan, Record, Step, Target, run_hooks};
use crate::printer::Printer;
use crate::tool_request::Wanted;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Output<'a> {
    updated: Vec<Change<'a>>,
    unchanged: Vec<Same<'a>>,
}

/// A skill that has another version now.
#[derive(Debug, Serialize)]
struct Change<'a> {
    name: &'a ToolName,
    /// The version before; null if none was locked.
    from: Option<&'a Version>,
    to: &'a Version,
}

/// A skill that was at the right version already.
#[derive(Debug, Serialize)]
struct Same<'a> {
    name: &'a ToolName,
    version: &'a Version,
    /// The versions that `update` looks for.
    requested: &'a Wanted,
}

/// Runs the command.
pub(super) async fn run(args: Update, global: &Global, printer: &Printer) -> Result<(), Failure> {
    let home = home()?;
    let mut records = records(args.global, &home)?;
    let installer = Installer::new(home, settings(global)?, Options::default(), printer);
    let steps = steps(&args, &records, &installer)?;
    let targets = installer.resolve_all(steps, &records.list).await;
    // A registry may be asked, so nothing can be lacking.
    let (mut targets, _) = targets.map_err(|failure| match (failure.code(), &*args.names) {
        ("VERSION_YANKED", [name]) => {
            failure.hint(format!("or look beyond: enact update --latest {name}"))
        }
        ("VERSION_YANKED", _) => failure.hint("or look beyond: enact update --latest NAME"),
        _ => failure,
    })?;
    for target in &mut targets {
        keep_higher(target, &records);
    }
    let before: Vec<_> = targets
        .iter()
        .map(|target| {
            records
                .agreed(&target.name)
                .map(|locked| locked.version.clone())
        })
        .collect();
    let outlook = |records: &Records| {
        // Another process may have uninstalled one meanwhile.
        let targets = targets.iter();
        let targets = targets.filter(|target| records.list.wanted(&target.name).is_some());
        Ok(Plan {
            steps: targets.cloned().map(Step::Target).collect(),
            forget: Vec::new(),
            record: Record::Both,
        })
    };
    let (_, done) = installer.carry_out(outlook, &mut records).await?;
    let output = output(&targets, &before);
    report(&output, printer);
    run_hooks(&done, args.run_hooks, installer.home(), printer).await?;
    printer.json(&output);
    Ok(())
}

/// What to look for: within what was asked for, or beyond it.
fn steps(
    args: &Update,
    records: &Records,
    installer: &Installer<'_>,
) -> Result<Vec<Step>, Failure> {
    for name in &args.names {
        if records.list.wanted(name).is_none() {
            let message = format!("{name} is not in {}", records.scope.list());
            return Err(Failure::new("NOT_INSTALLED", message)
                .hint(format!("install it: enact install {name}")));
        }
    }
    let chosen = |name: &ToolName| args.names.is_empty() || args.names.contains(name);
    let skills = records.list.skills().iter();
    let steps = skills
        .filter(|(name, _)| chosen(name))
        .map(|(name, wanted)| {
            let locked = records.agreed(name);
            let requested = locked.map_or(wanted, |locked| &locked.requested);
            let registry = locked.map_or(installer.registry(), |locked| {
                installer.registry_for(&locked.registry)
            });
            let beyond = args.latest && *requested != Wanted::Latest;
            Step::Resolve {
                name: name.clone(),
                wanted: (!beyond).then(|| requested.clone()),
                registry: registry.clone(),
            }
        });
    Ok(steps.collect())
}

/// A pre-release that was asked for may be higher than what a registry calls the latest.
fn keep_higher(target: &mut Target, records: &Records) {
    if let Some(locked) = records.agreed(&target.name)
        && !target.requested.accepts(&locked.version)
        && locked.version > target.version
    {
        *target = Target::locked(&target.name, locked);
    }
}

fn output<'a>(targets: &'a [Target], before: &'a [Option<Version>]) -> Output<'a> {
    let mut output = Output {
        updated: Vec::new(),
        unchanged: Vec::new(),
    };
    for (target, from) in targets.iter().zip(before) {
        let (name, version) = (&target.name, &target.version);
        if from.as_ref() == Some(version) {
            let requested = &target.requested;
            output.unchanged.push(Same {
                name,
                version,
                requested,
            });
        } else {
            let from = from.as_ref();
            output.updated.push(Change {
                name,
                from,
                to: version,
            });
        }
    }
    output
}

fn report(output: &Output<'_>, printer: &Printer) {
    let rows: Vec<_> = output
        .updated
        .iter()
        .map(|change| {
            let from = change.from.map_or("-".to_owned(), ToString::to_string);
            vec![change.name.to_string(), from, change.to.to_string()]
        })
        .collect();
    if rows.is_empty() {
        printer.success("Everything is up to date");
    } else {
        printer.report(&["NAME", "FROM", "TO"], &rows);
        let skills = if rows.len() == 1 { "skill" } else { "skills" };
        printer.success(&format!("Updated {} {skills}", rows.len()));
    }
    let pinned = output.unchanged.iter();
    let pinned = pinned.filter(|same| matches!(same.requested, Wanted::Exact(_)));
    for same in pinned {
        let Same { name, version, .. } = same;
        printer.note(&format!(
            "{name} stays at {version}, which was asked for exactly; --latest goes beyond"
        ));
    }
}
