//! Everything that is wrong with a skill's folder, at once, for its author.
//!
//! One module looks at each part. None of them decides whether the folder can be packed:
//! [`SkillFolder::read`] does, and what it refuses without any of them having noticed becomes a
//! problem too.

mod commands;
mod field_values;
mod fields;
mod files;
mod hidden;
mod instructions;
mod license;
mod manifest;
mod markdown;
mod placeholders;
mod places;
mod problem;
mod references;
mod scripts;
mod secrets;
mod shape;
mod source;
mod spelling;
mod tags;

use std::io;
use std::path::Path;

use enact_types::limits::MAX_BUNDLE_BYTES;

pub use problem::{Place, Problem, Rule, Severity};

use crate::error::PackError;
use crate::folder::SkillFolder;
use crate::limits::Limits;

/// How many problems of one file are listed. One that says how many there are besides comes after
/// them.
const MAX_PROBLEMS_OF_A_FILE: usize = 100;

/// What came of looking at a folder.
#[derive(Debug)]
pub struct Validation {
    /// What is wrong, by file and line.
    pub problems: Vec<Problem>,
    /// The folder, ready to be packed; `None` if there is an error among the problems.
    pub skill: Option<SkillFolder>,
    /// Files of which only the first [`MAX_SCANNED_BYTES`](enact_types::limits::MAX_SCANNED_BYTES) were looked at
    /// for secrets.
    pub partly_scanned: Vec<String>,
}

impl SkillFolder {
    /// Reads the folder `dir` and lists everything that is wrong with it. Fails only if there is no
    /// folder or it cannot be read.
    pub fn validate(dir: &Path) -> Result<Validation, PackError> {
        Self::validate_within(dir, &Limits::default())
    }

    /// Like [`SkillFolder::validate`], under other limits.
    pub fn validate_within(dir: &Path, limits: &Limits) -> Result<Validation, PackError> {
        if !dir.is_dir() {
            return Err(PackError::NotAFolder(dir.to_owned()));
        }
        let mut problems = Vec::new();
        let stated = manifest::check(dir, &mut problems)?;
        let files = files::check(dir, stated.name.as_ref(), limits, &mut problems)?;
        references::check(dir, &stated, &files, &mut problems);
        scripts::check(&files, &mut problems)?;
        let partly_scanned = secrets::check(&files, &mut problems)?;
        let mut skill = None;
        if !has_error(&problems) {
            match Self::read_within(dir, limits).and_then(Self::check_size) {
                Ok(good) => skill = Some(good),
                Err(error @ PackError::Read { .. }) => return Err(error),
                Err(error) => problems.push(unforeseen(&error)),
            }
        }
        problems
            .sort_by(|a, b| (&a.file, a.place, a.severity).cmp(&(&b.file, b.place, b.severity)));
        Ok(Validation {
            problems: first_of_each_file(&problems),
            skill,
            partly_scanned,
        })
    }

    /// Refuses what gets too large when it is packed, if that is possible at all.
    fn check_size(self) -> Result<Self, PackError> {
        // What cannot be compressed gets a little larger.
        if self.unpacked_bytes() > MAX_BUNDLE_BYTES / 2 {
            self.pack(io::sink())?;
        }
        Ok(self)
    }
}

/// Leaves [`MAX_PROBLEMS_OF_A_FILE`] problems of each file, of those that are sorted by file. What says
/// that there are more is as bad as the worst of those.
fn first_of_each_file(problems: &[Problem]) -> Vec<Problem> {
    let mut listed = Vec::new();
    for of_file in problems.chunk_by(|one, next| one.file == next.file) {
        let (first, more) = of_file.split_at(of_file.len().min(MAX_PROBLEMS_OF_A_FILE));
        listed.extend_from_slice(first);
        if let (Some(file), false) = (&first[0].file, more.is_empty()) {
            let message = format!("there are {} more problems in this file", more.len());
            let fix = "correct those above, and look again";
            let summary = if has_error(more) {
                Problem::error(Rule::More, message, fix)
            } else {
                Problem::warning(Rule::More, message, fix)
            };
            listed.push(summary.in_file(file));
        } else {
            listed.extend_from_slice(more);
        }
    }
    listed
}

fn has_error(problems: &[Problem]) -> bool {
    let mut problems = problems.iter();
    problems.any(|problem| problem.severity == Severity::Error)
}

fn unforeseen(error: &PackError) -> Problem {
    let (rule, fix) = match error {
        PackError::BundleTooLarge | PackError::OverLimit(_) => (
            Rule::TooLarge,
            "leave files out by listing them in .enactignore",
        ),
        _ => (Rule::Other, "correct that, and look again"),
    };
    Problem::error(rule, error.to_string(), fix)
}
