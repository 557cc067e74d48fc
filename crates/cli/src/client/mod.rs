//! The registry's HTTP API, one method per call.

mod activity;
mod advice;
mod answers;
mod body;
mod connections;
mod download;
mod error;
mod files;
mod health;
mod identity;
mod orgs;
mod publish;
mod redirect;
mod retry;
mod transport;
mod unreached;

use enact_types::wire::{VisibilityRequest, YankRequest};
use enact_types::{ToolName, Version, Visibility};
use reqwest::Method;

pub(crate) use answers::{
    Author, Published, SearchPage, SearchRow, Time, ToolInfo, VersionDetails, VersionSummary,
};
use answers::{Unyanked, VisibilityChanged, Yanked};
pub(crate) use body::Body;
pub(crate) use download::Download;
pub(crate) use error::{ApiError, ErrorKind};
pub(crate) use health::Health;
pub(crate) use identity::{Me, SignedInBy};
pub(crate) use publish::Upload;

use crate::settings::Settings;
use transport::Transport;

/// A client of one registry.
#[derive(Debug)]
pub(crate) struct Client {
    transport: Transport,
}

/// What to look for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SearchQuery<'a> {
    /// Words; all tools if empty.
    pub(crate) words: &'a str,
    /// Any of these tags.
    pub(crate) tags: &'a [String],
    /// The most rows.
    pub(crate) limit: u32,
    /// Rows to skip.
    pub(crate) offset: u32,
}

impl Client {
    /// A client that has sent nothing yet.
    pub(crate) fn new(settings: Settings) -> Result<Self, ApiError> {
        let transport = Transport::new(settings)?;
        Ok(Self { transport })
    }

    /// `GET /tools/N`.
    pub(crate) async fn tool(&self, name: &ToolName) -> Result<ToolInfo, ApiError> {
        let info: ToolInfo = self.transport.get_json(&tool_path(name), &[]).await?;
        same("name", name, &info.name)?;
        Ok(info)
    }

    /// `GET /tools/N`; `None` if it does not exist, or is not for the caller.
    pub(crate) async fn tool_if_there(
        &self,
        name: &ToolName,
    ) -> Result<Option<ToolInfo>, ApiError> {
        let info: Option<ToolInfo> = self.transport.find_json(&tool_path(name)).await?;
        if let Some(info) = &info {
            same("name", name, &info.name)?;
        }
        Ok(info)
    }

    /// `GET /tools/N/versions/V`.
    pub(crate) async fn version(
        &self,
        name: &ToolName,
        version: &Version,
    ) -> Result<VersionDetails, ApiError> {
        let path = version_path(name, version);
        let details: VersionDetails = self.transport.get_json(&path, &[]).await?;
        same("name", name, &details.name)?;
        same("version", version, &details.version)?;
        Ok(details)
    }

    /// `GET /tools/search`.
    pub(crate) async fn search(&self, query: SearchQuery<'_>) -> Result<SearchPage, ApiError> {
        let (limit, offset) = (query.limit.to_string(), query.offset.to_string());
        let tags = query.tags.join(",");
        let mut pairs = vec![("q", query.words), ("limit", &limit), ("offset", &offset)];
        if !tags.is_empty() {
            pairs.push(("tags", &tags));
        }
        self.transport.get_json("/tools/search", &pairs).await
    }

    /// `POST /tools/N/versions`.
    pub(crate) async fn publish(
        &self,
        name: &ToolName,
        upload: &Upload,
    ) -> Result<Published, ApiError> {
        let path = format!("{}/versions", tool_path(name));
        self.transport.post_form(&path, || upload.form()).await
    }

    /// `POST /tools/N/versions/V/yank`.
    pub(crate) async fn yank(
        &self,
        name: &ToolName,
        version: &Version,
        request: &YankRequest,
    ) -> Result<Yanked, ApiError> {
        let path = format!("{}/yank", version_path(name, version));
        let yanked: Yanked = self
            .transport
            .send_json(Method::POST, &path, request)
            .await?;
        same("version", version, &yanked.version)?;
        Ok(yanked)
    }

    /// `POST /tools/N/versions/V/unyank`.
    pub(crate) async fn unyank(
        &self,
        name: &ToolName,
        version: &Version,
    ) -> Result<Unyanked, ApiError> {
        let path = format!("{}/unyank", version_path(name, version));
        let nothing = YankRequest::default();
        let unyanked: Unyanked = self
            .transport
            .send_json(Method::POST, &path, &nothing)
            .await?;
        same("version", version, &unyanked.version)?;
        Ok(unyanked)
    }

    /// `DELETE /tools/N`.
    pub(crate) async fn delete_tool(&self, name: &ToolName) -> Result<(), ApiError> {
        self.transport.delete(&tool_path(name)).await
    }

    /// `PATCH /tools/N/visibility`.
    pub(crate) async fn set_visibility(
        &self,
        name: &ToolName,
        visibility: Visibility,
    ) -> Result<VisibilityChanged, ApiError> {
        let path = format!("{}/visibility", tool_path(name));
        let request = VisibilityRequest {
            visibility: visibility.to_string(),
        };
        self.transport
            .send_json(Method::PATCH, &path, &request)
            .await
    }
}

/// The grammars of names and versions leave nothing to escape in a path.
fn tool_path(name: &ToolName) -> String {
    format!("/tools/{name}")
}

fn version_path(name: &ToolName, version: &Version) -> String {
    format!("/tools/{name}/versions/{version}")
}

/// Checks that the answer is about what was asked for.
pub(crate) fn same<T: PartialEq + std::fmt::Display>(
    field: &str,
    asked: &T,
    answered: &T,
) -> Result<(), ApiError> {
    if asked == answered {
        return Ok(());
    }
    Err(ErrorKind::Answer(format!(
        "it was asked about {field} {asked} and answered about {answered}"
    ))
    .into())
}
