//! What ignore files say about the files of a skill: those of the skill itself, and the `.gitignore` of
//! the folders above it in its repository.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::error::PackError;

/// Authors list here what shall stay out, in the syntax of `.gitignore`.
const ENACT_IGNORE: &str = ".enactignore";

const GIT_IGNORE: &str = ".gitignore";

/// What a repository has at its top: a folder, or a file where the folder is elsewhere.
const GIT: &str = ".git";

/// The ignore files of a folder and, after them, of those above it.
#[derive(Debug)]
pub(crate) struct IgnoreRules {
    enact: Gitignore,
    git: Gitignore,
    above: Above,
}

/// The rules that hold where no folder further down says otherwise, if there are any.
pub(crate) type Above = Option<Arc<IgnoreRules>>;

impl IgnoreRules {
    /// What the repository in which the folder `real` lies, an absolute path without links, says about
    /// its files: the `.gitignore` of each folder above it, up to the one that holds `.git`. Nothing if
    /// there is no repository, or if the repository ignores the folder itself: whoever names it means it.
    pub(crate) fn of_repository(real: &Path) -> Result<Above, PackError> {
        let Some(top) = real.ancestors().find(|folder| folder.join(GIT).exists()) else {
            return Ok(None);
        };
        if !is_trusted(top, real) {
            return Ok(None);
        }
        let mut folders: Vec<&Path> = real
            .ancestors()
            .take_while(|folder| folder.starts_with(top))
            .collect();
        folders.reverse();
        let mut rules = None;
        for pair in folders.windows(2) {
            let (folder, next) = (pair[0], pair[1]);
            let git = read(folder, folder, GIT_IGNORE)?;
            rules = Self::joined(Gitignore::empty(), git, rules);
            if is_ignored(&rules, next, true) {
                return Ok(None);
            }
        }
        Ok(rules)
    }

    /// The rules inside `folder` of a skill, which is `real` as an absolute path without links.
    pub(crate) fn inside(folder: &Path, real: &Path, above: &Above) -> Result<Above, PackError> {
        let enact = read(folder, real, ENACT_IGNORE)?;
        let git = read(folder, real, GIT_IGNORE)?;
        Ok(Self::joined(enact, git, above.clone()))
    }

    /// A folder that says nothing costs nothing further down.
    fn joined(enact: Gitignore, git: Gitignore, above: Above) -> Above {
        if enact.is_empty() && git.is_empty() {
            return above;
        }
        Some(Arc::new(Self { enact, git, above }))
    }

    /// What the deepest of these files that says anything about `path` says.
    fn verdict(&self, path: &Path, is_folder: bool, of: fn(&Self) -> &Gitignore) -> Option<bool> {
        let levels = std::iter::successors(Some(self), |rules| rules.above.as_deref());
        let mut verdicts = levels.map(|rules| of(rules).matched(path, is_folder));
        verdicts
            .find(|verdict| !verdict.is_none())
            .map(|verdict| verdict.is_ignore())
    }
}

/// Whether a repository counts for a skill in it: it belongs to this user or to the skill's owner. Any user
/// of a machine can make one in a folder like `/tmp`; git goes by none of those either.
fn is_trusted(repository: &Path, skill: &Path) -> bool {
    let owner = |path: &Path| fs::metadata(path).map(|facts| facts.uid()).ok();
    owner(&repository.join(GIT)).is_some_and(|owned| {
        owned == rustix::process::geteuid().as_raw() || Some(owned) == owner(skill)
    })
}

/// Whether `path`, absolute and without links, stays out. Whatever `.enactignore` says goes before
/// `.gitignore`. What is in a folder that stays out is not asked about, so nothing takes it in again.
pub(crate) fn is_ignored(rules: &Above, path: &Path, is_folder: bool) -> bool {
    let Some(rules) = rules else { return false };
    rules
        .verdict(path, is_folder, |rules| &rules.enact)
        .or_else(|| rules.verdict(path, is_folder, |rules| &rules.git))
        .unwrap_or(false)
}

/// The ignore file `name` of `folder`, whose patterns are held against paths below `real`. A pattern that
/// cannot be understood might have kept a secret out, so it is an error.
fn read(folder: &Path, real: &Path, name: &str) -> Result<Gitignore, PackError> {
    let path = folder.join(name);
    match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Gitignore::empty()),
        Err(source) => return Err(PackError::Read { path, source }),
        // Whoever opens a pipe waits for ever.
        Ok(facts) if !facts.is_file() => return Err(PackError::IgnoreFile(path)),
        Ok(_) => {}
    }
    let bytes = fs::read(&path).map_err(|source| PackError::Read {
        path: path.clone(),
        source,
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut builder = GitignoreBuilder::new(real);
    for line in text.lines() {
        let line = literal_braces(line);
        let added = builder.add_line(Some(path.clone()), &line);
        added.map_err(PackError::List)?;
    }
    builder.build().map_err(PackError::List)
}

/// The library takes `{a,b}` for alternatives; to git these are characters like others.
fn literal_braces(line: &str) -> String {
    let mut literal = String::with_capacity(line.len());
    let mut escaped = false;
    for char in line.chars() {
        if matches!(char, '{' | '}') && !escaped {
            literal.push('\\');
        }
        escaped = char == '\\' && !escaped;
        literal.push(char);
    }
    literal
}
