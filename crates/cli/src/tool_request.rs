//! Which versions of a skill somebody asks for, on a command line or in a list.

use std::fmt;
use std::str::FromStr;

use enact_types::{InvalidName, InvalidRange, InvalidVersion, ToolName, Version, VersionRange};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::tool_spec::{split, without_v};

/// `NAME`, `NAME@1.2.3`, `NAME@^1.2` or `NAME@latest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolRequest {
    /// The skill.
    pub(crate) name: ToolName,
    /// Which versions will do; `None` if that was not said.
    pub(crate) wanted: Option<Wanted>,
}

/// Which versions will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The one that the registry calls the latest.
    Latest,
    /// This one alone.
    Exact(Version),
    /// The highest of these.
    Range(VersionRange),
}

impl ToolRequest {
    /// The same skill, in the version that a flag names, if one does.
    pub(crate) fn or_version(&self, flag: Option<&Wanted>) -> Self {
        Self {
            name: self.name.clone(),
            wanted: flag.or(self.wanted.as_ref()).cloned(),
        }
    }
}

impl Wanted {
    /// Parses `1.2.3` (or `v1.2.3`), `latest` or a range.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidRequest> {
        let text = text.trim();
        if text == "latest" {
            return Ok(Self::Latest);
        }
        let number = without_v(text);
        match Version::parse(number) {
            Ok(version) => Ok(Self::Exact(version)),
            // Three numbers that are meant to be a version: that message says more.
            Err(error) if number.matches('.').count() >= 2 && is_plain(number) => {
                Err(InvalidRequest::Version(error))
            }
            Err(_) => match VersionRange::parse(text) {
                Ok(range) => Ok(Self::Range(range)),
                Err(error) => Err(InvalidRequest::Range(error)),
            },
        }
    }

    /// Whether `version` will do. [`Wanted::Latest`] takes whatever was the latest when it was asked.
    pub(crate) fn accepts(&self, version: &Version) -> bool {
        match self {
            Self::Latest => true,
            Self::Exact(exact) => exact == version,
            Self::Range(range) => range.matches(version),
        }
    }
}

/// Whether it can only be a path: no name begins like this.
fn is_path(text: &str) -> bool {
    matches!(text, "." | ".." | "~")
        || ["./", "../", "/", "~/"]
            .iter()
            .any(|start| text.starts_with(start))
}

/// Whether it starts like a number and has no wildcard, so that it is no range.
fn is_plain(text: &str) -> bool {
    let wild = |part: &str| matches!(part, "*" | "x" | "X");
    text.starts_with(|char: char| char.is_ascii_digit())
        && !text.contains([',', ' '])
        && !text.split('.').any(wild)
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.pad("latest"),
            Self::Exact(version) => version.fmt(f),
            Self::Range(range) => range.fmt(f),
        }
    }
}

impl Serialize for Wanted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// Why a text is no [`ToolRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InvalidRequest {
    /// It is the path of a folder, which the existing client takes as well.
    Folder,
    /// What stands before the `@`.
    Name(InvalidName),
    /// What stands behind the `@` looks like a version.
    Version(InvalidVersion),
    /// What stands behind the `@`.
    Range(InvalidRange),
}

impl fmt::Display for InvalidRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder => f.write_str(
                "this is a folder, and a skill of the registry is meant, as in alice/greeter: \
                 `enact validate` and `enact publish --dry-run` look at a folder, and `enact publish` \
                 makes it one that can be installed",
            ),
            Self::Name(error) => error.fmt(f),
            Self::Version(error) => error.fmt(f),
            Self::Range(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for InvalidRequest {}

impl FromStr for ToolRequest {
    type Err = InvalidRequest;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_path(text) {
            return Err(InvalidRequest::Folder);
        }
        let (name, wanted) = split(text);
        Ok(Self {
            name: ToolName::parse(name).map_err(InvalidRequest::Name)?,
            wanted: wanted.map(Wanted::parse).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(text: &str) -> Option<Wanted> {
        text.parse::<ToolRequest>().unwrap().wanted
    }

    #[test]
    fn tells_versions_from_ranges() {
        let exact = |text| Some(Wanted::Exact(Version::parse(text).unwrap()));
        let range = |text| Some(Wanted::Range(VersionRange::parse(text).unwrap()));
        for (text, expected) in [
            ("@acme/a/x", None),
            ("a/x@latest", Some(Wanted::Latest)),
            ("a/x@1.2.3", exact("1.2.3")),
            ("a/x@v1.2.3", exact("1.2.3")),
            ("@acme/x@1.0.0-rc.1", exact("1.0.0-rc.1")),
            ("a/x@^1.2", range("^1.2")),
            ("a/x@1.2", range("1.2")),
            ("a/x@1", range("1")),
            ("a/x@1.2.x", range("1.2.x")),
            ("a/x@>=1.0 <2", range(">=1.0 <2")),
            ("a/x@*", range("*")),
        ] {
            assert_eq!(wanted(text), expected, "{text}");
        }
    }

    #[test]
    fn tells_folders_from_names() {
        for text in [".", "..", "./x", "../work/x", "/a/x", "~/x"] {
            let parsed = text.parse::<ToolRequest>();
            assert_eq!(parsed, Err(InvalidRequest::Folder), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_outside_the_grammar() {
        for text in [
            "",
            "x",
            "a/x@",
            "a/../x",
            "@1.0.0",
            "a/x@01.0.0",
            "a/x@next",
            "a/x@^",
            "a/x@1.0.0.0",
        ] {
            assert!(
                text.parse::<ToolRequest>().is_err(),
                "{text:?} was accepted"
            );
        }
    }
}
