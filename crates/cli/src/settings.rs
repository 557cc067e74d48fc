//! Which registry to talk to, and with which token.
//!
//! A flag wins over the environment, which wins over `~/.enact/config.yaml`, the existing client's
//! file. Of that file three fields are read here (`registry.url`, `registry.authToken` and
//! `trust.policy`); it is never written, and whatever else is in it is not looked at.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use reqwest::header::HeaderValue;
use serde_json::Value;
use url::{Origin, Url};

use crate::exit::Failure;

/// The registry that `enact serve` starts when it is told nothing.
const DEFAULT_REGISTRY: &str = "http://127.0.0.1:3000";

/// The largest `config.yaml` that is read, in bytes; real ones have a few hundred.
const MAX_CONFIG_BYTES: u64 = 1024 * 1024;

/// Where a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The command line.
    Flag,
    /// An environment variable.
    Env,
    /// `~/.enact/config.yaml`.
    Config,
    /// Nobody set it.
    Default,
}

/// The registry's base URL: `http` or `https`, without user name, query and trailing slash.
#[derive(Debug, Clone)]
pub(crate) struct RegistryUrl {
    base: String,
    origin: Origin,
    source: Source,
}

/// A bearer token. Nothing prints it.
#[derive(Clone)]
pub(crate) struct Token(HeaderValue);

/// The settings of the client.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The registry.
    pub(crate) registry: RegistryUrl,
    /// The token for it, if any.
    pub(crate) token: Option<Token>,
    /// The registry of `config.yaml`, if its token was left out because that is another one.
    pub(crate) token_of_other: Option<RegistryUrl>,
    /// Whether `trust.policy` asks for attestations on all that is installed.
    pub(crate) requires_attestation: bool,
}

impl Settings {
    /// Combines the two flags, the environment, which `var` reads, and the file in `home`.
    pub(crate) fn resolve(
        registry: Option<&str>,
        token: Option<&str>,
        var: impl Fn(&str) -> Option<String>,
        home: Option<&Path>,
    ) -> Result<Self, Failure> {
        let set = |name| var(name).filter(|value| !value.is_empty());
        let config = Config::read(home)?;
        let config_url = config
            .url
            .map(|url| RegistryUrl::parse(&url, Source::Config))
            .transpose()?;
        let registry = if let Some(url) = registry {
            RegistryUrl::parse(url, Source::Flag)?
        } else if let Some(url) = set("ENACT_REGISTRY_URL") {
            RegistryUrl::parse(&url, Source::Env)?
        } else if let Some(url) = &config_url {
            url.clone()
        } else {
            RegistryUrl::parse(DEFAULT_REGISTRY, Source::Default)?
        };
        // The token in the file was handed out by the registry in the file: no other gets to see it.
        let home_registry = match config_url {
            Some(url) => url,
            None => RegistryUrl::parse(DEFAULT_REGISTRY, Source::Default)?,
        };
        let mut token_of_other = None;
        let token = if let Some(token) = token {
            Some(Token::parse(token, "--token")?)
        } else if let Some(token) = set("ENACT_AUTH_TOKEN") {
            Some(Token::parse(&token, "ENACT_AUTH_TOKEN")?)
        } else if let Some(token) = config.token {
            if home_registry.origin == registry.origin {
                Some(Token::parse(&token, "registry.authToken in config.yaml")?)
            } else {
                token_of_other = Some(home_registry);
                None
            }
        } else {
            None
        };
        Ok(Self {
            registry,
            token,
            token_of_other,
            requires_attestation: config.policy.as_deref() == Some("require_attestation"),
        })
    }
}

impl RegistryUrl {
    fn parse(text: &str, source: Source) -> Result<Self, Failure> {
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

    /// Where the URL comes from.
    pub(crate) fn source(&self) -> Source {
        self.source
    }
}

impl fmt::Display for RegistryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag => "from --registry",
            Self::Env => "from ENACT_REGISTRY_URL",
            Self::Config => "from registry.url in ~/.enact/config.yaml",
            Self::Default => "by default",
        })
    }
}

impl Token {
    fn parse(text: &str, place: &str) -> Result<Self, Failure> {
        let visible = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let header = HeaderValue::from_str(&format!("Bearer {text}"));
        match header {
            Ok(mut header) if visible => {
                header.set_sensitive(true);
                Ok(Self(header))
            }
            _ => Err(Failure::new(
                "INVALID_CONFIG",
                format!(
                    "the token from {place} is empty or has spaces or other characters that no token has"
                ),
            )),
        }
    }

