//! `~/.enact/config.yaml`, as far as it is read here.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use serde_json::Value;

use crate::exit::Failure;

/// The largest `config.yaml` that is read, in bytes; real ones have a few hundred.
const MAX_CONFIG_BYTES: u64 = 1024 * 1024;

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
        let Some(path) = home.map(|home| home.join(".enact/config.yaml")) else {
            return Ok(Self::default());
        };
        let invalid = |problem: String| {
            let path = path.display();
            Failure::new("INVALID_CONFIG", format!("cannot use {path}: {problem}"))
                .hint("correct the file, or move it away to go by the defaults")
        };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(invalid(error.to_string())),
        };
        let mut text = String::new();
        file.take(MAX_CONFIG_BYTES + 1)
            .read_to_string(&mut text)
            .map_err(|error| invalid(error.to_string()))?;
        if text.len() as u64 > MAX_CONFIG_BYTES {
            return Err(invalid(format!(
                "it has more than {MAX_CONFIG_BYTES} bytes"
            )));
        }
        Self::parse(&text).map_err(invalid)
    }

    fn parse(text: &str) -> Result<Self, String> {
        // An excerpt of the file in an error message could be the one with the token.
        let options = serde_saphyr::options! { with_snippet: false };
        let value: Option<Value> = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| error.to_string())?;
        let value = value.unwrap_or_default();
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
}
