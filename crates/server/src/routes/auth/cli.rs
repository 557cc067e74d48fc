//! `GET /auth/cli?port=N&state=S` — anybody. The page that hands a token over to a program on the
//! computer of whoever looks at it: `enact login`, or the existing client, which sends no state.
//!
//! The page is the same for everybody and holds nothing of the request. Its script checks the token
//! with `GET /auth/me`, shows whom it signs in, and on a click sends it to the loopback address, where
//! alone its policy lets it.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::extract::RawQuery;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::ApiError;
use crate::http::query;
use crate::openapi::errors::Failures;

const STYLE: &str = include_str!("cli/page.css");
const SCRIPT: &str = include_str!("cli/page.js");
const BODY: &str = include_str!("cli/page.html");

static PAGE: LazyLock<Page> = LazyLock::new(Page::new);

/// Keeps pages that open this one, or are opened by it, from holding on to it.
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

struct Page {
    html: String,
    /// Which script and which style may run: these, and nothing that somebody sneaks in.
    sources: String,
}

/// A port that programs of ordinary users listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct UserPort(u16);

#[utoipa::path(
    get,
    path = "/auth/cli",
    tag = "Identity",
    summary = "A page that hands a token over to a program on one's own computer",
    params(
        (
            "port" = u16,
            Query,
            minimum = 1024,
            maximum = 65535,
            description = "Where the program listens, on 127.0.0.1"
        ),
        (
            "state" = Option<String>,
            Query,
            description = "What the program wants back with the token, to know the page by"
        )
    ),
    responses((status = 200, body = String, content_type = "text/html"), Failures)
)]
pub(crate) async fn cli(RawQuery(query): RawQuery) -> Result<Response, ApiError> {
    let query = query.unwrap_or_default();
    let port = query::value(&query, "port").and_then(|port| UserPort::parse(&port));
    let Some(UserPort(port)) = port else {
        return Err(ApiError::bad_request(
            "This page is opened by `enact login`, with the port that it listens on, 1024 to 65535: ?port=8118",
        ));
    };
    let policy = format!(
        "default-src 'none'; {}; connect-src 'self' http://127.0.0.1:{port}; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        PAGE.sources
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, &policy),
        (header::CACHE_CONTROL, "no-store"),
        (OPENER_POLICY, "same-origin"),
    ];
    Ok((headers, &*PAGE.html).into_response())
}

impl Page {
    fn new() -> Self {
        let mut html = String::new();
        // Writing to a string does not fail.
        let _ = write!(
            html,
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <title>Sign in: Enact registry</title><style>{STYLE}</style>\n{BODY}<script>{SCRIPT}</script>\n"
        );
        Self {
            html,
            sources: format!(
                "script-src '{}'; style-src '{}'",
                source(SCRIPT),
                source(STYLE)
            ),
        }
    }
}

/// How a policy names a text: <https://www.w3.org/TR/CSP3/#grammardef-hash-source>.
fn source(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    format!("sha256-{}", STANDARD.encode(digest))
}

impl UserPort {
    /// Parses plain digits, since the page's script pastes them into a URL.
    fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        let port = text.parse().ok().filter(|port| *port >= 1024);
        port.filter(|_| digits).map(Self)
    }
}
