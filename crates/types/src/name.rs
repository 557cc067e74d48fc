//! Tool names: `alice/greeter`, `alice/utils/greeter`, `@org/tool`.

use crate::limits::{MAX_NAME_BYTES, MAX_NAME_SEGMENT_BYTES, MAX_NAME_SEGMENTS};

/// A valid tool name.
///
/// Grammar: `@?SEG(/SEG)+` with `SEG` = `[a-z0-9_-]{1,64}`, two to eight segments, at most 200
/// bytes. `versions` and `feedback` are reserved in every place and `search` and `users` in the first, because
/// they are parts of the API's own paths. It holds nothing that a URL, an object key or a file
/// path could misread.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ToolName(String);

/// Who a tool belongs to: the first segment of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Namespace<'a> {
    /// A person: `alice` of `alice/greeter`.
    User(&'a str),
    /// An organisation, without its `@`: `acme` of `@acme/hammer`.
    Org(&'a str),
}

/// Why a text is not a tool name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Longer than [`MAX_NAME_BYTES`].
    #[error("a tool name has at most {MAX_NAME_BYTES} characters")]
    TooLong,
    /// Fewer than two segments, or more than [`MAX_NAME_SEGMENTS`].
    #[error(
        "a tool name has two to {MAX_NAME_SEGMENTS} segments, like \"alice/greeter\" or \"@acme/tools/greeter\""
    )]
    Segments,
    /// A segment that is empty, too long, or has a character outside `[a-z0-9_-]`.
    #[error(
        "each segment of a tool name has 1 to {MAX_NAME_SEGMENT_BYTES} characters of a-z, 0-9, \"-\" and \"_\"; only the first may start with \"@\""
    )]
    Segment,
    /// A segment that the API's own paths use.
    #[error("\"{0}\" is reserved and cannot stand in that place of a tool name")]
    Reserved(&'static str),
}

impl ToolName {
    /// Parses a name. Fails with the first rule that it breaks; nothing is normalised.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        if text.len() > MAX_NAME_BYTES {
            return Err(InvalidName::TooLong);
        }
        let bare = text.strip_prefix('@').unwrap_or(text);
        let segments: Vec<&str> = bare.split('/').collect();
        if !(2..=MAX_NAME_SEGMENTS).contains(&segments.len()) {
            return Err(InvalidName::Segments);
        }
        if !segments.iter().all(|segment| is_segment(segment)) {
            return Err(InvalidName::Segment);
        }
        for reserved in ["search", "users"] {
            if text.starts_with(reserved) && segments[0] == reserved {
                return Err(InvalidName::Reserved(reserved));
            }
        }
        for reserved in ["versions", "feedback"] {
            if segments.contains(&reserved) {
                return Err(InvalidName::Reserved(reserved));
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The owner named by the first segment.
    pub fn namespace(&self) -> Namespace<'_> {
        let first = self.0.split('/').next().unwrap_or(&self.0);
        match first.strip_prefix('@') {
            Some(org) => Namespace::Org(org),
            None => Namespace::User(first),
        }
    }

    /// The last segment: `greeter` of `alice/utils/greeter`.
    pub fn short_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl Namespace<'_> {
    /// The bare name, without the `@` of an organisation.
    pub fn name(&self) -> &str {
        match self {
            Self::User(name) | Self::Org(name) => name,
        }
    }
}

impl std::fmt::Display for Namespace<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User(name) => write!(f, "{name}"),
            Self::Org(name) => write!(f, "@{name}"),
        }
    }
}

pub(crate) fn is_segment(text: &str) -> bool {
    (1..=MAX_NAME_SEGMENT_BYTES).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

crate::string_newtype!(ToolName, InvalidName);
crate::string_schema!(
    ToolName,
    "`@?SEG(/SEG)+` with `SEG` = `[a-z0-9_-]{1,64}`, two to eight segments"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_users_orgs_and_deep_names() {
        for name in [
            "alice/greeter",
            "alice/utils/greeter",
            "@acme/hammer",
            "a/b/c/d/e/f/g/h",
            "-/_",
            "@users/x",
        ] {
            assert_eq!(ToolName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(
            ToolName::parse("@acme/x").unwrap().namespace(),
            Namespace::Org("acme")
        );
        assert_eq!(
            ToolName::parse("alice/u/x").unwrap().namespace(),
            Namespace::User("alice")
        );
        assert_eq!(ToolName::parse("alice/u/x").unwrap().short_name(), "x");
    }

    #[test]
    fn refuses_everything_else() {
        let long = format!("a/{}", "b".repeat(65));
        let longer = format!("a/{}", "b/".repeat(100));
        for name in [
            "",
            "greeter",
            "/",
            "a/",
            "/a",
            "a//b",
            "a/b/",
            "../x",
            "a/..",
            "a/.",
            "a/B",
            "a/b c",
            "a/@b",
            "@/b",
            "@@a/b",
            "a/b\n",
            "a/b\0",
            "a\\b/c",
            "a/ä",
            "a/b/c/d/e/f/g/h/i",
            "a/b.c",
            "a/%2e",
            &long,
            &longer,
        ] {
            assert!(ToolName::parse(name).is_err(), "{name:?} was accepted");
        }
    }

    #[test]
    fn refuses_the_words_of_the_api_paths() {
        for name in [
            "search/x",
            "users/x",
            "a/versions",
            "a/b/feedback",
            "versions/a",
            "@versions/a",
        ] {
            assert!(
                matches!(ToolName::parse(name), Err(InvalidName::Reserved(_))),
                "{name}"
            );
        }
        assert!(ToolName::parse("a/search").is_ok());
    }
}
