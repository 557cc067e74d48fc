//! Paths below `/tools/`. A tool's name has slashes in it, so no pattern of a router fits.

use enact_registry::Selector;
use enact_types::ToolName;
use percent_encoding::percent_decode_str;

use crate::error::ApiError;

/// What a path below `/tools/` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ToolPath {
    /// `N`
    Tool(ToolName),
    /// `N/visibility`
    Visibility(ToolName),
    /// `N/feedback`
    Feedback(ToolName),
    /// `N/feedback/reviews`
    Reviews(ToolName),
    /// `N/versions`
    Versions(ToolName),
    /// `N/versions/V`
    Version(ToolName, Selector),
    /// `N/versions/V/download`
    Download(ToolName, Selector),
    /// `N/versions/V/files`
    Files(ToolName, Selector),
    /// `N/versions/V/files/PATH`
    File(ToolName, Selector, String),
    /// `N/versions/V/attestations`
    Attestations(ToolName, Selector),
    /// `N/versions/V/trust/attestations/A`, where A may have slashes
    TrustAttestation(ToolName, Selector, String),
    /// `N/versions/V/reports`
    Reports(ToolName, Selector),
    /// `N/versions/V/yank`
    Yank(ToolName, Selector),
    /// `N/versions/V/unyank`
    Unyank(ToolName, Selector),
}

impl ToolPath {
    /// Parses what follows `/tools/` in a path, still percent-encoded. `changes` says that the
    /// request changes the resource itself (PATCH), where `N/visibility` is not a tool.
    ///
    /// `versions` can be no segment of a name, so the first one splits name and version; nor can
    /// `feedback`. Names and
    /// versions that break the grammar answer 404, as anything does that cannot exist.
    pub(crate) fn parse(path: &str, changes: bool) -> Result<Self, ApiError> {
        let segments = path
            .split('/')
            .map(decode)
            .collect::<Option<Vec<_>>>()
            .ok_or_else(malformed)?;
        // `%2F` in a name counts as its slash.
        let segments: Vec<&str> = segments
            .iter()
            .flat_map(|segment| segment.split('/'))
            .collect();
        let Some(split) = segments.iter().position(|segment| *segment == "versions") else {
            return match segments.as_slice() {
                [name @ .., "visibility"] if changes => {
                    Ok(Self::Visibility(tool(&name.join("/"))?))
                }
                [name @ .., "feedback"] => Ok(Self::Feedback(tool(&name.join("/"))?)),
                [name @ .., "feedback", "reviews"] => Ok(Self::Reviews(tool(&name.join("/"))?)),
                name => Ok(Self::Tool(tool(&name.join("/"))?)),
            };
        };
        let name = tool(&segments[..split].join("/"))?;
        match segments[split + 1..] {
            [] => Ok(Self::Versions(name)),
            [version] => Ok(Self::Version(name, select(version)?)),
            [version, "download"] => Ok(Self::Download(name, select(version)?)),
            [version, "files"] => Ok(Self::Files(name, select(version)?)),
            // Taken as it is. It names a line of the index, never a file of this machine.
            [version, "files", ref path @ ..] => {
                Ok(Self::File(name, select(version)?, path.join("/")))
            }
            [version, "attestations"] => Ok(Self::Attestations(name, select(version)?)),
            [version, "trust", "attestations", ref auditor @ ..] if !auditor.is_empty() => Ok(
                Self::TrustAttestation(name, select(version)?, auditor.join("/")),
            ),
            [version, "reports"] => Ok(Self::Reports(name, select(version)?)),
            [version, "yank"] => Ok(Self::Yank(name, select(version)?)),
            [version, "unyank"] => Ok(Self::Unyank(name, select(version)?)),
            _ => Err(ApiError::not_found("No such route")),
        }
    }
}

fn tool(name: &str) -> Result<ToolName, ApiError> {
    ToolName::parse(name)
        .map_err(|error| ApiError::not_found(format!("Tool {} not found: {error}", shown(name))))
}

