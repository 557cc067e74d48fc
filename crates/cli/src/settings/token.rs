//! What a user signs in with.

use std::fmt;

use reqwest::header::HeaderValue;

use crate::exit::Failure;

/// A bearer token. Nothing prints it.
#[derive(Clone)]
pub(crate) struct Token(HeaderValue);

impl Token {
    /// Parses a token from `place`; does not show it if it is none.
    pub(super) fn parse(text: &str, place: &str) -> Result<Self, Failure> {
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
