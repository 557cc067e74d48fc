//! Semantic versions, kept byte for byte as they were published.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use crate::limits::MAX_VERSION_BYTES;

/// A version by Semantic Versioning 2.0.0 (<https://semver.org>), strictly: three numbers without
/// leading zeros, no `v` in front, at most 128 bytes.
///
/// Ordered by precedence, so a pre-release stands below its release; versions of equal precedence
/// (they differ in build metadata alone) are ordered by their text, so that the order is total.
#[derive(Debug, Clone)]
pub struct Version {
    text: String,
    parsed: semver::Version,
}

/// Why a text is not a version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVersion {
    /// Longer than [`MAX_VERSION_BYTES`].
    #[error("a version has at most {MAX_VERSION_BYTES} characters")]
    TooLong,
    /// Not of the grammar; holds what the parser met.
    #[error("a version is written like 1.2.3 or 1.2.3-rc.1: {0}")]
    Grammar(String),
}

impl Version {
    /// Parses a version. Nothing is normalised.
    pub fn parse(text: &str) -> Result<Self, InvalidVersion> {
        if text.len() > MAX_VERSION_BYTES {
            return Err(InvalidVersion::TooLong);
        }
        let parsed = semver::Version::parse(text)
            .map_err(|error| InvalidVersion::Grammar(error.to_string()))?;
        Ok(Self {
            text: text.to_owned(),
            parsed,
        })
    }

    /// The version as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its parts.
    pub(crate) fn semver(&self) -> &semver::Version {
        &self.parsed
    }

    /// Whether it is a pre-release, like `1.0.0-rc.1`.
    pub fn is_prerelease(&self) -> bool {
        !self.parsed.pre.is_empty()
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl Eq for Version {}
impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}
impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parsed
            .cmp_precedence(&other.parsed)
            .then_with(|| self.text.cmp(&other.text))
    }
}

/// The version that `latest` means: the highest release that is not yanked, else the highest
/// pre-release that is not yanked, else the highest of all. `None` only for an empty input.
///
/// Each item gives its version and whether it is yanked.
pub fn latest<'a, T>(items: &'a [T], key: impl Fn(&'a T) -> (&'a Version, bool)) -> Option<&'a T> {
    items.iter().max_by_key(|item| {
        let (version, yanked) = key(item);
        (!yanked, yanked || !version.is_prerelease(), version)
    })
}

crate::string_newtype!(Version, InvalidVersion);
crate::string_schema!(
    Version,
    "A version as in semver.org 2.0.0, at most 128 bytes"
);

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(texts: &[&str]) -> Vec<(Version, bool)> {
        texts
            .iter()
            .map(|text| {
                let yanked = text.ends_with('!');
                (Version::parse(text.trim_end_matches('!')).unwrap(), yanked)
            })
            .collect()
    }

    fn latest_of(texts: &[&str]) -> String {
        let items = versions(texts);
        latest(&items, |(version, yanked)| (version, *yanked))
            .unwrap()
            .0
            .to_string()
    }

    #[test]
    fn keeps_the_text_and_refuses_what_is_not_semver() {
        for text in ["1.0.0", "1.0.0-RC.1+Build.5", "0.0.0"] {
            assert_eq!(Version::parse(text).unwrap().as_str(), text);
        }
        let long = format!("1.0.0-{}", "a".repeat(128));
        for text in [
            "", "1", "1.0", "v1.0.0", "01.0.0", "1.0.0-01", "1.0.0 ", "../../x", "1.0.0/..",
            "latest", &long,
        ] {
            assert!(Version::parse(text).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn orders_by_precedence() {
        let mut items = versions(&["1.10.0", "1.9.0", "1.10.0-rc.2", "1.10.0-rc.10", "2.0.0-a"]);
        items.sort();
        let sorted: Vec<_> = items.iter().map(|(version, _)| version.as_str()).collect();
        assert_eq!(
            sorted,
            ["1.9.0", "1.10.0-rc.2", "1.10.0-rc.10", "1.10.0", "2.0.0-a"]
        );
    }

    #[test]
    fn latest_prefers_releases_that_are_not_yanked() {
        assert_eq!(latest_of(&["1.9.0", "2.0.0", "3.0.0-rc.1"]), "2.0.0");
        assert_eq!(latest_of(&["1.0.0", "2.0.0!"]), "1.0.0");
        assert_eq!(
            latest_of(&["2.0.0!", "1.0.0-rc.1", "1.0.0-rc.2"]),
            "1.0.0-rc.2"
        );
        assert_eq!(latest_of(&["1.0.0!", "2.0.0-rc.1!"]), "2.0.0-rc.1");
    }
}
