//! Which pages of other sites may read what the server answers.

use axum::http::HeaderValue;
use url::Url;

use super::ConfigError;

/// The pages of other sites that browsers let read answers. None of them ever with credentials that
/// a browser adds on its own: a token is sent by a page that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cors {
    /// All pages.
    Any,
    /// Pages of these origins, as in `https://app.example`.
    These(Vec<HeaderValue>),
    /// No page.
    None,
}

impl Cors {
    /// Parses `*`, `none`, or origins with commas between them.
    pub(super) fn parse(text: &str) -> Result<Self, ConfigError> {
        match text.trim() {
            "*" => Ok(Self::Any),
            "none" => Ok(Self::None),
            list => {
                let origins = list.split(',').map(|text| origin(text.trim()));
                Ok(Self::These(origins.collect::<Result<_, _>>()?))
            }
        }
    }
}

/// An origin as browsers write it.
fn origin(text: &str) -> Result<HeaderValue, ConfigError> {
    let wrong = || ConfigError::Setting {
        name: "ENACT_CORS_ORIGINS",
        value: text.to_owned(),
        expected: "*, none, or origins like https://app.example with commas between them",
    };
    let url = Url::parse(text).map_err(|_| wrong())?;
    let origin = url.origin().ascii_serialization();
    // A path, or a port that browsers leave out, would never match.
    if !matches!(url.scheme(), "http" | "https") || origin != text {
        return Err(wrong());
    }
    HeaderValue::try_from(origin).map_err(|_| wrong())
}
