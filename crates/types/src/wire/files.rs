//! The bodies of the routes that look into a bundle.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /tools/N/versions/V/files`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FileList {
    /// What the bundle holds, in the order of the paths' bytes.
    pub files: Vec<FileEntry>,
    /// How many there are.
    pub total: u64,
}

/// One line of [`FileList::files`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileEntry {
    /// Relative, with `/`.
    pub path: String,
    /// In bytes; 0 for a folder.
    pub size: u64,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: FileKind,
    /// Whether its executable bit is set.
    #[serde(default)]
    pub executable: bool,
}

/// What an entry of a bundle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder that has an entry of its own; others only show in the paths of files.
    Directory,
}

/// `GET /tools/N/versions/V/files/PATH`, as JSON.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FileContent {
    /// The file.
    pub path: String,
    /// Its content, as `encoding` says.
    pub content: String,
    /// The size of the file itself, in bytes.
    pub size: u64,
    /// How `content` holds it.
    pub encoding: FileEncoding,
}

/// How a file's content is held in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum FileEncoding {
    /// As it is: it is text.
    #[serde(rename = "utf-8")]
    Utf8,
    /// In base 64, with padding.
    #[serde(rename = "base64")]
    Base64,
}
