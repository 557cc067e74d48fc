//! The names of users and organisations, which share one name space.

use crate::limits::MAX_NAME_SEGMENT_BYTES;
use crate::name::is_segment;

/// The name of a user or, without its `@`, of an organisation: `[a-z0-9_-]{1,64}`, as the first
/// segment of a tool's name has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerName(String);

/// The text is not such a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to {MAX_NAME_SEGMENT_BYTES} characters of a-z, 0-9, \"-\" and \"_\"")]
pub struct InvalidOwnerName;

impl OwnerName {
    /// Parses a bare name; nothing is normalised.
    pub fn parse(text: &str) -> Result<Self, InvalidOwnerName> {
        if is_segment(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidOwnerName)
        }
    }

    /// Parses what a person typed: spaces around it, an `@` before it and upper case are forgiven.
    pub fn parse_lenient(text: &str) -> Result<Self, InvalidOwnerName> {
        let text = text.trim();
        Self::parse(&text.strip_prefix('@').unwrap_or(text).to_ascii_lowercase())
    }

    /// The bare name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

crate::string_newtype!(OwnerName, InvalidOwnerName);
crate::string_schema!(OwnerName, "`[a-z0-9_-]{1,64}`");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgives_what_people_type_where_that_is_wanted() {
        assert_eq!(OwnerName::parse("acme").unwrap().as_str(), "acme");
        for text in ["@acme", " ACME ", "Acme"] {
            assert!(OwnerName::parse(text).is_err(), "{text:?}");
            assert_eq!(OwnerName::parse_lenient(text).unwrap().as_str(), "acme");
        }
        for text in ["", "@", "a/b", "a b", "ä", "a.b", "@@a"] {
            assert!(OwnerName::parse_lenient(text).is_err(), "{text:?}");
        }
    }
}
