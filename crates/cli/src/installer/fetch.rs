//! Makes skills ready to be put in their places, several at once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use enact_bundle::Unpacked;
use enact_types::ToolName;
use futures_util::{Stream, StreamExt as _, stream};
use indicatif::ProgressBar;
use serde::Serialize;

use super::look::{Found, Look, look_at_all};
use super::unpack::{Refused, Stop, unpack};
use super::{AT_ONCE, Installer, Target, Yanked, blocking, download};
use crate::cache::Note;
use crate::exit::{Exit, Failure};
use crate::installed::{NoSkills, Place, Records};
use crate::settings::RegistryUrl;
use crate::tool_request::Wanted;

/// What is known of a skill that is to be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Everything.
    Target(Target),
    /// Which versions will do, and where to ask.
    Resolve {
        /// The skill.
        name: ToolName,
        /// Which versions; see [`Installer::resolve`].
        wanted: Option<Wanted>,
        /// Where to ask.
        registry: RegistryUrl,
    },
}

/// A skill that is in its place, or can be put there at once.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) target: Target,
    pub(super) state: State,
}

#[derive(Debug)]
pub(super) enum State {
    /// Every file is there, as locked.
    InPlace,
    /// Beside its place.
    Unpacked(Box<Unpacked>, Origin),
}

/// Where a bundle was got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Origin {
    /// From a registry.
    Registry,
    /// From the cache.
    Cache,
}

/// Why a skill cannot be made ready.
#[derive(Debug)]
pub(crate) enum Unready {
    /// No registry may be asked, and the cache does not have this.
    NotCached(String),
    /// Anything else.
    Failed(Failure),
}

impl From<Failure> for Unready {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Unready> for Failure {
    fn from(unready: Unready) -> Self {
        match unready {
            Unready::Failed(failure) => failure,
            Unready::NotCached(what) => not_cached(&[what]),
        }
    }
}

impl Installer<'_> {
    /// Makes all of them ready, or fails with the first that cannot be; offline, with all that the cache
    /// lacks. Nothing that is installed changes; what was unpacked goes away with the answer.
    pub(super) async fn ready(
        &self,
        steps: Vec<Step>,
        records: &Records,
    ) -> Result<Vec<Ready>, Failure> {
        check_apart(&steps)?;
        let (targets, mut lacking) = self.resolve_all(steps, &records.list).await?;
        let found = look_at_all(self.looks(&targets, records)).await?;
        let progress = self.printer.transfer("Downloading", 0);
        let ready = stream::iter(targets.into_iter().zip(found));
        let ready = ready.map(|(target, found)| self.make_ready(target, found, &progress));
        let ready = all(ready.buffered(AT_ONCE)).await;
        progress.finish_and_clear();
        let (ready, more) = ready?;
        lacking.extend(more);
        if lacking.is_empty() {
            return Ok(ready);
        }
        Err(not_cached(&lacking))
    }

    fn looks(&self, targets: &[Target], records: &Records) -> Vec<Look> {
        let no_skills = Arc::new(NoSkills::default());
        let look = |target: &Target| {
            let locked = records.lock.get(&target.name);
            let locked = locked.filter(|locked| locked.hash == target.hash && !self.options.force);
            Look {
                target: target.clone(),
                home: self.home.clone(),
                locked: locked.map(|locked| locked.files.clone()),
                may_unpack: self.check_allowed(target).is_ok(),
                cache: Arc::clone(&self.cache),
                no_skills: Arc::clone(&no_skills),
            }
        };
        targets.iter().map(look).collect()
    }

    async fn make_ready(
        &self,
        target: Target,
        found: Found,
        progress: &ProgressBar,
    ) -> Result<Ready, Unready> {
        let Target { name, version, .. } = &target;
        let yanked = target.yanked_because();
        if let Found::InPlace = found {
            if let Some(why) = yanked {
                let problem = format!("{name}@{version} is installed, and was yanked: {why}");
                self.printer.warning(&problem);
            }
            let state = State::InPlace;
            return Ok(Ready { target, state });
        }
        self.check_allowed(&target)?;
        if let Some(why) = yanked {
            let problem = format!("{name}@{version} was yanked: {why}");
            self.printer.warning(&problem);
        }
        if let Found::Damaged = found {
            let what = format!("the bundle of {name}@{version} in the cache is damaged");
            self.printer.note(&format!("{what}, and was dropped"));
        }
        let state = if let Found::Cached(unpacked) = found {
            State::Unpacked(unpacked, Origin::Cache)
        } else {
            let unpacked = self.download(&target, progress).await?;
            State::Unpacked(Box::new(unpacked), Origin::Registry)
        };
        Ok(Ready { target, state })
    }

