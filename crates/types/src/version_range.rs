//! Ranges of versions, as npm and cargo write them.

use crate::Version;
use crate::limits::MAX_RANGE_BYTES;

/// Which versions somebody wants: comparators like `^1.2`, `~1.2.3`, `>=1.0`, `<2` or `1.*`, separated
/// by commas or spaces, all of which a version must meet. At most [`MAX_RANGE_BYTES`].
///
/// A comparator without an operator means what it says, as in npm: `1.2.3` that version alone, `1.2`
/// every `1.2.x`. A `v` before a number is left out.
///
/// A pre-release is in a range only if a comparator names a pre-release of the same three numbers:
/// `^1.0.0-rc.1` has `1.0.0-rc.2` and `1.0.0`, `^1.0.0` has no pre-release at all.
#[derive(Debug, Clone)]
pub struct VersionRange {
    text: String,
    comparators: semver::VersionReq,
}

/// Why a text is not a range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRange {
    /// Longer than [`MAX_RANGE_BYTES`].
    #[error("a range of versions has at most {MAX_RANGE_BYTES} characters")]
    TooLong,
    /// Not of the grammar; holds what the parser met.
    #[error("a range of versions is written like ^1.2, ~1.2.3 or \">=1.0 <2\": {0}")]
    Grammar(String),
}

impl VersionRange {
    /// Parses a range. The text is kept as it is, without spaces around it.
    pub fn parse(text: &str) -> Result<Self, InvalidRange> {
        let text = text.trim();
        if text.len() > MAX_RANGE_BYTES {
            return Err(InvalidRange::TooLong);
        }
        let comparators = canonical(text)?;
        let comparators = semver::VersionReq::parse(&comparators)
            .map_err(|error| InvalidRange::Grammar(error.to_string()))?;
        Ok(Self {
            text: text.to_owned(),
            comparators,
        })
    }

    /// The versions that promise to do what `version` does and more: `^` and that version.
    pub fn compatible_with(version: &Version) -> Self {
        let version = version.semver();
        let lowest = semver::Comparator {
            op: semver::Op::Caret,
            major: version.major,
            minor: Some(version.minor),
            patch: Some(version.patch),
            pre: version.pre.clone(),
        };
        Self {
            text: lowest.to_string(),
            comparators: semver::VersionReq {
                comparators: vec![lowest],
            },
        }
    }

    /// Whether `version` is in the range.
    pub fn matches(&self, version: &Version) -> bool {
        self.comparators.matches(version.semver())
    }

    /// The range as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for VersionRange {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl Eq for VersionRange {}

crate::string_newtype!(VersionRange, InvalidRange);

/// Writes the comparators as the `semver` crate reads them: one comma between two, an operator before
/// each number. There, a number without one would mean `^`.
fn canonical(text: &str) -> Result<String, InvalidRange> {
    let empty = || InvalidRange::Grammar("a comparator is missing".to_owned());
    let mut comparators = Vec::new();
    for list in text.split(',') {
        let mut operator = "";
        let mut any = false;
        for word in list.split_whitespace() {
            let start = word
                .find(|char| !matches!(char, '^' | '~' | '<' | '>' | '='))
                .unwrap_or(word.len());
            let (sign, number) = word.split_at(start);
            if !sign.is_empty() && !operator.is_empty() {
                return Err(InvalidRange::Grammar(format!(
                    "{operator} is followed by {sign}"
                )));
            }
            if number.is_empty() {
                operator = sign;
                continue;
            }
            let sign = if sign.is_empty() { operator } else { sign };
            operator = "";
            any = true;
            comparators.push(comparator(sign, number));
        }
        if !any || !operator.is_empty() {
            return Err(empty());
        }
    }
    Ok(comparators.join(","))
}

fn comparator(sign: &str, number: &str) -> String {
    let number = match number.strip_prefix(['v', 'V']) {
        Some(rest) if rest.starts_with(|char: char| char.is_ascii_digit()) => rest,
        _ => number,
    };
    let wild = number
        .split('.')
        .any(|part| matches!(part, "*" | "x" | "X"));
    match sign {
        "" if wild => number.to_owned(),
        "" => format!("={number}"),
        sign => format!("{sign}{number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(range: &str, version: &str) -> bool {
        let range = VersionRange::parse(range).unwrap();
        range.matches(&Version::parse(version).unwrap())
    }

    #[test]
    fn means_what_npm_and_cargo_mean() {
        for (range, inside, outside) in [
            ("^1.2", &["1.2.0", "1.9.9"][..], &["1.1.9", "2.0.0"][..]),
            ("^0.2.3", &["0.2.3", "0.2.9"], &["0.3.0", "0.2.2"]),
            ("~1.2.3", &["1.2.3", "1.2.9"], &["1.3.0"]),
            (">=1.0, <2", &["1.0.0", "1.99.0"], &["2.0.0", "0.9.0"]),
            (">= 1.0 < 2", &["1.0.0", "1.99.0"], &["2.0.0", "0.9.0"]),
            (">1.0.0 <=1.2.0", &["1.0.1", "1.2.0"], &["1.0.0", "1.2.1"]),
            ("=1.2.3", &["1.2.3"], &["1.2.4"]),
            ("1.2", &["1.2.0", "1.2.7"], &["1.3.0", "2.0.0"]),
            ("1.x", &["1.0.0", "1.7.0"], &["2.0.0"]),
            ("1.2.*", &["1.2.9"], &["1.3.0"]),
            ("*", &["0.0.1", "9.0.0"], &["1.0.0-rc.1"]),
            ("^v1.2", &["1.3.0"], &["2.0.0"]),
        ] {
            for version in inside {
                assert!(has(range, version), "{version} is not in {range}");
            }
            for version in outside {
                assert!(!has(range, version), "{version} is in {range}");
            }
        }
    }

    #[test]
    fn has_a_pre_release_only_if_one_is_asked_for() {
        assert!(!has("^1.0.0", "1.1.0-rc.1"));
        assert!(!has(">=1.0.0", "2.0.0-rc.1"));
        assert!(has("^1.0.0-rc.1", "1.0.0-rc.2"));
        assert!(has("^1.0.0-rc.1", "1.0.0"));
        assert!(!has("^1.0.0-rc.1", "1.1.0-rc.1"));
    }

    #[test]
    fn knows_what_is_compatible() {
        for (version, range) in [
            ("1.2.3", "^1.2.3"),
            ("0.3.0-beta.2", "^0.3.0-beta.2"),
            ("1.0.0+build.5", "^1.0.0"),
        ] {
            let version = Version::parse(version).unwrap();
            let compatible = VersionRange::compatible_with(&version);
            assert_eq!(compatible.as_str(), range);
            assert!(compatible.matches(&version));
            assert_eq!(VersionRange::parse(range).unwrap(), compatible);
        }
    }

    #[test]
    fn refuses_what_is_outside_the_grammar() {
        let long = vec!["^1.0.0"; 100].join(",");
        for text in [
            "", " ", ",", "^1,", "^", "> =1", "^^1", "latest", "1 || 2", "^1.a", "../x", &long,
        ] {
            assert!(VersionRange::parse(text).is_err(), "{text:?} was accepted");
        }
    }
}
