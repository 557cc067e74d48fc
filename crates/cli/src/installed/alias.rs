//! The short names of skills that the existing client keeps in its lists.

use std::fmt;
use std::str::FromStr;

/// The longest alias, in bytes.
const MAX_BYTES: usize = 64;

/// A short name: a-z, 0-9, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alias(String);

/// Why a text is no [`Alias`].
#[derive(Debug)]
pub(crate) struct InvalidAlias;

impl Alias {
    /// As it is written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Alias {
    type Err = InvalidAlias;

    fn from_str(text: &str) -> Result<Self, InvalidAlias> {
        let good = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        if (1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(good) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidAlias)
        }
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidAlias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "an alias has 1 to {MAX_BYTES} of a-z, 0-9, \"-\" and \"_\""
        )
    }
}

impl std::error::Error for InvalidAlias {}
