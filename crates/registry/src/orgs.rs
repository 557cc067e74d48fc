//! Organisations: making them, showing them.

use enact_catalog::{Listed, NewOrg, Org, OrgMade};
use enact_types::limits::{MAX_DESCRIPTION_CHARS, MAX_SHORT_TEXT_CHARS};
use enact_types::wire::{OrgInfo, OrgRequest, OrgTool, OrgTools};
use enact_types::{Namespace, Needs, OwnerName};

use crate::error::ErrorKind;
use crate::texts::optional;
use crate::{Caller, Page, Registry, RegistryError};

impl Registry {
    /// Makes an organisation, with the caller as its owner.
    pub async fn create_org(
        &self,
        caller: &Caller,
        request: OrgRequest,
    ) -> Result<OrgInfo, RegistryError> {
        let creator = caller.may(Needs::Orgs)?;
        let name = OwnerName::parse_lenient(&request.name)
            .map_err(|error| RegistryError::invalid(format!("name: {error}")))?;
        let new = NewOrg {
            id: self.new_id()?,
            name,
            display_name: optional("display_name", request.display_name, MAX_SHORT_TEXT_CHARS)?,
            description: optional("description", request.description, MAX_DESCRIPTION_CHARS)?,
        };
        let catalog = &self.inner.catalog;
        let made = catalog
            .create_org(&new, &creator.id, caller.is_admin(), self.now())
            .await?;
        match made {
            OrgMade::Done => self.org_info(&new.name).await,
            OrgMade::Taken => Err(RegistryError::new(
                ErrorKind::Conflict,
                format!("The name \"{}\" is taken", new.name),
            )),
            OrgMade::TooMany(made) => Err(RegistryError::new(
                ErrorKind::TooManyOrgs,
                format!(
                    "\"{}\" has made {made} organisations, as many as one may",
                    creator.username
                ),
            )),
        }
    }

    /// An organisation. It tells the number of its public tools to everybody alike.
    pub async fn org_info(&self, name: &OwnerName) -> Result<OrgInfo, RegistryError> {
        let org = self.org(name).await?;
        let tool_count = self
            .inner
            .catalog
            .tool_count(Namespace::Org(name.as_str()), Listed::Public)
            .await?;
        Ok(OrgInfo {
            id: org.id,
            name: org.name,
            display_name: org.display_name,
            description: org.description,
            avatar_url: org.avatar_url,
            created_by: org.created_by,
            created_at: org.created_at,
            member_count: org.member_count,
            tool_count,
        })
    }

    /// The public tools of an organisation.
    pub async fn org_tools(&self, name: &OwnerName, page: Page) -> Result<OrgTools, RegistryError> {
        self.org(name).await?;
        let (tools, total) = self
            .inner
            .catalog
            .tools_of(
                Namespace::Org(name.as_str()),
                Listed::Public,
                page.limit(),
                page.offset,
            )
            .await?;
        Ok(OrgTools {
            tools: tools
                .into_iter()
                .map(|tool| OrgTool {
                    name: tool.name,
                    description: tool.description,
                    tags: tool.tags,
                    version: tool.latest_version,
                    downloads: tool.downloads,
                    visibility: tool.visibility,
                })
                .collect(),
            total,
            limit: page.limit(),
            offset: page.offset,
        })
    }

    pub(crate) async fn org(&self, name: &OwnerName) -> Result<Org, RegistryError> {
        self.inner.catalog.org(name).await?.ok_or_else(|| {
            RegistryError::new(
                ErrorKind::OrgNotFound {
                    org: name.to_string(),
                },
                format!("Organisation \"{name}\" not found"),
            )
        })
    }
}
