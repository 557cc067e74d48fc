//! What can go wrong between this client and a registry.

use std::error::Error;
use std::time::Duration;

use enact_types::wire::ErrorBody;
use reqwest::StatusCode;

use crate::exit::Failure;

/// A call that failed, and what to do about it.
#[derive(Debug)]
pub(crate) struct ApiError {
    kind: ErrorKind,
    hints: Vec<String>,
    retry_after: Option<Duration>,
    is_doubtful: bool,
}

/// How a call failed.
#[derive(Debug)]
pub(crate) enum ErrorKind {
    /// No connection to the registry; holds its URL, with the proxy if that is where it failed, and why.
    Connect(String, String),
    /// A proxy lets nobody through who does not sign in there; holds which, and what it wants.
    Proxy(String, &'static str),
    /// The connection broke; holds how.
    Broken(String),
    /// Nothing moved for this long.
    Timeout(Duration),
    /// The registry sent the request elsewhere, where it is not followed to; holds why.
    Redirect(String),
    /// The registry said no.
    Refused {
        /// The status.
        status: StatusCode,
        /// The registry's own words, if it had any.
        body: Option<Box<ErrorBody>>,
    },
    /// An answer that cannot be what the registry means; holds what is wrong with it.
    Answer(String),
    /// This client could not be set up; holds why.
    Setup(String),
}

impl ApiError {
    /// How it failed.
    pub(crate) fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Adds a line that says what to do next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Notes that an earlier try of the same may be the reason, and have been done.
    #[must_use]
    pub(super) fn in_doubt(mut self) -> Self {
        self.is_doubtful = true;
        self.hint(
            "the registry was not available when it was asked first, and may have done it all the same",
        )
    }

    /// Whether an earlier try of the same may be the reason, and have been done.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.is_doubtful
    }

    /// Notes how long the registry asks to wait before the next try.
    #[must_use]
    pub(super) fn after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// How long the registry asks to wait before the next try.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The status of a refusal.
    pub(super) fn status(&self) -> Option<StatusCode> {
        match &self.kind {
            ErrorKind::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// What the registry says about its refusal.
    pub(super) fn refusal(&self) -> Option<&str> {
        match &self.kind {
            ErrorKind::Refused { body, .. } => {
                body.as_ref().map(|body| body.error.message.as_str())
            }
            _ => None,
        }
    }

    /// Whether the registry says, in its own words, that there is no such thing for this caller.
    pub(crate) fn is_not_found(&self) -> bool {
        self.refusal_code() == Some("NOT_FOUND")
    }

    /// The registry's code for its refusal.
    pub(crate) fn refusal_code(&self) -> Option<&str> {
        match &self.kind {
            ErrorKind::Refused { body, .. } => body.as_ref().map(|body| body.error.code.as_str()),
            _ => None,
        }
    }
}

impl ErrorKind {
    /// For programs: the registry's own code, or the client's.
    fn code(&self) -> &str {
        match self {
            Self::Connect(..) => "CONNECTION_FAILED",
            Self::Proxy(..) => "PROXY_REFUSED",
            Self::Broken(_) => "CONNECTION_BROKEN",
            Self::Timeout(_) => "TIMEOUT",
            Self::Redirect(_) => "REDIRECTED",
            Self::Refused { body, .. } => match body {
                Some(body) => &body.error.code,
                None => "HTTP_ERROR",
            },
            Self::Answer(_) => "INVALID_RESPONSE",
            Self::Setup(_) => "SETUP_FAILED",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Connect(url, why) => format!("cannot connect to the registry at {url}: {why}"),
            Self::Proxy(proxy, what) => format!("the proxy {proxy} {what}"),
            Self::Broken(how) => format!("the connection to the registry broke: {how}"),
            Self::Timeout(limit) => {
                let seconds = limit.as_secs();
                format!("the registry was silent for {seconds} seconds")
            }
            Self::Redirect(why) => format!("the registry redirected the request, {why}"),
            Self::Refused { status, body } => match body {
                Some(body) => format!("the registry answered: {}", body.error.message),
                None => format!("the registry answered with HTTP status {status}"),
            },
            Self::Answer(what) => format!("the registry's answer cannot be used: {what}"),
            Self::Setup(why) => format!("cannot set up the HTTP client: {why}"),
        }
    }
}

impl From<ErrorKind> for ApiError {
    fn from(kind: ErrorKind) -> Self {
        Self {
            kind,
            hints: Vec::new(),
            retry_after: None,
            is_doubtful: false,
        }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let failure = Self::new(error.kind.code(), error.kind.message());
        error.hints.into_iter().fold(failure, Self::hint)
    }
}

/// What a library error says, without URLs: those of a store may be signed, which makes them
/// secrets.
pub(crate) fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    // The outer messages say no more than that there was a request and a connection.
    let mut innermost: &dyn Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
