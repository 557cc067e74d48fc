//! Whether what the manifest and the instructions name is in the bundle.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::commands::Command;
use super::files::Found;
use super::manifest::Stated;
use super::markdown::Target;
use super::problem::{Problem, Rule, shown};

/// Checks the programs of commands and the links of `SKILL.md`.
pub(super) fn check(dir: &Path, stated: &Stated, files: &[Found], problems: &mut Vec<Problem>) {
    let packed = Packed::of(files);
    for command in &stated.commands {
        problems.extend(check_command(dir, stated, command, &packed));
    }
    for (file, link) in &stated.links {
        let (path, why, fix) = match &link.target {
            Target::Inside(path) if packed.has(path) => continue,
            Target::Inside(path) => {
                let (why, fix) = packed.absence(dir, path);
                (path, why, fix)
            }
            Target::Outside(path) => {
                let fix = "put what it leads to into the folder, or give its URL";
                (path, "is outside of the skill".to_owned(), fix.to_owned())
            }
        };
        let message = format!("the link leads to {path}, which {why}");
        let problem = Problem::warning(Rule::MissingFile, message, fix);
        problems.push(problem.in_file(*file).at(Some(link.place)));
    }
}

fn check_command(
    dir: &Path,
    stated: &Stated,
    command: &Command,
    packed: &Packed<'_>,
) -> Option<Problem> {
    let path = command.program.path.as_str();
    let field = shown(&command.field);
    let problem = match packed.executable.get(path) {
        Some(true) => return None,
        Some(false) if !command.program.directly || cfg!(not(unix)) => return None,
        Some(false) => {
            let message = format!("{field} runs {path}, which is not executable");
            let fix = format!("chmod +x {path}, or name what runs it, as in `sh {path}`");
            Problem::warning(Rule::NotExecutable, message, fix)
        }
        None => {
            let (why, fix) = packed.absence(dir, path);
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

/// What is in the bundle, so that each question about it takes the same short time.
struct Packed<'f> {
    /// The files, and whether they are executable.
    executable: HashMap<&'f str, bool>,
    folders: HashSet<&'f str>,
    /// The files by their paths in lower case.
    by_lower_case: HashMap<String, &'f str>,
}

impl<'f> Packed<'f> {
    fn of(files: &'f [Found]) -> Self {
        let paths = || files.iter().map(|file| file.path.as_str());
        let folders = |path: &'f str| path.match_indices('/').map(move |(end, _)| &path[..end]);
        Self {
            executable: paths()
                .zip(files.iter().map(|file| file.executable))
                .collect(),
            folders: paths().flat_map(folders).collect(),
            by_lower_case: paths().map(|path| (path.to_lowercase(), path)).collect(),
        }
    }

    /// Whether a file or a folder of this path is in the bundle.
    fn has(&self, path: &str) -> bool {
        self.executable.contains_key(path) || self.folders.contains(path)
    }

    /// Why a path is not in the bundle, and what to do about it.
    fn absence(&self, dir: &Path, path: &str) -> (String, String) {
        if let Some(other) = self.by_lower_case.get(&path.to_lowercase()) {
            let why = format!("is written {other} in the bundle");
            return (why, "write it in the same upper and lower case".to_owned());
        }
        if dir.join(path).exists() {
            let why = "is left out of the bundle".to_owned();
            let fix = "see .enactignore and .gitignore, also those of the repository above (`!path` takes it in again); hidden files, links and folders like build and dist are always left out";
            return (why, fix.to_owned());
        }
        (
            "does not exist".to_owned(),
            "create it, or correct the path".to_owned(),
        )
    }
}
