//! The folders of the skills.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use enact_bundle::{BundleError, SetAside, SkillFolder, has_manifest};
use enact_types::{Manifest, ToolName, Version};

use crate::exit::{Failure, chain};

/// The folder of a skill, `~/.agents/skills/NAME`.
#[derive(Debug)]
pub(crate) struct Place {
    root: PathBuf,
    path: PathBuf,
    name: ToolName,
}

impl Place {
    /// Where `name` belongs.
    pub(crate) fn of(home: &Path, name: &ToolName) -> Self {
        let root = home.join(".agents/skills");
        Self {
            path: root.join(name.as_str()),
            root,
            name: name.clone(),
        }
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The version that the skill in the folder says it is; `None` if there is no skill, or it does
    /// not say.
    pub(crate) fn version(&self) -> Option<Version> {
        self.manifest()?.version
    }

    /// What the skill in the folder says it does; `None` if there is no skill.
    pub(crate) fn description(&self) -> Option<String> {
        Some(self.manifest()?.description)
    }

    fn manifest(&self) -> Option<Manifest> {
        let manifest = SkillFolder::read(&self.path).ok()?.manifest;
        (manifest.name.as_ref() == Some(&self.name)).then_some(manifest)
    }

    /// Takes the folder away; `None` if there was none. It comes back unless it is then
    /// [deleted](Self::delete). Fails if it holds something else than a skill.
    pub(crate) fn set_aside(&self) -> Result<Option<SetAside>, Failure> {
        self.check_free(&NoSkills::default())?;
        enact_bundle::set_aside(&self.path).map_err(|error| disk_failure(&error))
    }

    /// Deletes what was taken away, and the folders that it lay in if they are empty then.
    pub(crate) fn delete(&self, aside: SetAside) -> Result<(), Failure> {
        aside.delete().map_err(|error| disk_failure(&error))?;
        for folder in self.path.ancestors().skip(1) {
            if folder == self.root || fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Fails if the skill would lie inside another one, or its folder holds something else than a
    /// skill: replacing it would delete, for example, `alice/utils/greeter` for `alice/utils`.
    pub(crate) fn check_free(&self, no_skills: &NoSkills) -> Result<(), Failure> {
        let occupied = |message: String, folder: &Path| {
            Failure::new("OCCUPIED", message).hint(format!(
                "move {} away if you do not need it",
                folder.display()
            ))
        };
        for folder in self.path.ancestors().skip(1) {
            if folder == self.root || no_skills.lock().contains(folder) {
                break;
            }
            if has_manifest(folder) {
                let message = format!("{} would lie inside another skill", self.path.display());
                return Err(occupied(message, folder));
            }
        }
        let parents = self.path.ancestors().skip(1);
        let parents = parents.take_while(|folder| *folder != self.root);
        no_skills.lock().extend(parents.map(Path::to_owned));
        if !is_replaceable(&self.path) {
            let message = format!("{} exists and is not a skill", self.path.display());
            return Err(occupied(message, &self.path));
        }
        Ok(())
    }
}

/// Folders that were found to be no skills and to lie in none: many skills have one in common.
#[derive(Debug, Default)]
pub(crate) struct NoSkills(Mutex<BTreeSet<PathBuf>>);

impl NoSkills {
    fn lock(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn disk_failure(error: &BundleError) -> Failure {
    Failure::new("IO_ERROR", chain(error))
}

/// Whether a skill may take the place of what is at `path`: nothing, an empty folder or a skill.
pub(crate) fn is_replaceable(path: &Path) -> bool {
    let in_use = match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    };
    !in_use || has_manifest(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ToolName {
        ToolName::parse(text).unwrap()
    }

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn skill(home: &Path, name: &str, version: &str) {
        let folder = home.join(".agents/skills").join(name);
        fs::create_dir_all(&folder).unwrap();
        let manifest = format!("name: {name}\nversion: {version}\n");
        fs::write(folder.join("skill.package.yml"), manifest).unwrap();
    }

    #[test]
    fn knows_the_version_in_the_folder() {
        let home = tempfile::tempdir().unwrap();
        let place = Place::of(home.path(), &name("alice/utils/greeter"));
        assert_eq!(place.version(), None);
        skill(home.path(), "alice/utils/greeter", "1.2.3");
        assert_eq!(place.version(), Some(version("1.2.3")));
    }

    #[test]
    fn a_skill_never_replaces_or_enters_another() {
        let home = tempfile::tempdir().unwrap();
        skill(home.path(), "alice/utils/greeter", "1.0.0");
        skill(home.path(), "bob/x", "1.0.0");
        let no_skills = NoSkills::default();
        let free = |text: &str| {
            let place = Place::of(home.path(), &name(text));
            place.check_free(&no_skills).is_ok()
        };
        assert!(free("alice/utils/greeter"));
        assert!(free("alice/utils/other"));
        assert!(free("carol/x"));
        assert!(!free("alice/utils"), "would delete alice/utils/greeter");
        assert!(!free("bob/x/y"), "would become a part of bob/x");
    }
}
