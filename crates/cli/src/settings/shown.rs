//! The client's settings as a person sees them: what each is, and who says so.

use std::path::Path;

use serde::Serialize;

use super::config_file::ConfigFile;
use super::secrets::{MASK, shown_text};
use super::{CACHE_MAX_SIZE_MB, DEFAULT_REGISTRY, Settings, SignIn, TokenSource, network};
use crate::cache::DEFAULT_MAX_BYTES;
use crate::exit::Failure;

/// The variables of proxies, in either spelling, and of the system's certificates: they mean what they mean
/// everywhere.
pub(crate) const NETWORK_VARIABLES: [&str; 10] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// Others that do: to the printer, and to `enact login`.
const USUAL_VARIABLES: [&str; 2] = ["NO_COLOR", "BROWSER"];

/// One setting. Its value may be shown: never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Setting {
    /// What it is called.
    pub(crate) name: String,
    /// `None` if nothing is set.
    pub(crate) value: Option<String>,
    /// What kind of thing says so.
    pub(crate) source: Origin,
    /// Which one: the flag, the variable, the file.
    pub(crate) from: Option<String>,
}

/// What kind of thing says what a setting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Origin {
    /// The command line.
    Flag,
    /// The environment.
    Env,
    /// A file in `~/.enact`.
    File,
    /// The keyring of the operating system.
    Keyring,
    /// Nobody: it is what it is unless it is set.
    Default,
    /// Nobody, and it is nothing.
    Unset,
}

impl Setting {
    /// A setting that is set.
    pub(crate) fn set(name: &str, value: String, source: Origin, from: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: Some(value),
            source,
            from: Some(from.to_owned()),
        }
    }

    /// A setting that nobody set.
    pub(crate) fn default(name: &str, value: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            value: value.map(str::to_owned),
            source: value.map_or(Origin::Unset, |_| Origin::Default),
            from: None,
        }
    }

    /// A variable that only the environment says.
    pub(crate) fn variable(name: &str, value: Option<String>, default: Option<&str>) -> Self {
        match value {
            Some(value) => Self::set(name, shown_text(&value), Origin::Env, name),
            None => Self::default(name, default),
        }
    }
}

/// Every setting of the client, of the same things as [`Settings::resolve`]; and, if there is, what is
/// wrong with them.
pub(crate) fn shown(
    registry: Option<&str>,
    token: Option<&str>,
    var: impl Fn(&str) -> Option<String>,
    home: Option<&Path>,
) -> (Vec<Setting>, Option<Failure>) {
    let set = |name: &str| var(name).filter(|value| !value.is_empty());
    let resolved = Settings::resolve(registry, token, &var, home);
    let file = ConfigFile::read(home).unwrap_or_default();
    let retries = network::DEFAULT_RETRIES.to_string();
    let max_size = (DEFAULT_MAX_BYTES >> 20).to_string();
    let in_file = |name: &str, value: Option<String>| {
        let value = shown_text(&value?);
        Some(Setting::set(name, value, Origin::File, FILE))
    };
    let url = match (registry, set("ENACT_REGISTRY_URL")) {
        (Some(url), _) => Setting::set(URL, shown_text(url), Origin::Flag, "--registry"),
        (None, Some(url)) => Setting::set(URL, shown_text(&url), Origin::Env, "ENACT_REGISTRY_URL"),
        (None, None) => {
            in_file(URL, file.url).unwrap_or_else(|| Setting::default(URL, Some(DEFAULT_REGISTRY)))
        }
    };
    let cache = match set(CACHE_MAX_SIZE_MB) {
        Some(size) => Setting::set(SIZE, shown_text(&size), Origin::Env, CACHE_MAX_SIZE_MB),
        None => in_file(SIZE, file.cache_max_size_mb.map(|size| size.to_string()))
            .unwrap_or_else(|| Setting::default(SIZE, Some(&max_size))),
    };
    let policy =
        in_file(POLICY, file.policy).unwrap_or_else(|| Setting::default(POLICY, Some("allow")));
    let mut settings = vec![url, token_setting(resolved.as_ref().ok()), policy, cache];
    let own = [
        ("ENACT_HTTP_RETRIES", Some(&*retries)),
        ("ENACT_CA_CERT", None),
    ];
    settings.extend(own.map(|(name, default)| Setting::variable(name, set(name), default)));
    for name in NETWORK_VARIABLES.into_iter().chain(USUAL_VARIABLES) {
        let value = set(name);
        // The other spelling is of interest only where it is used.
        if value.is_some() || name.chars().any(|char| char.is_ascii_uppercase()) {
            settings.push(Setting::variable(name, value, None));
        }
    }
    (settings, resolved.err())
}

const FILE: &str = "~/.enact/config.yaml";
const URL: &str = "registry.url";
const POLICY: &str = "trust.policy";
const SIZE: &str = "cache.maxSizeMb";

fn token_setting(settings: Option<&Settings>) -> Setting {
    const NAME: &str = "registry.authToken";
    let Some(SignIn::By(_, source)) = settings.map(|settings| &settings.sign_in) else {
        return Setting::default(NAME, None);
    };
    let origin = match source {
        TokenSource::Flag | TokenSource::Given => Origin::Flag,
        TokenSource::Env => Origin::Env,
        TokenSource::Keyring => Origin::Keyring,
        TokenSource::File | TokenSource::Config => Origin::File,
    };
    Setting::set(NAME, MASK.to_owned(), origin, &source.to_string())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_variable_that_is_asked_for_is_shown() {
        let asked = RefCell::new(BTreeSet::new());
        let record = |name: &str| {
            asked.borrow_mut().insert(name.to_owned());
            None
        };
        Settings::resolve(None, None, record, None).unwrap();
        for name in asked.into_inner() {
            // One that would be wrong in every place that it is used in.
            let var = |asked: &str| (asked == name).then(|| "7".to_owned());
            let (settings, _) = shown(None, None, var, None);
            let from = settings
                .iter()
                .filter_map(|setting| setting.from.as_deref());
            assert_eq!(from.collect::<Vec<_>>(), [&*name]);
        }
    }
}
