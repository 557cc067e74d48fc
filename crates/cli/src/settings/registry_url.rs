//! The address of a registry.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::{Host, Origin, Url};

use super::Source;
use crate::exit::Failure;

/// The registry's base URL: `http` or `https`, without user name, query and trailing slash.
#[derive(Debug, Clone)]
pub(crate) struct RegistryUrl {
    base: String,
    origin: Origin,
    source: Source,
}

impl RegistryUrl {
    /// Parses a URL that comes from `source`; says what is wrong with it without showing it.
    pub(crate) fn parse(text: &str, source: Source) -> Result<Self, Failure> {
        let invalid = |problem: String| {
            Failure::new(
                "INVALID_CONFIG",
                format!("the registry's URL {source} {problem}"),
            )
            .hint("write it like https://registry.example.org")
        };
        let url = Url::parse(text).map_err(|error| invalid(format!("is no URL: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("must start with http:// or https://".to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            // It would be shown with every error.
            return Err(invalid("must not hold a user name or password".to_owned())
                .hint("a token goes into ENACT_AUTH_TOKEN"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("must not have a ? or # part".to_owned()));
        }
        Ok(Self {
            base: url.as_str().trim_end_matches('/').to_owned(),
            origin: url.origin(),
            source,
        })
    }

    /// The URL of `path`, which starts with a slash and needs no escaping.
    pub(crate) fn join(&self, path: &str) -> Result<Url, url::ParseError> {
        Url::parse(&format!("{}{path}", self.base))
    }

    /// Whether `url` belongs to the registry: same scheme, host and port.
    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        self.origin == url.origin()
    }

    /// Whether both are at the same scheme, host and port.
    pub(super) fn same_origin(&self, other: &Self) -> bool {
        self.origin == other.origin
    }

    /// Scheme, host and port, as browsers write them in `Origin`.
    pub(crate) fn origin(&self) -> String {
        self.origin.ascii_serialization()
    }

    /// The host, as `NO_PROXY` has it.
    pub(crate) fn host(&self) -> String {
        let url = Url::parse(&self.base).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        host.trim_matches(['[', ']']).to_owned()
    }

    /// Whether others on the way could read what is sent: neither encrypted nor to this machine.
    pub(crate) fn is_plain(&self) -> bool {
        let host = Url::parse(&self.base).ok();
        let local = host.is_some_and(|url| match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        });
        !self.is_https() && !local
    }

    /// Whether the connection is encrypted.
    pub(crate) fn is_https(&self) -> bool {
        self.base.starts_with("https:")
    }

    /// Where the URL comes from.
    pub(crate) fn source(&self) -> Source {
        self.source
    }
}

impl PartialEq for RegistryUrl {
    fn eq(&self, other: &Self) -> bool {
        self.base == other.base
    }
}
impl Eq for RegistryUrl {}

impl Serialize for RegistryUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.base)
    }
}

/// As a lock says it.
impl<'de> Deserialize<'de> for RegistryUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text, Source::Lock)
            .map_err(|failure| serde::de::Error::custom(failure.message()))
    }
}

impl fmt::Display for RegistryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_paths_behind_the_base() {
        let url = RegistryUrl::parse("http://x:1/api//", Source::Flag).unwrap();
        let joined = url.join("/tools/@acme/x/versions/1.0.0+a").unwrap();
        assert_eq!(
            joined.as_str(),
            "http://x:1/api/tools/@acme/x/versions/1.0.0+a"
        );
        assert!(url.is_origin_of(&joined));
        for other in ["https://x:1/", "http://x:2/", "http://y:1/"] {
            assert!(!url.is_origin_of(&Url::parse(other).unwrap()), "{other}");
        }
    }
}
