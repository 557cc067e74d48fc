//! How a command line names a skill, with or without a version.

use std::fmt;
use std::str::FromStr;

use enact_types::{InvalidName, InvalidVersion, ToolName, Version};

/// `NAME`, `NAME@VERSION` (or `NAME@vVERSION`) or `NAME@latest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolSpec {
    /// The skill.
    pub(crate) name: ToolName,
    /// The version; the latest if there is none.
    pub(crate) version: Option<Version>,
}

/// `NAME@VERSION`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolVersion {
    /// The skill.
    pub(crate) name: ToolName,
    /// The version.
    pub(crate) version: Version,
}

impl fmt::Display for ToolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

/// Why a text is neither a [`ToolSpec`] nor a [`ToolVersion`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InvalidTool {
    /// What stands before the `@`.
    Name(InvalidName),
    /// What stands behind the `@`.
    Version(InvalidVersion),
    /// No version, where one is needed.
    NoVersion,
}

impl fmt::Display for InvalidTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => error.fmt(f),
            Self::Version(error) => error.fmt(f),
            Self::NoVersion => f.write_str("add a version, as in alice/greeter@1.0.0"),
        }
    }
}

impl std::error::Error for InvalidTool {}

/// What stands before and behind the last `@`, if that separates anything: an organisation's name starts
/// with one.
pub(crate) fn split(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once('@') {
        Some((name, version)) if !name.is_empty() => (name, Some(version)),
        _ => (text, None),
    }
}

impl FromStr for ToolSpec {
    type Err = InvalidTool;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, version) = split(text);
        Ok(Self {
            name: ToolName::parse(name).map_err(InvalidTool::Name)?,
            version: match version {
                None | Some("latest") => None,
                Some(version) => {
                    let number = without_v(version);
                    Some(Version::parse(number).map_err(InvalidTool::Version)?)
                }
            },
        })
    }
}

/// A version without the `v` that many write before it.
pub(crate) fn without_v(version: &str) -> &str {
    match version.strip_prefix('v') {
        Some(number) if number.starts_with(|char: char| char.is_ascii_digit()) => number,
        _ => version,
    }
}

impl FromStr for ToolVersion {
    type Err = InvalidTool;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ToolSpec { name, version } = text.parse()?;
        let version = version.ok_or(InvalidTool::NoVersion)?;
        Ok(Self { name, version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_name_and_version_at_the_last_at_sign() {
        let parts = |text: &str| {
            let spec: ToolSpec = text.parse().unwrap();
            let version = spec.version.map(|version| version.to_string());
            (spec.name.to_string(), version)
        };
        let name =
            |name: &str, version: Option<&str>| (name.to_owned(), version.map(str::to_owned));
        assert_eq!(parts("alice/x"), name("alice/x", None));
        assert_eq!(parts("alice/x@latest"), name("alice/x", None));
        assert_eq!(parts("@acme/x"), name("@acme/x", None));
        assert_eq!(parts("alice/x@v1.0.0"), name("alice/x", Some("1.0.0")));
        assert_eq!(
            parts("@acme/a/x@1.0.0-rc.1"),
            name("@acme/a/x", Some("1.0.0-rc.1"))
        );
    }

    #[test]
    fn refuses_what_is_outside_the_grammar() {
        for text in [
            "",
            "x",
            "alice/x@",
            "alice/x@1",
            "alice/x@v",
            "alice/x@vv1.0.0",
            "alice/../x",
            "@1.0.0",
            "alice/x@^1.0.0",
        ] {
            assert!(text.parse::<ToolSpec>().is_err(), "{text:?} was accepted");
        }
        for text in ["alice/x", "alice/x@latest"] {
            assert_eq!(text.parse::<ToolVersion>(), Err(InvalidTool::NoVersion));
        }
    }
}
