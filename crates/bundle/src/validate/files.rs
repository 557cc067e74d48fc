//! What is wrong with the files of a skill: their names, sizes and kinds.

use std::fs;
use std::path::{Path, PathBuf};

use enact_types::ToolName;

use super::problem::{Problem, Rule};
use crate::error::PackError;
use crate::files::{self, is_own_bundle};
use crate::limits::{Budget, Limits, OverLimit};
use crate::names::Names;
use crate::path::BundlePath;
use crate::select::{self, LeftOutBecause};
use crate::{file_names, pack};

/// A file of a skill that is larger than this was probably not meant to be in it: 10 MiB.
const LARGE_BYTES: u64 = 10 * 1024 * 1024;

/// A file that would be packed.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: String,
    pub(super) source: PathBuf,
    pub(super) executable: bool,
}

/// Looks at every file in `dir` that would be packed, and gives them sorted by path. Fails only if
/// the disk does.
pub(super) fn check(
    dir: &Path,
    name: Option<&ToolName>,
    limits: &Limits,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Found>, PackError> {
    let selection = match select::files(dir) {
        Ok(selection) => selection,
        Err(PackError::List(error)) if error.io_error().is_none() => {
            let message = format!("an ignore file cannot be understood: {error}");
            let fix = "correct the pattern; it may be what keeps a secret out";
            problems.push(Problem::error(Rule::Unreadable, message, fix));
            return Ok(Vec::new());
        }
        Err(error @ PackError::IgnoreFile(_)) => {
            let fix = "it may be what keeps a secret out";
            problems.push(Problem::error(Rule::Unreadable, error.to_string(), fix));
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    for left_out in files::left_out(dir, selection.left_out) {
        problems.extend(left_out_problem(left_out.path, left_out.because));
    }
    let mut packed = Vec::new();
    for source in selection.files {
        match files::relative(dir, &source) {
            Ok(path) if is_own_bundle(path.as_str(), name) => {}
            Ok(path) => packed.push((path, source)),
            Err(PackError::Path { path, rule }) => {
                let problem = Problem::error(Rule::InvalidPath, rule.to_string(), RENAME);
                problems.push(problem.in_file(path));
            }
            Err(error) => return Err(error),
        }
    }
    packed.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    let mut found = Vec::new();
    let mut names = Names::default();
    let mut room = Room::new(limits);
    for (path, source) in packed {
        let facts = fs::symlink_metadata(&source).map_err(|error| PackError::Read {
            path: source.clone(),
            source: error,
        })?;
        check_name(&path, &mut names, &mut room, problems);
        room.take(
            |budget| pack::charge(path.as_str(), facts.len(), budget),
            problems,
        );
        if facts.len() > LARGE_BYTES {
            let message = format!("this file has {} MiB", facts.len() / (1024 * 1024));
            let fix = "if it is not needed to run the skill, list it in .enactignore";
            let problem = Problem::warning(Rule::TooLarge, message, fix);
            problems.push(problem.in_file(path.as_str()));
        }
        found.push(Found {
            path: path.as_str().to_owned(),
            source,
            executable: files::is_executable(&facts),
        });
    }
    Ok(found)
}

const RENAME: &str = "rename it, or list it in .enactignore";

fn check_name(path: &BundlePath, names: &mut Names, room: &mut Room, problems: &mut Vec<Problem>) {
    match names.add_file(path) {
        Ok(new) => {
            for _ in new {
                room.take(Budget::entry, problems);
            }
        }
        Err(clash) => {
            let problem = Problem::error(Rule::NameClash, clash.to_string(), RENAME);
            problems.push(problem.in_file(path.as_str()));
        }
    }
    let unusual = path.as_str().split('/').find_map(file_names::not_portable);
    if let Some(why) = unusual {
        let message = format!("Windows cannot have this name: {why}");
        let problem = Problem::warning(Rule::NotPortable, message, RENAME);
        problems.push(problem.in_file(path.as_str()));
    }
}

fn left_out_problem(path: String, because: LeftOutBecause) -> Option<Problem> {
    let (message, fix) = match because {
        LeftOutBecause::MayBeSecret => (
            "this is not packed: files of this name hold keys or credentials",
            "list it in .enactignore to say that it stays out, or rename what is none",
        ),
        LeftOutBecause::Link => (
            "this is not packed: it is a link",
            "put the file itself there, or list the link in .enactignore",
        ),
        LeftOutBecause::Special => (
            "this is not packed: it is neither a file nor a folder",
            "remove it, or list it in .enactignore",
        ),
        LeftOutBecause::OwnBundle => return None,
    };
    Some(Problem::warning(Rule::LeftOut, message, fix).in_file(path))
}

/// What is left of the limits; says once that nothing is.
struct Room {
    budget: Budget,
    is_over: bool,
}

impl Room {
    fn new(limits: &Limits) -> Self {
        Self {
            budget: Budget::new(*limits),
            is_over: false,
        }
    }

    fn take(
        &mut self,
        take: impl FnOnce(&mut Budget) -> Result<(), OverLimit>,
        problems: &mut Vec<Problem>,
    ) {
        if let (false, Err(over)) = (self.is_over, take(&mut self.budget)) {
            self.is_over = true;
            let fix = "leave files out by listing them in .enactignore";
            problems.push(Problem::error(Rule::TooLarge, over.to_string(), fix));
        }
    }
}
