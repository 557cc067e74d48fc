//! How long a token lives.

use std::fmt;
use std::time::Duration;

use crate::limits::MAX_TOKEN_DAYS;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How long a token lives: a minute to [`MAX_TOKEN_DAYS`] days. Written as a whole number and `m`,
/// `h` or `d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime(Duration);

/// The text is not such a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a lifetime is a number with m, h or d behind it, like 30d, and at most {MAX_TOKEN_DAYS} days"
)]
pub struct InvalidLifetime;

impl Lifetime {
    /// That of a token for which nothing else is asked: 90 days.
    pub const DEFAULT: Self = Self(Duration::from_secs(90 * DAY));

    /// Parses `30d`, `12h` or `45m`.
    pub fn parse(text: &str) -> Result<Self, InvalidLifetime> {
        let (number, unit) = match text.as_bytes() {
            [.., b'm'] => (text.strip_suffix('m'), MINUTE),
            [.., b'h'] => (text.strip_suffix('h'), HOUR),
            [.., b'd'] => (text.strip_suffix('d'), DAY),
            _ => return Err(InvalidLifetime),
        };
        let number = number.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        number
            .and_then(|text| text.parse::<u64>().ok()?.checked_mul(unit))
            .filter(|seconds| (MINUTE..=MAX_TOKEN_DAYS * DAY).contains(seconds))
            .map(|seconds| Self(Duration::from_secs(seconds)))
            .ok_or(InvalidLifetime)
    }

    /// The same as a duration.
    pub fn as_duration(self) -> Duration {
        self.0
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let units = [(DAY, 'd'), (HOUR, 'h'), (MINUTE, 'm')];
        let unit = units
            .into_iter()
            .find(|(unit, _)| seconds.is_multiple_of(*unit));
        let (unit, letter) = unit.unwrap_or((MINUTE, 'm'));
        write!(f, "{}{letter}", seconds / unit)
    }
}

impl std::str::FromStr for Lifetime {
    type Err = InvalidLifetime;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_number_and_a_unit_within_bounds() {
        for text in ["1m", "90m", "12h", "1d", "366d"] {
            assert_eq!(Lifetime::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Lifetime::parse("24h"), Lifetime::parse("1d"));
        for text in [
            "",
            "d",
            "0d",
            "367d",
            "30",
            "-1d",
            "+1d",
            "1.5h",
            "1w",
            "1 d",
            "9999999999999999999d",
            "ä",
        ] {
            assert_eq!(Lifetime::parse(text), Err(InvalidLifetime), "{text}");
        }
    }
}
