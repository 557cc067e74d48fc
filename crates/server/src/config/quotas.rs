//! How much may be published under one name.

use std::num::NonZeroU64;

use enact_catalog::Quota;

use super::ConfigError;

/// Units of bytes that can stand behind a number.
const UNITS: [(&str, u32); 4] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];

/// How many organisations a user may make where nothing is set. Names are few, and each organisation
/// has quotas of its own.
const DEFAULT_ORGS: NonZeroU64 = NonZeroU64::new(10).expect("it is not 0");

/// Reads `ENACT_QUOTA_TOOLS`, `ENACT_QUOTA_VERSIONS`, `ENACT_QUOTA_BYTES` and `ENACT_QUOTA_ORGS` through
/// `var`. What is 0 is without a limit, and so is what is not set, but for organisations.
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
        orgs: match var("ENACT_QUOTA_ORGS") {
            None => Some(DEFAULT_ORGS),
            Some(_) => number(
                "ENACT_QUOTA_ORGS",
                "a number of organisations, or 0 for no limit",
                count,
            )?,
        },
    })
}

fn bytes(text: &str) -> Option<u64> {
    let unit = UNITS
        .iter()
        .find_map(|(unit, bits)| Some((text.strip_suffix(unit)?, *bits)));
    let (number, bits) = unit.unwrap_or((text, 0));
    number.parse::<u64>().ok()?.checked_mul(1 << bits)
}
