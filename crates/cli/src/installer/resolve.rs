//! Which version is meant, and what its bundle is.

use enact_types::{ToolName, Version, VersionRange, latest};
use futures_util::{StreamExt as _, stream};

use super::fetch::{Unready, all};
use super::{AT_ONCE, Installer, Step, Target, Yanked};
use crate::cache::Note;
use crate::client::{ApiError, Client, ToolInfo};
use crate::exit::{Exit, Failure};
use crate::installed::List;
use crate::settings::RegistryUrl;
use crate::tool_request::Wanted;

impl Installer<'_> {
    /// The version of `name` that is meant, as `registry` has it; offline, as the cache has it. Without
    /// `wanted` it is the latest, and what is compatible with it counts as asked for.
    pub(crate) async fn resolve(
        &self,
        name: &ToolName,
        wanted: Option<&Wanted>,
        registry: &RegistryUrl,
    ) -> Result<Target, Unready> {
        let wish = wanted.unwrap_or(&Wanted::Latest);
        if self.options.offline {
            let note = self.cached(name, wish, registry)?;
            return Ok(Target {
                name: note.name,
                requested: requested(wanted, &note.version),
                version: note.version,
                registry: registry.clone(),
                hash: note.hash,
                size: note.size,
                yanked: Yanked::No,
            });
        }
        let client = self.client(registry)?;
        let version = self.choose(&client, name, wish).await?;
        let details = client.version(name, &version).await.map_err(unresolved)?;
        let requested = requested(wanted, &version);
        Ok(Target::described(&details, requested, registry))
    }

    /// What is meant by each of the steps, in their order, and what of it the cache lacks where no registry
    /// may be asked; or the first failure.
    pub(crate) async fn resolve_all(
        &self,
        steps: Vec<Step>,
        list: &List,
    ) -> Result<(Vec<Target>, Vec<String>), Failure> {
        let targets = stream::iter(steps).map(async |step| match step {
            Step::Target(target) => Ok(target),
            Step::Resolve {
                name,
                wanted,
                registry,
            } => {
                let target = self.resolve(&name, wanted.as_ref(), &registry).await;
                let listed = list.wanted(&name);
                let listed = listed.is_some_and(|listed| wanted.is_none_or(|it| it == *listed));
                target.map_err(|unready| match unready {
                    Unready::Failed(failure) if failure.code() == "NOT_FOUND" && listed => {
                        Unready::Failed(failure.hint(format!(
                            "if {name} is gone from its registry, take it off the list: enact uninstall {name}"
                        )))
                    }
                    unready => unready,
                })
            }
        });
        all(targets.buffered(AT_ONCE)).await
    }

    async fn choose(
        &self,
        client: &Client,
        name: &ToolName,
        wanted: &Wanted,
    ) -> Result<Version, Failure> {
        let range = match wanted {
            Wanted::Exact(version) => return Ok(version.clone()),
            Wanted::Latest => None,
            Wanted::Range(range) => Some(range),
        };
        let info = client.tool(name).await.map_err(unresolved)?;
        match range {
            Some(range) => highest(&info, range, self.options.allow_yanked),
            None => info.latest_version.ok_or_else(|| {
                let message = format!("{name} has no version that could be installed");
                Failure::new("NOT_FOUND", message).with_exit(Exit::Registry)
            }),
        }
    }

    /// What is in the cache, and would do.
    fn cached(
        &self,
        name: &ToolName,
        wanted: &Wanted,
        registry: &RegistryUrl,
    ) -> Result<Note, Unready> {
        let mut notes = self.cache.versions(name, registry);
        notes.retain(|note| wanted.accepts(&note.version));
        let best = latest(&notes, |note| (&note.version, false)).cloned();
        best.ok_or_else(|| Unready::NotCached(format!("{name}@{wanted}")))
    }
}

/// The versions that a registry has, those that it lists badly left out, and whether they were yanked.
pub(super) fn versions(info: &ToolInfo) -> Vec<(Version, bool)> {
    let versions = info.versions.iter().filter_map(|summary| {
        let version = Version::parse(&summary.version).ok()?;
        Some((version, summary.yanked))
    });
    versions.collect()
}

/// The highest version in the range that is not yanked; one that is, only if it is allowed.
pub(crate) fn highest(
    info: &ToolInfo,
    range: &VersionRange,
    allow_yanked: bool,
) -> Result<Version, Failure> {
    let name = &info.name;
    let mut versions = versions(info);
    let pre_release = versions.iter().any(|(version, _)| version.is_prerelease());
    versions.retain(|(version, _)| range.matches(version));
    let best = versions.iter().filter(|(_, yanked)| !yanked).max();
    let best = best.or_else(|| versions.iter().filter(|_| allow_yanked).max());
    if let Some((version, _)) = best {
        return Ok(version.clone());
    }
    if let Some((version, _)) = versions.iter().max() {
        let message = format!("every version of {name} that {range} asks for was yanked");
        return Err(Failure::new("VERSION_YANKED", message).hint(format!(
            "install {name}@{version} all the same with --allow-yanked"
        )));
    }
    let message = format!("{name} has no version that {range} asks for");
    let failure = Failure::new("NOT_FOUND", message)
        .hint(format!("see its versions: enact info {name}"))
        .with_exit(Exit::Registry);
    if pre_release {
        return Err(failure.hint("a pre-release must be asked for, as in 1.0.0-rc.1"));
    }
    Err(failure)
}

/// Whoever names no version means this one or a compatible one from now on.
fn requested(wanted: Option<&Wanted>, version: &Version) -> Wanted {
    let compatible = || Wanted::Range(VersionRange::compatible_with(version));
    wanted.cloned().unwrap_or_else(compatible)
}

/// The registry did not give what `install` needs.
pub(super) fn unresolved(error: ApiError) -> Failure {
    Failure::from(error).with_exit(Exit::Registry)
}
