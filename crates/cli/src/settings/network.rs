//! How to reach registries.

use std::path::PathBuf;

use crate::exit::Failure;

/// How often a request is tried again unless it is set.
pub(super) const DEFAULT_RETRIES: u32 = 3;

/// The most that can be set.
const MAX_RETRIES: u32 = 10;

/// How to reach registries. Proxies ([`super::Proxies`] tells which) and the system's certificates are
/// found by the HTTP library, in the usual variables.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    /// How often a request is tried again.
    pub(crate) retries: u32,
    /// A file with certificates to trust besides those of the system.
    pub(crate) ca_cert: Option<PathBuf>,
    /// Whether nobody wants to know that something takes long.
    pub(crate) quiet: bool,
}

impl Network {
    /// Reads the environment by `set`, which answers variables that are not empty.
    pub(super) fn resolve(set: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let retries = set("ENACT_HTTP_RETRIES").map_or(Ok(DEFAULT_RETRIES), |text| {
            let number = text.parse().ok().filter(|number| *number <= MAX_RETRIES);
            number.ok_or_else(|| {
                let message = format!("ENACT_HTTP_RETRIES is {text:?}");
                Failure::new("INVALID_CONFIG", message)
                    .hint(format!("it should be a number from 0 to {MAX_RETRIES}"))
            })
        })?;
        Ok(Self {
            retries,
            ca_cert: set("ENACT_CA_CERT").map(PathBuf::from),
            quiet: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_retries_is_bounded() {
        let retries = |text: &str| {
            let text = (!text.is_empty()).then(|| text.to_owned());
            let network =
                Network::resolve(|name| text.clone().filter(|_| name == "ENACT_HTTP_RETRIES"));
            network.map(|network| network.retries)
        };
        assert_eq!(retries("").unwrap(), 3);
        assert_eq!(retries("0").unwrap(), 0);
        assert_eq!(retries("10").unwrap(), 10);
        for wrong in ["11", "-1", "x"] {
            assert!(retries(wrong).is_err(), "{wrong}");
        }
    }
}
