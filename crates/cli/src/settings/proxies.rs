//! Which proxy stands on the way to a URL, by the usual variables: as the HTTP library decides it, and with
//! the name of the variable, so that people can be told.

use std::fmt;

use hyper::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use url::Url;

/// The proxies that the environment names. No `Debug`: there may be passwords among them.
pub(crate) struct Proxies {
    http: Vec<Variable>,
    https: Vec<Variable>,
    /// Whether there is any proxy on the way to a URL: `NO_PROXY`.
    reach: Matcher,
}

/// A variable that is set.
#[derive(Clone)]
struct Variable {
    name: &'static str,
    value: String,
}

/// A proxy.
#[derive(Debug, Clone)]
pub(crate) struct Proxy {
    variable: &'static str,
    /// Shows no password.
    place: Intercept,
}

/// A variable that names no proxy that could be used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unusable {
    variable: &'static str,
}

impl Proxies {
    /// Those of this process's environment.
    pub(crate) fn from_env() -> Self {
        Self::from_vars(|name| std::env::var(name).ok())
    }

    fn from_vars(var: impl Fn(&str) -> Option<String>) -> Self {
        // The first that is there counts, also if it is empty.
        let first = |names: [&'static str; 2]| {
            let mut found = names
                .into_iter()
                .filter_map(|name| Some((name, var(name)?)));
            found.next().map(|(name, value)| Variable { name, value })
        };
        let all = first(["ALL_PROXY", "all_proxy"]);
        let with_all = |own: Option<Variable>| {
            let both = own.into_iter().chain(all.clone());
            both.filter(|variable| !variable.value.is_empty()).collect()
        };
        let no = first(["NO_PROXY", "no_proxy"]).map_or(String::new(), |no| no.value);
        Self {
            http: with_all(first(["HTTP_PROXY", "http_proxy"])),
            https: with_all(first(["HTTPS_PROXY", "https_proxy"])),
            reach: Matcher::builder().all("http://any").no(no).build(),
        }
    }

    /// The proxy on the way to `url`, if there is one. A variable that names none is an error: a request
    /// that goes around it may go where it should not.
    pub(crate) fn on_the_way_to(&self, url: &Url) -> Result<Option<Proxy>, Unusable> {
        let through = |matcher: &Matcher| {
            let uri: Option<Uri> = url.as_str().parse().ok();
            matcher.intercept(&uri?)
        };
        let variables = match url.scheme() {
            "https" => &self.https,
            _ => &self.http,
        };
        let Some(Variable { name, value }) = variables.first() else {
            return Ok(None);
        };
        if through(&self.reach).is_none() {
            return Ok(None);
        }
        let place = through(&Matcher::builder().all(value.as_str()).build());
        let place = place.filter(|_| is_unambiguous(value));
        // The library takes SOCKS for HTTP, unless it is built otherwise.
        let place =
            place.filter(|place| matches!(place.uri().scheme_str(), Some("http" | "https")));
        let variable = *name;
        match place {
            Some(place) => Ok(Some(Proxy { variable, place })),
            None => Err(Unusable { variable }),
        }
    }
}

/// Whether nothing in a variable's value could be a part of a password that was taken for something else:
/// there is one `@` at most, and nothing behind the address.
fn is_unambiguous(value: &str) -> bool {
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    let address = rest.strip_suffix('/').unwrap_or(rest);
    address.matches('@').count() <= 1 && !address.contains(['/', '?', '#'])
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies").finish_non_exhaustive()
    }
}

impl Proxy {
    /// The variable that names it.
    pub(crate) fn variable(&self) -> &'static str {
        self.variable
    }

    /// Its name or address.
    pub(crate) fn host(&self) -> &str {
        let host = self.place.uri().host().unwrap_or_default();
        host.trim_matches(['[', ']'])
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        let uri = self.place.uri();
        let usual = if uri.scheme_str() == Some("https") {
            443
        } else {
            80
        };
        uri.port_u16().unwrap_or(usual)
    }

    /// Whether the variable says with what to sign in there.
    pub(crate) fn has_login(&self) -> bool {
        self.place.basic_auth().is_some()
    }

    /// What to do if it is not the way to `host`.
    pub(crate) fn avoid(&self, host: &str) -> String {
        let variable = self.variable;
        format!("correct or unset {variable}; or go around the proxy: export NO_PROXY={host}")
    }
}

/// Its address, without name and password, and the variable.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Of its parts, since whatever else is in the value may be a part of a password.
        let uri = self.place.uri();
        let scheme = uri.scheme_str().unwrap_or_default();
        write!(f, "{scheme}://{}", uri.host().unwrap_or_default())?;
        if let Some(port) = uri.port_u16() {
            write!(f, ":{port}")?;
        }
        write!(f, " ({})", self.variable)
    }
}

impl Unusable {
    /// What is wrong. The value is not shown: it may hold a password.
    pub(crate) fn message(self) -> String {
        let variable = self.variable;
        format!("{variable} is not the address of a proxy that speaks HTTP")
    }

    /// What to do about it.
    pub(crate) fn hint(self) -> String {
        let variable = self.variable;
        format!(
            "write it like {variable}=http://proxy.example.org:3128, with %40, %2F and %23 for @, / and # in a password; or unset it"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_the_way(url: &str, vars: &[(&str, &str)]) -> Result<Option<String>, &'static str> {
        let proxies = Proxies::from_vars(|name| {
            let found = vars.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        let proxy = proxies.on_the_way_to(&Url::parse(url).unwrap());
        let proxy = proxy.map_err(|unusable| unusable.variable)?;
        Ok(proxy.map(|proxy| format!("{proxy} {} {}", proxy.host(), proxy.port())))
    }

    #[test]
    fn the_variable_of_the_scheme_comes_before_that_of_all() {
        let vars = [
            ("HTTP_PROXY", "http://alice:s3cret@a:1"),
            ("https_proxy", "b"),
            ("ALL_PROXY", "https://[::1]"),
        ];
        for (url, vars, expected) in [
            ("http://x", &vars[..], "http://a:1 (HTTP_PROXY) a 1"),
            ("https://x", &vars, "http://b (https_proxy) b 80"),
            ("https://x", &vars[2..], "https://[::1] (ALL_PROXY) ::1 443"),
        ] {
            assert_eq!(on_the_way(url, vars), Ok(Some(expected.to_owned())));
        }
        assert_eq!(on_the_way("http://x", &[("HTTP_PROXY", "")]), Ok(None));
        assert_eq!(on_the_way("http://x", &vars[1..2]), Ok(None));
    }

    #[test]
    fn what_goes_around_proxies_needs_none_that_works() {
        for proxy in ["http://a:1", "nonsense://"] {
            let vars = [("HTTP_PROXY", proxy), ("NO_PROXY", "y, .example.org")];
            for url in ["http://y:3000/z", "http://r.example.org", "https://x"] {
                assert_eq!(on_the_way(url, &vars), Ok(None), "{url}");
            }
        }
    }

    #[test]
    fn what_is_no_proxy_is_no_way_around() {
        for value in [
            "nonsense://",
            "socks5://a:1080",
            "two words",
            "http://",
            // What is behind the first of these could be an address or the rest of a password.
            "http://u:p@ss@a:9",
            "http://u:p/ss@a:9",
            "http://u:p#ss@a:9",
            "u:p?ss@a:9",
        ] {
            let vars = [("http_proxy", value), ("ALL_PROXY", "http://a:1")];
            assert_eq!(on_the_way("http://x", &vars), Err("http_proxy"), "{value}");
        }
    }
}
