//! Which newer versions of what is installed there are.

use enact_types::{ToolName, Version};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::resolve::{highest, unresolved, versions};
use super::{AT_ONCE, Installer};
use crate::exit::Failure;
use crate::installed::Records;
use crate::tool_request::Wanted;

/// The versions of one skill.
#[derive(Debug)]
pub(crate) struct Outlook {
    /// The skill.
    pub(crate) name: ToolName,
    /// The one that is locked, or that the list says.
    pub(crate) current: Option<Version>,
    /// The highest of those that were asked for.
    pub(crate) wanted: Option<Version>,
    /// The one that the registry calls the latest.
    pub(crate) latest: Option<Version>,
    /// Whether the current one was yanked.
    pub(crate) yanked: bool,
    /// Whether the registry has no such skill any more, or none that this caller may see.
    pub(crate) gone: bool,
}

impl Installer<'_> {
    /// Asks about every skill of the list, in its order.
    pub(crate) async fn outlooks(&self, records: &Records) -> Result<Vec<Outlook>, Failure> {
        let skills = stream::iter(records.list.skills());
        let outlooks = skills.map(|(name, wanted)| self.outlook(name, wanted, records));
        outlooks.buffered(AT_ONCE).try_collect().await
    }

    async fn outlook(
        &self,
        name: &ToolName,
        listed: &Wanted,
        records: &Records,
    ) -> Result<Outlook, Failure> {
        let locked = records.agreed(name);
        let requested = locked.map_or(listed, |locked| &locked.requested);
        let current = match (locked, listed) {
            (Some(locked), _) => Some(locked.version.clone()),
            (None, Wanted::Exact(version)) => Some(version.clone()),
            (None, _) => None,
        };
        let registry = locked.map_or(self.registry(), |locked| {
            self.registry_for(&locked.registry)
        });
        let info = match self.client(registry)?.tool(name).await {
            Ok(info) => info,
            // What is said of all others does not depend on this one.
            Err(error) if error.is_not_found() => {
                return Ok(Outlook {
                    name: name.clone(),
                    current,
                    wanted: None,
                    latest: None,
                    yanked: false,
                    gone: true,
                });
            }
            Err(error) => return Err(unresolved(error)),
        };
        let yanked = versions(&info)
            .into_iter()
            .any(|(version, yanked)| yanked && Some(&version) == current.as_ref());
        let wanted = match requested {
            Wanted::Latest => info.latest_version.clone(),
            Wanted::Exact(version) => Some(version.clone()),
            Wanted::Range(range) => highest(&info, range, false).ok(),
        };
        Ok(Outlook {
            name: name.clone(),
            current,
            wanted,
            latest: info.latest_version,
            yanked,
            gone: false,
        })
    }
}
