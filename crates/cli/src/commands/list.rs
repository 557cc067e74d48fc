//! `enact list`: what is installed.

mod outdated;

use std::path::PathBuf;

use enact_types::{ToolName, Version};
use serde::Serialize;

use super::{home, records, settings};
use crate::args::{Global, List};
use crate::exit::Failure;
use crate::installed::{Place, Records, Scope};
use crate::installer::{Installer, Options};
use crate::printer::Printer;
use crate::tool_request::Wanted;

/// What `--json` prints of each skill, in a list; the existing client's fields first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Output {
    name: ToolName,
    /// What it does, as its folder says; `-` if that is not known.
    description: String,
    /// What the list says: a version or a range.
    version: Wanted,
    /// The skill's folder.
    location: PathBuf,
    scope: Scope,
    /// Short names for it, with commas; `-` if there is none.
    alias: String,
    /// The version in the folder; null if there is none or it does not say.
    installed_version: Option<Version>,
    /// The version that is locked; null if none is.
    locked_version: Option<Version>,
}

/// Runs the command.
pub(super) async fn run(args: List, global: &Global, printer: &Printer) -> Result<(), Failure> {
    let home = home()?;
    let records = records(args.global, &home)?;
    if args.outdated {
        let settings = settings(global)?;
        let installer = Installer::new(home, settings, Options::default(), printer);
        return outdated::run(&records, &installer, printer).await;
    }
    let skills = records.list.skills().iter();
    let skills =
        skills.map(|(name, wanted)| output(name, wanted, &Place::of(&home, name), &records));
    let skills: Vec<_> = skills.collect();
    if skills.is_empty() {
        printer.note(&format!("There is nothing in {}.", records.scope.list()));
        if records.scope == Scope::Project {
            printer.note("What is installed for all projects: enact list --global");
        }
    } else {
        let rows: Vec<_> = skills.iter().map(row).collect();
        printer.table(&["NAME", "VERSION", "STATUS", "DESCRIPTION"], &rows);
    }
    printer.json(&skills);
    Ok(())
}

fn output(name: &ToolName, wanted: &Wanted, place: &Place, records: &Records) -> Output {
    let or_dash = |text: String| {
        if text.is_empty() {
            "-".to_owned()
        } else {
            text
        }
    };
    Output {
        name: name.clone(),
        description: or_dash(place.description().unwrap_or_default()),
        version: wanted.clone(),
        location: place.path().to_owned(),
        scope: records.scope,
        alias: or_dash(records.list.aliases(name).join(", ")),
        installed_version: place.version(),
        locked_version: records.agreed(name).map(|locked| locked.version.clone()),
    }
}

fn row(skill: &Output) -> Vec<String> {
    let meant = match (&skill.locked_version, &skill.version) {
        (Some(version), _) | (None, Wanted::Exact(version)) => Some(version),
        (None, _) => None,
    };
    let status = match (&skill.installed_version, meant) {
        (Some(there), Some(meant)) if there == meant => "installed".to_owned(),
        (Some(there), _) => format!("is {there}"),
        (None, _) if skill.location.is_dir() => "unknown".to_owned(),
        (None, _) => "missing".to_owned(),
    };
    let version = meant.map_or(skill.version.to_string(), ToString::to_string);
    vec![
        skill.name.to_string(),
        version,
        status,
        crate::text::shorten(&skill.description),
    ]
}
