//! What a user signs in with.

use std::fmt;

use reqwest::header::HeaderValue;

use crate::exit::Failure;

/// A bearer token. Nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token {
    text: String,
    header: HeaderValue,
}

/// Where a token comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenSource {
    /// The command line.
    Flag,
    /// The environment.
    Env,
    /// The keyring of the operating system, where `enact login` kept it.
    Keyring,
    /// `~/.enact/credentials.json`, where `enact login` kept it.
    File,
    /// `~/.enact/config.yaml`.
    Config,
    /// Somebody who is signing in with it just now.
    Given,
}

impl Token {
    /// Parses a token from `place`; does not show it if it is none.
    pub(crate) fn parse(text: &str, place: &str) -> Result<Self, Failure> {
        let visible = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let header = HeaderValue::from_str(&format!("Bearer {text}"));
        match header {
            Ok(mut header) if visible => {
                header.set_sensitive(true);
                Ok(Self {
                    text: text.to_owned(),
                    header,
                })
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
        self.header.clone()
    }

    /// The secret itself, to be kept where nobody else sees it.
    pub(crate) fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl TokenSource {
    /// For programs.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Env => "env",
            Self::Keyring => "keyring",
            Self::File => "file",
            Self::Config => "config",
            Self::Given => "given",
        }
    }
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag => "--token",
            Self::Env => "ENACT_AUTH_TOKEN",
            Self::Keyring => "the keyring",
            Self::File => "~/.enact/credentials.json",
            Self::Config => "registry.authToken in ~/.enact/config.yaml",
            Self::Given => "`enact login`",
        })
    }
}
