//! How a command line names exactly one version of a skill, or a skill without any.

use std::fmt;
use std::str::FromStr;

use enact_types::{InvalidName, InvalidVersion, ToolName, Version, VersionRange};

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

/// Why a text is no [`ToolVersion`], or no name of a skill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InvalidTool {
    /// What stands before the `@`.
    Name(InvalidName),
    /// What stands behind the `@`.
    Version(InvalidVersion),
    /// No version, where one is needed.
    NoVersion,
    /// What stands behind the `@` are several versions, where one is needed.
    SeveralVersions,
    /// A version, where none is needed.
    NeedlessVersion,
}

impl fmt::Display for InvalidTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => error.fmt(f),
            Self::Version(error) => error.fmt(f),
            Self::NoVersion => f.write_str("add a version, as in alice/greeter@1.0.0"),
            Self::SeveralVersions => f.write_str(
                "name one version exactly, as in alice/greeter@1.0.0; `enact info NAME` shows all",
            ),
            Self::NeedlessVersion => f.write_str("leave out the version, as in alice/greeter"),
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
        let (name, version) = split(text);
        let name = ToolName::parse(name).map_err(InvalidTool::Name)?;
        let version = version.ok_or(InvalidTool::NoVersion)?;
        match Version::parse(without_v(version)) {
            Ok(version) => Ok(Self { name, version }),
            Err(_) if version == "latest" => Err(InvalidTool::NoVersion),
            Err(_) if VersionRange::parse(version).is_ok() => Err(InvalidTool::SeveralVersions),
            Err(error) => Err(InvalidTool::Version(error)),
        }
    }
}

/// Parses the name of a skill, where all of its versions are meant.
pub(crate) fn name_alone(text: &str) -> Result<ToolName, InvalidTool> {
    ToolName::parse(text).map_err(|error| match split(text) {
        (name, Some(_)) if ToolName::parse(name).is_ok() => InvalidTool::NeedlessVersion,
        _ => InvalidTool::Name(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<ToolVersion, InvalidTool> {
        text.parse()
    }

    #[test]
    fn splits_name_and_version_at_the_last_at_sign() {
        for (text, name, version) in [
            ("alice/x@v1.0.0", "alice/x", "1.0.0"),
            ("@acme/a/x@1.0.0-rc.1", "@acme/a/x", "1.0.0-rc.1"),
        ] {
            let tool = parsed(text).unwrap();
            assert_eq!(tool.name.to_string(), name);
            assert_eq!(tool.version.to_string(), version);
        }
    }

    #[test]
    fn refuses_what_is_outside_the_grammar() {
        for text in [
            "",
            "x",
            "alice/x@",
            "alice/x@v",
            "alice/x@vv1.0.0",
            "alice/../x",
            "@1.0.0",
        ] {
            assert!(parsed(text).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn says_how_to_name_one_version_or_none() {
        for text in ["alice/x", "@acme/x", "alice/x@latest"] {
            assert_eq!(parsed(text), Err(InvalidTool::NoVersion), "{text}");
        }
        for text in ["alice/x@1", "alice/x@^1.0.0", "alice/x@*"] {
            assert_eq!(parsed(text), Err(InvalidTool::SeveralVersions), "{text}");
        }
        for text in ["alice/x@1.0.0", "@acme/x@^1", "alice/x@"] {
            assert_eq!(
                name_alone(text),
                Err(InvalidTool::NeedlessVersion),
                "{text}"
            );
        }
        assert!(name_alone("@acme/x").is_ok());
        assert!(matches!(name_alone("x"), Err(InvalidTool::Name(_))));
    }
}
