//! Points in time and where they come from.

use std::fmt;

/// A point in time, to the millisecond. Written in RFC 3339 with `Z`, always with three decimals,
/// so that the texts sort as the times do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The time `millis` milliseconds after 1970-01-01T00:00:00Z; `None` outside years -9999 to 9999.
    pub fn from_millis(millis: i64) -> Option<Self> {
        jiff::Timestamp::from_millisecond(millis).ok().map(Self)
    }

    /// Parses RFC 3339; finer parts than milliseconds are dropped.
    pub fn parse(text: &str) -> Option<Self> {
        let parsed: jiff::Timestamp = text.parse().ok()?;
        Self::from_millis(parsed.as_millisecond())
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn as_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// This time plus `duration`, saturating at the end of time.
    #[must_use]
    pub fn plus(self, duration: std::time::Duration) -> Self {
        Self(self.0.checked_add(duration).unwrap_or(jiff::Timestamp::MAX))
    }
}

impl From<Timestamp> for std::time::SystemTime {
    /// 1970 for what was before.
    fn from(time: Timestamp) -> Self {
        let millis = u64::try_from(time.as_millis()).unwrap_or(0);
        Self::UNIX_EPOCH + std::time::Duration::from_millis(millis)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("a time is written as in RFC 3339"))
    }
}

crate::string_schema!(
    Timestamp,
    "A time as in RFC 3339, in UTC, to the millisecond"
);

/// Where the time comes from. Passed in, so that tests decide what time it is.
pub trait Clock: Send + Sync + 'static {
    /// The current time.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock; the one place that reads it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the clock that everything else is given"
        )]
        let now = jiff::Timestamp::now();
        Timestamp::from_millis(now.as_millisecond())
            .unwrap_or(Timestamp(jiff::Timestamp::UNIX_EPOCH))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_with_three_decimals_and_z() {
        let time = Timestamp::from_millis(1_764_000_000_000).unwrap();
        assert_eq!(time.to_string(), "2025-11-24T16:00:00.000Z");
        assert_eq!(Timestamp::parse("2025-11-24T17:00:00+01:00"), Some(time));
        assert_eq!(Timestamp::parse("2025-11-24 16:00:00"), None);
    }
}
