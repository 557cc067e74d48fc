//! The routes that look into a bundle.

use enact_types::wire::FileList;
use enact_types::{ToolName, Version};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{ApiError, Body, Client, version_path};

/// What stands for itself in a segment of a path (RFC 3986, "unreserved"), and the slashes between
/// segments.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

impl Client {
    /// `GET /tools/N/versions/V/files`. The paths are whatever the registry sends: they are shown,
    /// and not written to.
    pub(crate) async fn files(
        &self,
        name: &ToolName,
        version: &Version,
    ) -> Result<FileList, ApiError> {
        let path = format!("{}/files", version_path(name, version));
        self.transport.get_json(&path, &[]).await
    }

    /// `GET /tools/N/versions/V/files/PATH`, as plain bytes.
    pub(crate) async fn file(
        &self,
        name: &ToolName,
        version: &Version,
        path: &str,
    ) -> Result<Body, ApiError> {
        let path = utf8_percent_encode(path, ESCAPED);
        let path = format!("{}/files/{path}", version_path(name, version));
        let accept = "application/octet-stream";
        self.transport.get_as(accept, &path, &[]).await
    }
}
