//! `~/.enact/config.yaml`, the existing client's file. Four fields of it mean something here; what else
//! is in it is left as it is.

mod document;
mod edit;
mod key;

use std::path::Path;

use serde_json::Value;

pub(crate) use self::document::{Document, Saved};
pub(crate) use self::key::ConfigKey;
use super::{RegistryUrl, Source, Token};
use crate::exit::Failure;

/// What `trust.policy` may be.
const POLICIES: [&str; 3] = ["require_attestation", "prompt", "allow"];

/// Where what is known here stands.
const SECTIONS: [&str; 3] = ["registry", "trust", "cache"];

/// The settings that mean something here.
pub(crate) const KNOWN_KEYS: [&str; 4] = [
    "registry.url",
    "registry.authToken",
    "trust.policy",
    "cache.maxSizeMb",
];

/// What is read from `config.yaml`.
#[derive(Debug, Default)]
pub(super) struct ConfigFile {
    /// `registry.url`
    pub(super) url: Option<String>,
    /// `registry.authToken`
    pub(super) token: Option<String>,
    /// `trust.policy`
    pub(super) policy: Option<String>,
    /// `cache.maxSizeMb`
    pub(super) cache_max_size_mb: Option<u64>,
}

impl ConfigFile {
    /// Reads the file in `home`; nothing is set if it does not exist.
    pub(super) fn read(home: Option<&Path>) -> Result<Self, Failure> {
        let Some(home) = home else {
            return Ok(Self::default());
        };
        let document = Document::read(home)?;
        Self::of(document.value()).map_err(|problem| document.invalid(&problem))
    }

    /// What of a file's content is known here; says what is wrong with it.
    fn of(value: &Value) -> Result<Self, String> {
        let text = |pointer: &str, field: &str| match value.pointer(pointer) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(format!("{field} must be a text (put it in quotes)")),
        };
        Ok(Self {
            url: text("/registry/url", "registry.url")?,
            token: text("/registry/authToken", "registry.authToken")?,
            policy: text("/trust/policy", "trust.policy")?,
            cache_max_size_mb: match value.pointer("/cache/maxSizeMb") {
                None | Some(Value::Null) => None,
                Some(size) => Some(
                    size.as_u64()
                        .ok_or("cache.maxSizeMb must be a number of MiB")?,
                ),
            },
        })
    }

    /// Checks what a change of `old` to `new` changes of that; more strictly than what is there already,
    /// which may be from a newer client. What is wrong elsewhere keeps nobody from mending this.
    fn check(old: &Value, new: &Value) -> Result<(), Failure> {
        let invalid = |message: String| Failure::new("INVALID_CONFIG", message);
        let mut changed = new.clone();
        for section in SECTIONS {
            let (was, is) = (old.get(section), new.get(section));
            if was != is && is.is_some_and(|is| !is.is_null() && !is.is_object()) {
                let message = format!("{section} is a section of settings, not one itself");
                return Err(invalid(message).hint(format!("write it like {section}.NAME")));
            }
        }
        for key in KNOWN_KEYS {
            let field = format!("/{}", key.replace('.', "/"));
            if old.pointer(&field) == new.pointer(&field)
                && let Some(same) = changed.pointer_mut(&field)
            {
                *same = Value::Null;
            }
        }
        let known = Self::of(&changed).map_err(invalid)?;
        if let Some(url) = known.url {
            RegistryUrl::parse(&url, Source::Config)?;
        }
        if let Some(token) = known.token {
            Token::parse(&token, "registry.authToken")?;
        }
        match known.policy {
            Some(policy) if !POLICIES.contains(&&*policy) => {
                let message = format!("trust.policy cannot be {policy:?}");
                Err(invalid(message).hint(format!("it is one of {}", POLICIES.join(", "))))
            }
            _ => Ok(()),
        }
    }
}
