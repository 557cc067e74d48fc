//! Whether what the manifest and the instructions name is in the bundle.

use std::collections::HashMap;
use std::path::Path;

use super::commands::Command;
use super::files::Found;
use super::manifest::Stated;
use super::problem::{Problem, Rule, shown};

/// Checks the programs of commands and the links of `SKILL.md`.
pub(super) fn check(dir: &Path, stated: &Stated, files: &[Found], problems: &mut Vec<Problem>) {
    let packed: HashMap<&str, bool> = files
        .iter()
        .map(|file| (file.path.as_str(), file.executable))
        .collect();
    for command in &stated.commands {
        problems.extend(check_command(dir, stated, command, &packed));
    }
    for (file, link) in &stated.links {
        let path = link.path.trim_end_matches('/');
        let folder = format!("{path}/");
        let is_there =
            packed.contains_key(path) || files.iter().any(|file| file.path.starts_with(&folder));
        if is_there {
            continue;
        }
        let (why, fix) = absence(dir, path, files);
        let message = format!("the link leads to {path}, which {why}");
        let problem = Problem::warning(Rule::MissingFile, message, fix);
        problems.push(problem.in_file(*file).at(Some(link.place)));
    }
}

fn check_command(
    dir: &Path,
    stated: &Stated,
    command: &Command,
    packed: &HashMap<&str, bool>,
) -> Option<Problem> {
    let path = command.program.path.as_str();
    let field = shown(&command.field);
    let problem = match packed.get(path) {
        Some(true) => return None,
        Some(false) if !command.program.directly || cfg!(not(unix)) => return None,
        Some(false) => {
            let message = format!("{field} runs {path}, which is not executable");
            let fix = format!("chmod +x {path}, or name what runs it, as in `sh {path}`");
            Problem::warning(Rule::NotExecutable, message, fix)
        }
        None => {
            let (why, fix) = absence_among(dir, path, packed.keys().copied());
            let message = format!("{field} runs {path}, which {why}");
            // It may be made by the build.
            if stated.is_built {
                Problem::warning(Rule::MissingFile, message, fix)
            } else {
                Problem::error(Rule::MissingFile, message, fix)
            }
        }
    };
    Some(problem.in_file(command.file).at(command.place))
}

fn absence(dir: &Path, path: &str, files: &[Found]) -> (String, String) {
    absence_among(dir, path, files.iter().map(|file| file.path.as_str()))
}

/// Why a path is not in the bundle, and what to do about it.
fn absence_among<'f>(
    dir: &Path,
    path: &str,
    mut packed: impl Iterator<Item = &'f str>,
) -> (String, String) {
    if let Some(other) = packed.find(|other| other.to_lowercase() == path.to_lowercase()) {
        let why = format!("is written {other} in the bundle");
        return (why, "write it in the same upper and lower case".to_owned());
    }
    if dir.join(path).exists() {
        let why = "is left out of the bundle".to_owned();
        let fix = "see .gitignore and .enactignore (`!path` takes it in again); hidden files, links and folders like build and dist are always left out";
        return (why, fix.to_owned());
    }
    (
        "does not exist".to_owned(),
        "create it, or correct the path".to_owned(),
    )
}
