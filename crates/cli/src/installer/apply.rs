//! Puts skills in their places, and records them.

use std::path::PathBuf;

use enact_bundle::{BundleError, Contents, Placed, Unpacked};
use enact_types::{Digest, ToolName, Version};

use super::fetch::{Origin, Ready, State};
use super::plan::{Plan, Record, Unapplied};
use super::{Installer, Target};
use crate::commands::heed_signals;
use crate::exit::{Failure, chain};
use crate::installed::{Locked, LockedFile, NoSkills, Place, Records};
use crate::settings::RegistryUrl;
use crate::tool_request::Wanted;

/// A skill that is installed now.
#[derive(Debug)]
pub(crate) struct Installed {
    /// The skill.
    pub(crate) name: ToolName,
    /// The version.
    pub(crate) version: Version,
    /// The registry that it is from.
    pub(crate) registry: RegistryUrl,
    /// The digest of its bundle.
    pub(crate) hash: Digest,
    /// The size of its bundle, in bytes.
    pub(crate) size: u64,
    /// The skill's folder.
    pub(crate) folder: PathBuf,
    /// Where the bundle was got; `None` if everything was there before.
    pub(crate) origin: Option<Origin>,
    /// The commands that its author would have run now.
    pub(crate) post_install: Vec<String>,
    /// The files that were put in its folder; none if everything was there before.
    pub(crate) files: Vec<LockedFile>,
}

impl Installer<'_> {
    /// Puts all of them in their places, if `outlook` still plans that. Nobody else of this user does the
    /// same meanwhile.
    pub(super) async fn apply(
        &self,
        ready: Vec<Ready>,
        plan: &Plan,
        outlook: &impl Fn(&Records) -> Result<Plan, Failure>,
        records: &mut Records,
    ) -> Result<Vec<Installed>, Unapplied> {
        heed_signals().await;
        let places = |ready: &Ready| Place::of(&self.home, &ready.target.name);
        let installed = records
            .change(|records| {
                if outlook(records)? != *plan {
                    return Err(Unapplied::Outdated);
                }
                // All of them first: none is installed if one cannot be.
                let no_skills = NoSkills::default();
                for one in ready.iter().filter(|one| one.is_unpacked()) {
                    places(one).check_free(&no_skills)?;
                }
                for one in ready.iter().filter(|one| !one.is_unpacked()) {
                    check_unchanged(&one.target, records)?;
                }
                if plan.record == Record::Nothing {
                    ready.iter().try_for_each(|one| check_files(one, records))?;
                }
                for name in &plan.forget {
                    records.lock.remove(name);
                }
                // If one fails, those before it are dropped, which brings back what was there.
                let one = |one: Ready| put_in_place(one, &self.home, plan.record, records);
                ready.into_iter().map(one).collect::<Result<Vec<_>, _>>()
            })
            .await?;
        let keep = |(one, placed): (Installed, Option<Placed>)| {
            placed.map(Placed::keep);
            one
        };
        let installed: Vec<_> = installed.into_iter().map(keep).collect();
        let new = |one: &Installed| one.origin == Some(Origin::Registry);
        if installed.iter().any(new) {
            // A cache that is too large is no failure of the installation.
            let _ = self.cache.trim();
        }
        Ok(installed)
    }
}

impl Ready {
    fn is_unpacked(&self) -> bool {
        self.unpacked().is_some()
    }

    fn unpacked(&self) -> Option<&Unpacked> {
        match &self.state {
            State::Unpacked(unpacked, _) => Some(unpacked),
            State::InPlace => None,
        }
    }
}

/// What was found in its place is there only as long as the lock says so: another process may have
/// removed or replaced it since.
fn check_unchanged(target: &Target, records: &Records) -> Result<(), Unapplied> {
    match records.lock.get(&target.name) {
        Some(locked) if locked.hash == target.hash => Ok(()),
        _ => Err(Unapplied::Outdated),
    }
}

/// The lock is to stay as it is: then it must be right about the files of a bundle too.
fn check_files(ready: &Ready, records: &Records) -> Result<(), Failure> {
    let Target { name, version, .. } = &ready.target;
    let locked = records.lock.get(name).map(|locked| &locked.files);
    match (ready.unpacked(), locked) {
        (Some(unpacked), Some(files)) if Locked::files_of(unpacked.contents()) != *files => {
            let lock = records.scope.lock();
            let message = format!(
                "{lock} is wrong about the files of {name}@{version}: its bundle, which has the locked hash, holds others; nothing was installed"
            );
            Err(Failure::new("LOCK_DIFFERS", message)
                .hint("`enact install` without --frozen corrects the lock"))
        }
        _ => Ok(()),
    }
}

fn put_in_place(
    ready: Ready,
    home: &std::path::Path,
    record: Record,
    records: &mut Records,
) -> Result<(Installed, Option<Placed>), Unapplied> {
    let Ready { target, state } = ready;
    let (placed, origin) = match state {
        State::InPlace => (None, None),
        State::Unpacked(unpacked, origin) => {
            let placed = unpacked
                .put_in_place(true)
                .map_err(|error: BundleError| Failure::new("IO_ERROR", chain(&error)))?;
            (Some(placed), Some(origin))
        }
    };
    let contents = placed.as_ref().map(Placed::contents);
    let Target {
        name,
        version,
        requested,
        registry,
        hash,
        size,
        ..
    } = target;
    if record == Record::Both {
        let files = match (contents, records.lock.get(&name)) {
            (Some(contents), _) => Locked::files_of(contents),
            (None, Some(locked)) => locked.files.clone(),
            (None, None) => return Err(Unapplied::Outdated),
        };
        note_in_list(records, &name, &version, &requested);
        let locked = Locked {
            requested,
            version: version.clone(),
            registry: registry.clone(),
            hash,
            size,
            files,
        };
        records.lock.set(&name, locked);
    }
    let installed = Installed {
        folder: Place::of(home, &name).path().to_owned(),
        post_install: contents.map(Contents::post_install).unwrap_or_default(),
        files: contents.map(Locked::files_of).unwrap_or_default(),
        name,
        version,
        registry,
        hash,
        size,
        origin,
    };
    Ok((installed, placed))
}

/// The list says the version, as the existing client has it. Whoever wrote a range there, or nothing,
/// has chosen to leave that to the lock: then it says what was asked for.
fn note_in_list(records: &mut Records, name: &ToolName, version: &Version, requested: &Wanted) {
    let said = match records.list.wanted(name) {
        Some(Wanted::Range(_) | Wanted::Latest) => requested.clone(),
        Some(Wanted::Exact(_)) | None => Wanted::Exact(version.clone()),
    };
    records.list.set(name, &said);
}
