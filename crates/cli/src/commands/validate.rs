//! `enact validate`: lists everything that is wrong with a skill's folder.

use enact_bundle::{SkillFolder, Validation};
use enact_types::{ToolName, Version};
use serde::Serialize;

use super::problems::{self, Count, ProblemOutput};
use super::skill::{counted, invalid};
use crate::args::Validate;
use crate::exit::Failure;
use crate::printer::{Printer, Stream};
use crate::text::bytes;

/// What `--json` prints, whether the skill is valid or not.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    /// Whether there are no errors, and with `--strict` no warnings.
    valid: bool,
    /// Null if there are errors.
    name: Option<&'a ToolName>,
    /// Null if there are errors.
    version: Option<&'a Version>,
    errors: usize,
    warnings: usize,
    /// By file and line.
    problems: Vec<ProblemOutput<'a>>,
    /// Files of which only the first MiB was searched for secrets.
    partly_scanned: &'a [String],
}

/// Runs the command.
pub(super) fn run(args: &Validate, printer: &Printer) -> Result<(), Failure> {
    let validation = SkillFolder::validate(&args.path).map_err(|error| invalid(&error))?;
    problems::show(&validation, Stream::Out, printer);
    let count = Count::of(&validation.problems);
    let checked = count.check(args.strict);
    let manifest = validation.skill.as_ref().map(|skill| &skill.manifest);
    printer.json(&Output {
        valid: checked.is_ok(),
        name: manifest.and_then(|manifest| manifest.name.as_ref()),
        version: manifest.and_then(|manifest| manifest.version.as_ref()),
        errors: count.errors,
        warnings: count.warnings,
        problems: problems::output(&validation.problems),
        partly_scanned: &validation.partly_scanned,
    });
    checked.map_err(Failure::already_in_json)?;
    if let Some(text) = summary(&validation, count) {
        printer.success(&text);
    }
    Ok(())
}

fn summary(validation: &Validation, count: Count) -> Option<String> {
    let skill = validation.skill.as_ref()?;
    let name = skill.manifest.name.as_ref()?;
    let version = skill.manifest.version.as_ref()?;
    let size = bytes(skill.unpacked_bytes());
    let files = counted(skill.files.len(), "file");
    let warnings = match count.warnings {
        0 => String::new(),
        warnings => format!(", with {}", counted(warnings, "warning")),
    };
    Some(format!(
        "{name}@{version} can be published{warnings}: {files}, {size}"
    ))
}