fn select(version: &str) -> Result<Selector, ApiError> {
    version.parse().map_err(|error| {
        ApiError::not_found(format!("Version {} not found: {error}", shown(version)))
    })
}

/// A text from outside as it may stand in a message: quoted, escaped, cut.
fn shown(text: &str) -> String {
    let cut: String = text.chars().take(80).collect();
    format!("{cut:?}")
}

/// In a path `+` is a plus; only `%XX` is decoded.
fn decode(segment: &str) -> Option<String> {
    percent_decode_str(segment)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

fn malformed() -> ApiError {
    ApiError::bad_request("The path is not valid UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(path: &str) -> ToolPath {
        ToolPath::parse(path, false).unwrap()
    }

    fn name(text: &str) -> ToolName {
        text.parse().unwrap()
    }

    fn version(text: &str) -> Selector {
        text.parse().unwrap()
    }

    #[test]
    fn finds_the_version_behind_names_of_any_depth() {
        assert_eq!(
            parse("alice/greeter"),
            ToolPath::Tool(name("alice/greeter"))
        );
        assert_eq!(
            parse("a/b/c/versions/1.0.0-rc.1+b5/download"),
            ToolPath::Download(name("a/b/c"), version("1.0.0-rc.1+b5"))
        );
        assert_eq!(
            parse("%40acme%2Fhammer/versions/latest"),
            ToolPath::Version(name("@acme/hammer"), Selector::Latest)
        );
        assert_eq!(
            parse("a/download/versions/1.0.0"),
            ToolPath::Version(name("a/download"), version("1.0.0"))
        );
        assert_eq!(parse("a/b/versions"), ToolPath::Versions(name("a/b")));
        assert_eq!(
            parse("a/reviews/feedback/reviews"),
            ToolPath::Reviews(name("a/reviews"))
        );
        assert_eq!(
            parse("a/b/versions/1.0.0/trust/attestations/https%3A%2F%2Fgithub.com%2Fx"),
            ToolPath::TrustAttestation(
                name("a/b"),
                version("1.0.0"),
                "https://github.com/x".to_owned()
            )
        );
    }

    #[test]
    fn a_file_s_path_is_one_segment_or_several() {
        let file = |path: &str| ToolPath::File(name("a/b"), version("1.0.0"), path.to_owned());
        for (path, meant) in [
            ("a/b/versions/1.0.0/files/SKILL.md", "SKILL.md"),
            ("a/b/versions/1.0.0/files/x/y.sh", "x/y.sh"),
            ("a/b/versions/1.0.0/files/x%2Fy.sh", "x/y.sh"),
            (
                "a/b/versions/1.0.0/files/versions/2.0.0/yank",
                "versions/2.0.0/yank",
            ),
            ("a/b/versions/1.0.0/files/%2e%2e%2fx", "../x"),
            ("a/b/versions/1.0.0/files/100%25+1", "100%+1"),
        ] {
            assert_eq!(parse(path), file(meant), "{path}");
        }
        assert_eq!(
            parse("a/b/versions/1.0.0/files"),
            ToolPath::Files(name("a/b"), version("1.0.0"))
        );
    }

    #[test]
    fn visibility_is_a_route_only_where_something_changes() {
        assert_eq!(
            ToolPath::parse("a/b/visibility", true).unwrap(),
            ToolPath::Visibility(name("a/b"))
        );
        assert_eq!(
            ToolPath::parse("a/visibility/visibility", true).unwrap(),
            ToolPath::Visibility(name("a/visibility"))
        );
        assert_eq!(parse("a/visibility"), ToolPath::Tool(name("a/visibility")));
    }

    #[test]
    fn refuses_what_cannot_exist() {
        for path in [
            "",
            "a",
            "a/..",
            "a/%2e%2e/b",
            "a/b/versions/../x",
            "a/b/versions/1.0",
            "a/b/versions/1.0.0/x",
            "a/%ff",
        ] {
            assert!(ToolPath::parse(path, false).is_err(), "{path}");
        }
    }
}
