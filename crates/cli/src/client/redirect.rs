//! Where a registry may send a request, and where not.

use reqwest::Response;
use reqwest::header::LOCATION;
use url::Url;

use super::error::{ApiError, ErrorKind};

/// Whether an answer sends the request elsewhere.
pub(super) fn is_redirect(response: &Response) -> bool {
    // Not 300 and 304, which name no place to go to.
    matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// A write is not sent a second time to anywhere else.
pub(super) fn unmoved(url: &Url, response: &Response) -> Result<(), ApiError> {
    if !is_redirect(response) {
        return Ok(());
    }
    let next = next_url(url, response)?.origin().ascii_serialization();
    let why = format!("to {next}, and nothing was changed");
    Err(ApiError::from(ErrorKind::Redirect(why))
        .hint("if that is the registry's right address, set it by --registry"))
}

/// Where an answer to a request for `url` sends it.
pub(super) fn next_url(url: &Url, response: &Response) -> Result<Url, ApiError> {
    let location = response.headers().get(LOCATION);
    let next = location
        .and_then(|location| location.to_str().ok())
        .and_then(|location| url.join(location).ok())
        .ok_or_else(|| ErrorKind::Redirect("without saying where to".to_owned()))?;
    match (url.scheme(), next.scheme()) {
        ("http", "http") | (_, "https") => Ok(next),
        ("https", "http") => Err(ErrorKind::Redirect("from https to plain http".to_owned()).into()),
        _ => Err(ErrorKind::Redirect("to something other than http".to_owned()).into()),
    }
}
