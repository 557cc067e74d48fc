//! Shows what is wrong with a skill, and decides whether that is too much.

use std::collections::HashSet;
use std::path::Path;

use enact_bundle::{Place, Problem, Rule, Severity, Validation};
use enact_types::limits::MAX_SCANNED_BYTES;
use serde::Serialize;

use super::skill::counted;
use crate::exit::Failure;
use crate::printer::{Finding, Printer, Stream};
use crate::text::bytes;

/// One problem, for `--json`.
#[derive(Debug, Serialize)]
pub(super) struct ProblemOutput<'a> {
    /// `error` or `warning`.
    severity: &'static str,
    /// The rule; these names never change.
    rule: &'static str,
    /// Inside the skill's folder; null if it is about the whole.
    file: Option<&'a str>,
    /// Counted from 1; null if it is not known.
    line: Option<u32>,
    /// In characters, counted from 1; null if it is not known.
    column: Option<u32>,
    message: &'a str,
    fix: &'a str,
}

/// How many problems there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) errors: usize,
    pub(super) warnings: usize,
}

impl Count {
    pub(super) fn of(problems: &[Problem]) -> Self {
        let is_error = |problem: &&Problem| problem.severity == Severity::Error;
        let errors = problems.iter().filter(is_error).count();
        Self {
            errors,
            warnings: problems.len() - errors,
        }
    }

    /// Fails if there are errors, or warnings and it has to be strict.
    pub(super) fn check(self, strict: bool) -> Result<(), Failure> {
        let warnings = counted(self.warnings, "warning");
        let message = match self {
            Self {
                errors: 0,
                warnings: 0,
            } => return Ok(()),
            Self { errors: 0, .. } if !strict => return Ok(()),
            Self { errors: 0, .. } => {
                format!("--strict allows no warnings, and the skill has {warnings}")
            }
            Self {
                errors,
                warnings: 0,
            } => format!("the skill has {}", counted(errors, "error")),
            Self { errors, .. } => {
                format!("the skill has {} and {warnings}", counted(errors, "error"))
            }
        };
        Err(Failure::new("INVALID_SKILL", message))
    }
}

/// Prints every problem, and what to do about it where that was not said before.
pub(super) fn show(validation: &Validation, stream: Stream, printer: &Printer) {
    show_each(&validation.problems, stream, printer);
    note_partly_scanned(validation, printer);
}

/// Prints on stderr what whoever packs the skill at `path` has to know: texts that a template left are
/// only counted, since a skill that is tried out has many.
pub(super) fn show_in_short(validation: &Validation, path: &Path, printer: &Printer) {
    let is_left = |problem: &&Problem| problem.rule == Rule::Placeholder;
    let problems = &validation.problems;
    let left = problems.iter().filter(is_left).count();
    show_each(
        problems.iter().filter(|problem| !is_left(problem)),
        Stream::Err,
        printer,
    );
    if left > 0 {
        let texts = counted(left, "text");
        let command = match path.to_str() {
            Some(".") => "enact validate".to_owned(),
            _ => format!("enact validate {}", path.display()),
        };
        printer.warning(&format!(
            "{texts} of a template still to be replaced; see: {command}"
        ));
    }
    note_partly_scanned(validation, printer);
}

fn show_each<'p>(
    problems: impl IntoIterator<Item = &'p Problem>,
    stream: Stream,
    printer: &Printer,
) {
    let mut said = HashSet::new();
    for problem in problems {
        let fix = problem.fix.as_str();
        let is_new = said.insert((problem.rule, fix));
        printer.finding(
            stream,
            Finding {
                place: &place(problem),
                is_error: problem.severity == Severity::Error,
                message: &problem.message,
                rule: problem.rule.as_str(),
                fix: is_new.then_some(fix),
            },
        );
    }
}

fn note_partly_scanned(validation: &Validation, printer: &Printer) {
    if !validation.partly_scanned.is_empty() {
        printer.note(&format!(
            "Only the first {} were searched for secrets: {}",
            bytes(MAX_SCANNED_BYTES),
            validation.partly_scanned.join(", ")
        ));
    }
}

/// All problems, for `--json`.
pub(super) fn output(problems: &[Problem]) -> Vec<ProblemOutput<'_>> {
    let output = |problem| {
        let Problem {
            severity,
            rule,
            file,
            place,
            message,
            fix,
        }: &Problem = problem;
        ProblemOutput {
            severity: match severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            rule: rule.as_str(),
            file: file.as_deref(),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            message,
            fix,
        }
    };
    problems.iter().map(output).collect()
}

/// `FILE:LINE:COLUMN`, as far as it is known.
fn place(problem: &Problem) -> String {
    match (&problem.file, problem.place) {
        (Some(file), Some(Place { line, column })) => format!("{file}:{line}:{column}"),
        (Some(file), None) => file.clone(),
        (None, _) => String::new(),
    }
}
