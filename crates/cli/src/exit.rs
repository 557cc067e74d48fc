//! How the program ends: its exit codes, and what it says when it fails.

use std::error::Error;
use std::process::ExitCode;

/// The exit codes. Scripts written for the existing client depend on the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 1: it failed, for a reason without a number of its own.
    Failure,
    /// 2: the command line is wrong.
    Usage,
    /// 3: done, but for parts that were refused.
    Refused,
    /// 104: what was downloaded is not what it should be; nothing was installed.
    Untrusted,
    /// 105: `install`, `update` or `inspect` did not get what it asked the registry for.
    Registry,
    /// 130: stopped by Ctrl-C, as shells have it (128 + SIGINT); by SIGTERM, too.
    Interrupted,
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Untrusted => 104,
            Self::Registry => 105,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command failed: what happened and why, and what to do next.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    code: String,
    message: String,
    hints: Vec<String>,
    in_json: bool,
}

impl Failure {
    /// A failure with exit code 1. `code` is for programs: the registry's own error code, or one of
    /// this client's, in the same style.
    pub(crate) fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Failure,
            code: code.into(),
            message: message.into(),
            hints: Vec::new(),
            in_json: false,
        }
    }

    /// A failure of this machine: a file, a folder, the terminal.
    pub(crate) fn io(what: impl std::fmt::Display, error: &dyn Error) -> Self {
        Self::new("IO_ERROR", format!("{what}: {}", chain(error)))
    }

    /// Adds a line that says what to do next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Ends the program with another exit code.
    #[must_use]
    pub(crate) fn with_exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// Marks that the command's own JSON value, already printed, holds the failure.
    #[must_use]
    pub(crate) fn already_in_json(mut self) -> Self {
        self.in_json = true;
        self
    }

    /// Whether the command's own JSON value holds the failure.
    pub(crate) fn is_already_in_json(&self) -> bool {
        self.in_json
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// The code for programs.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// What happened and why.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// What to do next.
    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }
}

/// An error and its causes in one line, each said once.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_numbers_that_scripts_know() {
        let codes = [
            Exit::Failure,
            Exit::Usage,
            Exit::Refused,
            Exit::Untrusted,
            Exit::Registry,
            Exit::Interrupted,
        ]
        .map(Exit::code);
        assert_eq!(codes, [1, 2, 3, 104, 105, 130]);
    }
}
