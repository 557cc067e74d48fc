//! The keys of objects: what a key may look like, and every shape of key that this project uses.

use std::fmt;

use enact_types::{ToolName, Version};

use crate::error::{Fault, Operation, StorageError, StorageErrorKind};
use crate::types::UploadOptions;

/// The longest key, in bytes: the limit of S3
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>).
pub const MAX_KEY_BYTES: usize = 1024;

/// The longest segment of a key, in bytes: `NAME_MAX` of the usual file systems, so that what one
/// backend takes, all take.
pub const MAX_KEY_SEGMENT_BYTES: usize = 255;

/// The first segment that no key may have: the local backend keeps unfinished files there.
pub(crate) const RESERVED_SEGMENT: &str = ".enact-tmp";

/// A valid key: segments joined by `/`, none of them empty, `.` or `..`, no control characters,
/// bounded in length.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// Parses a key. Fails with the code `INVALID_KEY`; nothing is normalised.
    pub fn parse(text: &str) -> Result<Self, StorageError> {
        match rule_broken_by(text) {
            None => Ok(Self(text.to_owned())),
            Some(rule) => {
                let message = format!("the key {:?} is not valid: {rule}", shortened(text));
                Err(Fault::new(StorageErrorKind::InvalidInput, message)
                    .during(Operation::ParseKey, None))
            }
        }
    }

    /// The key of a bundle; see [`ObjectKey::Bundle`].
    pub fn bundle(tool: &ToolName, version: &Version, attempt: u32) -> Self {
        ObjectKey::Bundle {
            tool,
            version,
            attempt,
        }
        .key()
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The segments, first to last.
    pub(crate) fn segments(&self) -> std::str::Split<'_, char> {
        self.0.split('/')
    }
}

/// Every shape of key that the project writes, together with the headers of such an object. Add a
/// variant here to store something new.
#[derive(Debug, Clone, Copy)]
pub enum ObjectKey<'a> {
    /// A bundle: `bundles/{tool}/{version}.tar.gz` for attempt 1, and
    /// `bundles/{tool}/{version}~{attempt}.tar.gz` for the attempts that took over a crashed one.
    ///
    /// A key is written by exactly one attempt, ever. `~` is outside the grammar of versions;
    /// with a dot, attempt 2 of `1.0.0-rc` would have the key of version `1.0.0-rc.2`.
    Bundle {
        /// The tool.
        tool: &'a ToolName,
        /// The version.
        version: &'a Version,
        /// Which attempt at publishing this version writes it, from 1.
        attempt: u32,
    },
}

impl ObjectKey<'_> {
    /// The key.
    pub fn key(&self) -> Key {
        match self {
            // Names have at most 200 bytes and versions 128, of characters without meaning in
            // keys, so that no rule of `Key` can be broken.
            Self::Bundle {
                tool,
                version,
                attempt: 0 | 1,
            } => Key(format!("bundles/{tool}/{version}.tar.gz")),
            Self::Bundle {
                tool,
                version,
                attempt,
            } => Key(format!("bundles/{tool}/{version}~{attempt}.tar.gz")),
        }
    }

    /// Content type and metadata of the object.
    pub fn upload_options(&self) -> UploadOptions {
        match self {
            Self::Bundle { tool, version, .. } => UploadOptions::default()
                .content_type("application/gzip")
                .metadata("tool", tool.as_str())
                .metadata("version", version.as_str()),
        }
    }
}

/// Whether a key can start with this text. Stores disagree on what they answer for a prefix that
/// none can, from an error to another folder's objects.
pub(crate) fn can_start_a_key(prefix: &str) -> bool {
    prefix.is_empty() || Key::parse(prefix).is_ok() || Key::parse(&format!("{prefix}-")).is_ok()
}

fn rule_broken_by(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("it is empty");
    }
    if text.len() > MAX_KEY_BYTES {
        return Some("it is longer than 1024 bytes");
    }
    if text.chars().any(char::is_control) {
        return Some("it has a control character");
    }
    if text.split('/').next() == Some(RESERVED_SEGMENT) {
        return Some("it starts with the reserved segment \".enact-tmp\"");
    }
    text.split('/').find_map(|segment| match segment {
        "" => Some("it has an empty segment; it may not start or end with \"/\" or have \"//\""),
        "." | ".." => Some("it has a segment \".\" or \"..\""),
        _ if segment.len() > MAX_KEY_SEGMENT_BYTES => {
            Some("it has a segment longer than 255 bytes")
        }
        _ => None,
    })
}

fn shortened(text: &str) -> String {
    const SHOWN: usize = 80;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Key {
    type Err = StorageError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_could_leave_a_folder_or_confuse_a_store() {
        let long = "a".repeat(MAX_KEY_BYTES + 1);
        let long_segment = "a".repeat(MAX_KEY_SEGMENT_BYTES + 1);
        for text in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "a/../b",
            "./a",
            "a\0b",
            "a\nb",
            "a/\u{85}",
            ".enact-tmp/x",
            &long,
            &long_segment,
        ] {
            let error = Key::parse(text).unwrap_err();
            assert_eq!(error.code().as_str(), "INVALID_KEY", "{text:?}");
        }
        for text in [
            "a",
            "a/b.tar.gz",
            "...",
            "a b/ü/日本/%2e%2e/~+&?#",
            ".hidden",
        ] {
            assert_eq!(Key::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn prefixes_are_what_keys_can_start_with() {
        for prefix in ["", "a", "a/", "a/b", ".", "..", "a/..", ".enact-tmp"] {
            assert!(can_start_a_key(prefix), "{prefix}");
        }
        for prefix in ["/", "a//", "a/../", "../x", ".enact-tmp/", "a\n"] {
            assert!(!can_start_a_key(prefix), "{prefix}");
        }
    }

    #[test]
    fn bundle_keys_are_valid_and_differ_between_attempts_and_versions() {
        let tool = ToolName::parse("alice/utils/greeter").unwrap();
        let key =
            |version: &str, attempt| Key::bundle(&tool, &Version::parse(version).unwrap(), attempt);
        let first = key("1.0.0", 1);
        assert_eq!(first.as_str(), "bundles/alice/utils/greeter/1.0.0.tar.gz");
        assert_eq!(
            key("1.0.0", 2).as_str(),
            "bundles/alice/utils/greeter/1.0.0~2.tar.gz"
        );
        assert_ne!(key("1.0.0-rc", 2), key("1.0.0-rc.2", 1));
        let longest = key(&format!("1.0.0-{}", "a".repeat(122)), u32::MAX);
        assert_eq!(Key::parse(longest.as_str()).unwrap(), longest);
    }
}
