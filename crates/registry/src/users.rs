//! Users and what they published.

use enact_catalog::Listed;
use enact_types::wire::{UserInfo, UserProfile, UserTool, UserTools};
use enact_types::{Namespace, OwnerName};

use crate::{Caller, Page, Registry, RegistryError};

impl Registry {
    /// A user.
    pub async fn user_info(&self, username: &OwnerName) -> Result<UserInfo, RegistryError> {
        let profile = self.user_profile(username).await?;
        Ok(UserInfo {
            username: profile.username,
            display_name: profile.display_name,
            avatar_url: profile.avatar_url,
            created_at: profile.created_at,
            tools_count: profile.public_tool_count,
            tools_published: profile.public_tool_count,
        })
    }

    /// A user, as web pages show one.
    pub async fn user_profile(&self, username: &OwnerName) -> Result<UserProfile, RegistryError> {
        let user = self.user(username).await?;
        let public_tool_count = self
            .inner
            .catalog
            .tool_count(Namespace::User(username.as_str()), Listed::Public)
            .await?;
        Ok(UserProfile {
            username: user.username,
            display_name: user.display_name,
            avatar_url: user.avatar_url,
            created_at: user.created_at,
            public_tool_count,
        })
    }

    /// The tools of a user: public ones, and with `include_private` all of them, if the caller is
    /// that user or the operator.
    pub async fn user_tools(
        &self,
        caller: &Caller,
        username: &OwnerName,
        include_private: bool,
        page: Page,
    ) -> Result<UserTools, RegistryError> {
        self.user(username).await?;
        let is_own_profile = caller.reads_as(username);
        let listed = if include_private && (is_own_profile || caller.is_admin()) {
            Listed::All
        } else {
            Listed::Public
        };
        let (tools, total) = self
            .inner
            .catalog
            .tools_of(
                Namespace::User(username.as_str()),
                listed,
                page.limit(),
                page.offset,
            )
            .await?;
        Ok(UserTools {
            tools: tools
                .into_iter()
                .map(|tool| UserTool {
                    name: tool.name,
                    description: tool.description,
                    tags: tool.tags,
                    license: tool.license.unwrap_or_default(),
                    visibility: tool.visibility,
                    version: tool.latest_version,
                    downloads: tool.downloads,
                    created_at: tool.created_at,
                    updated_at: tool.updated_at,
                })
                .collect(),
            total,
            limit: page.limit(),
            offset: page.offset,
            is_own_profile,
        })
    }
}
