//! What the checks found.

use serde::Serialize;

use crate::printer::{Mark, Printer};

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Status {
    Ok,
    /// It works, but somebody should know.
    Warning,
    Failed,
    /// It could not be looked at, or there is nothing to look at.
    Skipped,
}

/// One check.
#[derive(Debug, Serialize)]
pub(super) struct Check {
    name: &'static str,
    status: Status,
    /// What was found; the cause, if it failed.
    detail: String,
    /// The command or the variable that mends it.
    fix: Option<String>,
}

/// The checks so far, each printed as soon as it is known.
#[derive(Debug)]
pub(super) struct Report<'a> {
    printer: &'a Printer,
    checks: Vec<Check>,
}

impl<'a> Report<'a> {
    pub(super) fn new(printer: &'a Printer) -> Self {
        Self {
            printer,
            checks: Vec::new(),
        }
    }

    pub(super) fn ok(&mut self, name: &'static str, detail: &str) {
        self.add(name, Status::Ok, detail, None);
    }

    pub(super) fn warn(&mut self, name: &'static str, detail: &str, fix: impl Into<String>) {
        self.add(name, Status::Warning, detail, Some(fix.into()));
    }

    pub(super) fn fail(&mut self, name: &'static str, cause: &str, fix: impl Into<String>) {
        self.add(name, Status::Failed, cause, Some(fix.into()));
    }

    pub(super) fn skip(&mut self, name: &'static str, why: &str) {
        self.add(name, Status::Skipped, why, None);
    }

    /// Skips those of `names` that nothing was said about.
    pub(super) fn skip_the_rest(&mut self, names: &[&'static str]) {
        let why = match names.iter().find(|name| self.failed().contains(name)) {
            Some(failed) => format!("not looked at: {failed} comes first"),
            None => "not looked at".to_owned(),
        };
        for name in names {
            if self.checks.iter().all(|check| check.name != *name) {
                self.skip(name, &why);
            }
        }
    }

    /// The names of the checks that failed.
    pub(super) fn failed(&self) -> Vec<&'static str> {
        let failed = self.checks.iter();
        failed
            .filter(|check| check.status == Status::Failed)
            .map(|check| check.name)
            .collect()
    }

    pub(super) fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Whether an object may have been stored.
    pub(super) fn has_touched_objects(&self) -> bool {
        self.checks.iter().any(|check| check.name == "put")
    }

    pub(super) fn warn_in_passing(&self, text: &str) {
        self.printer.warning(text);
    }

    fn add(&mut self, name: &'static str, status: Status, detail: &str, fix: Option<String>) {
        let mark = match status {
            Status::Ok => Mark::Good,
            Status::Warning => Mark::Doubtful,
            Status::Failed => Mark::Bad,
            Status::Skipped => Mark::Skipped,
        };
        self.printer.result(mark, &format!("{name:<16} {detail}"));
        if let Some(fix) = &fix {
            self.printer.line(&format!("    → {fix}"));
        }
        self.checks.push(Check {
            name,
            status,
            detail: detail.to_owned(),
            fix,
        });
    }
}