    /// The value of the `Authorization` header.
    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What is read from `config.yaml`.
#[derive(Debug, Default)]
struct Config {
    url: Option<String>,
    token: Option<String>,
    policy: Option<String>,
}

impl Config {
    fn read(home: Option<&Path>) -> Result<Self, Failure> {
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
        })
    }
}

/// The user's home folder, from `$HOME`.
pub(crate) fn home() -> Option<PathBuf> {
    std::env::var_os("HOME")
        .map(PathBuf::from)
        .filter(|home| home.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "\
version: 1.0.0
trust: {auditors: [github:alice], policy: prompt, minimum_attestations: 1}
cache: {maxSizeMb: 1024}
registry:
  url: https://config.example/functions/v1/
  authToken: config-token
";

    fn resolve(
        flags: (Option<&str>, Option<&str>),
        vars: &[(&str, &str)],
        config: &str,
    ) -> Result<Settings, Failure> {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".enact")).unwrap();
        std::fs::write(home.path().join(".enact/config.yaml"), config).unwrap();
        let var = |name: &str| {
            let found = vars.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings::resolve(flags.0, flags.1, var, Some(home.path()))
    }

    fn token(settings: &Settings) -> Option<String> {
        let header = settings.token.as_ref()?.header();
        Some(header.to_str().unwrap().to_owned())
    }

    #[test]
    fn flag_wins_over_environment_over_file_over_default() {
        let vars = [
            ("ENACT_REGISTRY_URL", "http://env"),
            ("ENACT_AUTH_TOKEN", "e"),
        ];
        let all = resolve((Some("http://flag"), Some("f")), &vars, CONFIG).unwrap();
        assert_eq!(all.registry.to_string(), "http://flag");
        assert_eq!(token(&all).unwrap(), "Bearer f");

        let env = resolve((None, None), &vars, CONFIG).unwrap();
        assert_eq!(
            (env.registry.to_string(), env.registry.source),
            ("http://env".to_owned(), Source::Env)
        );
        assert_eq!(token(&env).unwrap(), "Bearer e");

        let empty = [("ENACT_REGISTRY_URL", ""), ("ENACT_AUTH_TOKEN", "")];
        let file = resolve((None, None), &empty, CONFIG).unwrap();
        assert_eq!(
            file.registry.to_string(),
            "https://config.example/functions/v1"
        );
        assert_eq!(token(&file).unwrap(), "Bearer config-token");

        let none = resolve((None, None), &[], "").unwrap();
        assert_eq!(none.registry.to_string(), DEFAULT_REGISTRY);
        assert_eq!(token(&none), None);
        assert!(Settings::resolve(None, None, |_| None, None).is_ok());
    }

    #[test]
    fn the_token_of_the_file_goes_to_the_registry_of_the_file_alone() {
        let other = resolve((Some("https://other.example"), None), &[], CONFIG).unwrap();
        assert_eq!(token(&other), None);
        assert!(other.token_of_other.is_some());
        let same = resolve((Some("https://config.example/v2"), None), &[], CONFIG).unwrap();
        assert!(token(&same).is_some());
    }

    #[test]
    fn reads_a_file_with_other_content_and_refuses_a_broken_one_without_showing_it() {
        for fine in [
            "",
            "# nothing\n",
            "registry:\n",
            "registry: {url: null}\ntrust: 7\n",
            "[1]",
        ] {
            assert!(resolve((None, None), &[], fine).is_ok(), "{fine:?}");
        }
        for broken in [
            "registry: {authToken: s3cret",
            "registry: {url: 7, authToken: s3cret}",
            "\ts3cret: :\n :",
        ] {
            let failure = resolve((None, None), &[], broken).unwrap_err();
            assert_eq!(failure.code(), "INVALID_CONFIG");
            assert!(
                !failure.message().contains("s3cret"),
                "{}",
                failure.message()
            );
        }
    }

    #[test]
    fn refuses_urls_that_could_not_work_or_would_leak() {
        for url in [
            "localhost:3000",
            "ftp://x",
            "/x",
            "http://u:secret@x",
            "http://x/?a=b",
            "http://",
        ] {
            let failure = resolve((Some(url), None), &[], "").unwrap_err();
            assert!(
                !failure.message().contains("secret"),
                "{}",
                failure.message()
            );
        }
        let failure = resolve((None, Some("two words")), &[], "").unwrap_err();
        assert!(!failure.message().contains("words"));
    }

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
