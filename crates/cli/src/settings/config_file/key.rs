//! The name of a setting, as in `registry.url`.

use std::fmt;
use std::str::FromStr;

use crate::settings::secrets::is_secret;

/// The longest name, in bytes.
const MAX_BYTES: usize = 256;

/// The most parts of a name: sections within sections.
const MAX_PARTS: usize = 16;

/// The name of a setting: parts with dots between them, none of them empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigKey(String);

/// Why a text is no name of a setting.
#[derive(Debug)]
pub(crate) struct InvalidKey;

impl ConfigKey {
    /// Its parts, at least one.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('.')
    }

    /// Whether what it names is a secret.
    pub(crate) fn is_secret(&self) -> bool {
        is_secret(&self.0)
    }

    /// As it is written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ConfigKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let good = |part: &str| {
            !part.is_empty()
                && !part.contains(|char: char| char.is_whitespace() || char.is_control())
        };
        let parts = text.split('.');
        if text.len() > MAX_BYTES || parts.clone().count() > MAX_PARTS || !parts.clone().all(good) {
            return Err(InvalidKey);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ConfigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("write it as in registry.url: names with dots between them")
    }
}

impl std::error::Error for InvalidKey {}
