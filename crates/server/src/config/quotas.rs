//! How much may be published under one name.

use std::num::NonZeroU64;

use enact_catalog::Quota;

use super::ConfigError;

/// Units of bytes that can stand behind a number.
const UNITS: [(&str, u32); 4] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];

/// Reads `ENACT_QUOTA_TOOLS`, `ENACT_QUOTA_VERSIONS` and `ENACT_QUOTA_BYTES` through `var`. What is 0
/// or not set is without a limit.
pub(super) fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Quota, ConfigError> {
    let number = |name, expected, parse: fn(&str) -> Option<u64>| match var(name) {
        None => Ok(None),
        Some(text) => match parse(&text).filter(|number| i64::try_from(*number).is_ok()) {
            Some(number) => Ok(NonZeroU64::new(number)),
            None => Err(ConfigError::Setting {
                name,
                value: text,
                expected,
            }),
        },
    };
    let count = |text: &str| text.parse().ok();
    Ok(Quota {
        tools: number(
            "ENACT_QUOTA_TOOLS",
            "a number of tools, or 0 for no limit",
            count,
        )?,
        versions: number(
            "ENACT_QUOTA_VERSIONS",
            "a number of versions, or 0 for no limit",
            count,
        )?,
        bytes: number(
            "ENACT_QUOTA_BYTES",
            "a number of bytes, as in 1048576, 500MiB or 2GiB, or 0 for no limit",
            bytes,
        )?,
    })
}

fn bytes(text: &str) -> Option<u64> {
    let unit = UNITS
        .iter()
        .find_map(|(unit, bits)| Some((text.strip_suffix(unit)?, *bits)));
    let (number, bits) = unit.unwrap_or((text, 0));
    number.parse::<u64>().ok()?.checked_mul(1 << bits)
}