    /// Refuses what the registry or the user's own policy warns of.
    fn check_allowed(&self, target: &Target) -> Result<(), Failure> {
        let Target { name, version, .. } = target;
        if let Yanked::Yes { replacement, .. } = &target.yanked
            && let Some(reason) = target.yanked_because()
            && !self.options.allow_yanked
        {
            let message = format!("{name}@{version} was yanked: {reason}");
            let failure = Failure::new("VERSION_YANKED", message);
            return Err(match replacement {
                Some(other) => failure
                    .hint(format!("use its replacement: enact install {name}@{other}"))
                    .hint("or install it all the same with --allow-yanked"),
                None => failure.hint("install it all the same with --allow-yanked"),
            });
        }
        if self.settings.requires_attestation {
            let message = "trust.policy in ~/.enact/config.yaml is require_attestation, and this version of enact cannot check attestations";
            return Err(Failure::new("NOT_ATTESTED", message)
                .hint("set trust.policy to prompt or allow to install it by its hash alone")
                .with_exit(Exit::Untrusted));
        }
        Ok(())
    }

    /// Unpacks the bundle beside its place, from the registry, and keeps it in the cache.
    async fn download(&self, target: &Target, progress: &ProgressBar) -> Result<Unpacked, Unready> {
        if self.options.offline {
            let Target { name, version, .. } = target;
            return Err(Unready::NotCached(format!("{name}@{version}")));
        }
        let registry = self.registry_for(&target.registry);
        let client = self.client(registry)?;
        let bundle = download::bundle(&client, target, self.printer, progress).await;
        let bundle = bundle.map_err(|failure| self.elsewhere(target, failure))?;
        let (target, place) = (target.clone(), Place::of(&self.home, &target.name));
        let cache = Arc::clone(&self.cache);
        let stop = Arc::new(AtomicBool::new(false));
        let _stop = Stop(Arc::clone(&stop));
        let unpacked = blocking(move || {
            let unpacked = unpack(&bundle, &target, place.path(), &stop)?;
            let note = Note {
                name: target.name,
                version: target.version,
                registry: target.registry,
                hash: target.hash,
                size: target.size,
            };
            // The cache saves time and nothing else: without it the skill is installed as well.
            let _ = cache.insert(&note, &bundle);
            Ok(unpacked)
        });
        unpacked.await?.map_err(|refused| match refused {
            Refused::Failed(failure) => failure.into(),
            Refused::Damaged => {
                let message = "the download changed on the disk of this machine";
                Failure::new("IO_ERROR", message).into()
            }
        })
    }

    /// Adds that the registry is the lock's choice.
    fn elsewhere(&self, target: &Target, failure: Failure) -> Failure {
        let registry = self.registry_for(&target.registry);
        if failure.code() == "CONNECTION_FAILED" && registry != self.registry() {
            return failure.hint("--registry URL gets everything that is locked from another one");
        }
        failure
    }
}

/// What becomes of all of them, and what of it the cache lacks; or the first failure.
pub(super) async fn all<T>(
    mut results: impl Stream<Item = Result<T, Unready>> + Unpin,
) -> Result<(Vec<T>, Vec<String>), Failure> {
    let (mut done, mut lacking) = (Vec::new(), Vec::new());
    while let Some(result) = results.next().await {
        match result {
            Ok(one) => done.push(one),
            Err(Unready::NotCached(what)) => lacking.push(what),
            Err(Unready::Failed(failure)) => return Err(failure),
        }
    }
    Ok((done, lacking))
}

fn not_cached(lacking: &[String]) -> Failure {
    let what = lacking.join(", ");
    let message = match lacking {
        [_] => format!("{what} is not in the cache; nothing was installed"),
        _ => format!(
            "{} skills are not in the cache: {what}; nothing was installed",
            lacking.len()
        ),
    };
    Failure::new("NOT_CACHED", message)
        .hint("install it once without --offline")
        .with_exit(Exit::Registry)
}

/// Refuses to install a skill twice, or inside another of the same batch.
fn check_apart(steps: &[Step]) -> Result<(), Failure> {
    let mut names: Vec<&str> = steps.iter().map(|step| step.name().as_str()).collect();
    // So that a name is followed by those that begin with it and a slash, which sorts first.
    names.sort_unstable_by_key(|name| name.replace('/', "\0"));
    for pair in names.windows(2) {
        if pair[0] == pair[1] {
            let message = format!("{} is named twice", pair[0]);
            return Err(Failure::new("USAGE", message).with_exit(Exit::Usage));
        }
        let inside = pair[1].strip_prefix(pair[0]);
        if inside.is_some_and(|rest| rest.starts_with('/')) {
            let message = format!("{} would lie inside the skill {}", pair[1], pair[0]);
            return Err(Failure::new("OCCUPIED", message).hint("install one of the two"));
        }
    }
    Ok(())
}

impl Step {
    /// The skill.
    pub(crate) fn name(&self) -> &ToolName {
        match self {
            Self::Target(target) => &target.name,
            Self::Resolve { name, .. } => name,
        }
    }
}
