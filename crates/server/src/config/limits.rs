//! How many requests are answered in a minute.

use std::num::NonZeroU32;

use super::ConfigError;

/// The largest number of requests a minute that can be set. More is as good as none.
const MAX_PER_MINUTE: u32 = 1_000_000;

/// What one address, and one caller, may ask for in a minute, by kind of request. `None` is without
/// a limit. The defaults of the four kinds that existing clients know are those of their
/// documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Searches. 100 unless set.
    pub search: Option<NonZeroU32>,
    /// Downloads, and files of bundles. 1,000 unless set.
    pub download: Option<NonZeroU32>,
    /// Everything else that only reads. 1,000 unless set.
    pub read: Option<NonZeroU32>,
    /// Publishes. 10 unless set.
    pub publish: Option<NonZeroU32>,
    /// Everything else that changes something. 60 unless set.
    pub write: Option<NonZeroU32>,
    /// Requests about the caller's own account; and, counted apart from these, tokens that were
    /// wrong. 20 unless set.
    pub auth: Option<NonZeroU32>,
}

impl Limits {
    /// Reads `ENACT_LIMITS` and `ENACT_LIMIT_*` through `var`. `None` if nothing is limited, which
    /// is so by default if `default` is false.
    pub(super) fn from_vars(
        default: bool,
        var: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let limits = Self {
            search: per_minute("ENACT_LIMIT_SEARCH", 100, &var)?,
            download: per_minute("ENACT_LIMIT_DOWNLOAD", 1000, &var)?,
            read: per_minute("ENACT_LIMIT_READ", 1000, &var)?,
            publish: per_minute("ENACT_LIMIT_PUBLISH", 10, &var)?,
            write: per_minute("ENACT_LIMIT_WRITE", 60, &var)?,
            auth: per_minute("ENACT_LIMIT_AUTH", 20, &var)?,
        };
        let on = match var("ENACT_LIMITS").as_deref() {
            None => default,
            Some("on") => true,
            Some("off") => false,
            Some(other) => {
                return Err(ConfigError::Setting {
                    name: "ENACT_LIMITS",
                    value: other.to_owned(),
                    expected: "on or off",
                });
            }
        };
        Ok(on.then_some(limits))
    }
}

/// Reads `ENACT_MAX_CONNECTIONS_PER_ADDRESS`: how many one address may hold at once. 128 unless set,
/// and without a limit where requests have none.
pub(super) fn connections(
    limited: bool,
    var: impl Fn(&str) -> Option<String>,
) -> Result<Option<NonZeroU32>, ConfigError> {
    let name = "ENACT_MAX_CONNECTIONS_PER_ADDRESS";
    match var(name) {
        None => Ok(NonZeroU32::new(128).filter(|_| limited)),
        Some(text) if text == "off" => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| ConfigError::Setting {
            name,
            value: text,
            expected: "a number of connections, at least 1, or off",
        }),
    }
}

fn per_minute(
    name: &'static str,
    default: u32,
    var: impl Fn(&str) -> Option<String>,
) -> Result<Option<NonZeroU32>, ConfigError> {
    let Some(text) = var(name) else {
        return Ok(NonZeroU32::new(default));
    };
    if text == "off" {
        return Ok(None);
    }
    let number: Option<NonZeroU32> = text.parse().ok();
    match number.filter(|number| number.get() <= MAX_PER_MINUTE) {
        Some(number) => Ok(Some(number)),
        None => Err(ConfigError::Setting {
            name,
            value: text,
            expected: "a number of requests a minute from 1 to 1000000, or off",
        }),
    }
}
