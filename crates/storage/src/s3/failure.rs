//! What one HTTP exchange with a store can fail with. It travels through `object_store` as the
//! source of that library's error, which by itself does not tell the status.

use std::error::Error;
use std::fmt;

use super::status::Status;
use crate::error::{Fault, StorageErrorKind};

/// A failed exchange.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// The store answered, with an error.
    Status(Status),
    /// There was no answer, or not all of it.
    Transport(Transport),
}

/// How an exchange broke off.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    pub(super) broke: Broke,
    detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broke {
    /// No connection: nothing was sent.
    Connecting,
    /// No connection, since the certificate is not trusted; trying again does not help.
    Untrusted,
    /// Nothing moved for too long.
    Idle,
    /// The connection was cut. The request may have been carried out.
    CutOff,
    /// What came is not HTTP, or more than an answer may have.
    Malformed,
}

/// What messages about a store need to say.
#[derive(Debug)]
pub(super) struct About {
    pub(super) place: String,
    pub(super) bucket: String,
    pub(super) region: String,
}

impl Transport {
    pub(super) fn new(broke: Broke, detail: impl Into<String>) -> Self {
        Self {
            broke,
            detail: detail.into(),
        }
    }

    fn explain(&self, about: &About) -> String {
        let place = &about.place;
        let detail = &self.detail;
        match self.broke {
            Broke::Connecting => format!(
                "cannot reach the store at {place}: {detail}; check that it is running and that R2_ENDPOINT names the host and port as they are seen from here (inside a container, not localhost)"
            ),
            Broke::Untrusted => format!(
                "the certificate of the store at {place} is not trusted: {detail}; if its authority is your own, set SSL_CERT_FILE to the file with that authority's certificate"
            ),
            Broke::Idle => format!("the store at {place} does not answer: {detail}"),
            Broke::CutOff => format!("the connection to the store at {place} was cut: {detail}"),
            Broke::Malformed => {
                format!("what answers at {place} does not seem to be an S3 API: {detail}")
            }
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl From<reqwest::Error> for Transport {
    fn from(error: reqwest::Error) -> Self {
        let broke = if is_untrusted(&error) {
            Broke::Untrusted
        } else if error.is_connect() {
            Broke::Connecting
        } else if error.is_timeout() {
            Broke::Idle
        } else {
            Broke::CutOff
        };
        Self::new(broke, innermost(&error))
    }
}

/// Whether a connection failed because of the other side's certificate.
fn is_untrusted(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return matches!(tls, rustls::Error::InvalidCertificate(_));
        }
        // An I/O error gives the source of what it wraps as its own, and so hides that itself.
        let wrapped = error.downcast_ref::<std::io::Error>();
        next = match wrapped.and_then(|error| error.get_ref()) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

impl Failure {
    /// Whether to try again. `safe_twice` tells that carrying the request out twice does no harm.
    pub(super) fn is_transient(&self, safe_twice: bool) -> bool {
        match self {
            Self::Status(status) => status.is_transient(),
            Self::Transport(transport) => match transport.broke {
                Broke::Connecting => true,
                Broke::Idle | Broke::CutOff => safe_twice,
                Broke::Malformed | Broke::Untrusted => false,
            },
        }
    }

    /// Whether the request may have been carried out although it failed.
    pub(super) fn is_ambiguous(&self) -> bool {
        match self {
            Self::Status(status) => status.is_transient(),
            Self::Transport(transport) => {
                !matches!(transport.broke, Broke::Connecting | Broke::Untrusted)
            }
        }
    }

    pub(super) fn status(&self) -> Option<&Status> {
        match self {
            Self::Status(status) => Some(status),
            Self::Transport(_) => None,
        }
    }

    /// The failure that an error was caused by, if it was caused by one.
    pub(super) fn behind<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Self> {
        let mut error = error;
        loop {
            if let Some(failure) = error.downcast_ref() {
                return Some(failure);
            }
            error = error.source()?;
        }
    }

    pub(super) fn fault(&self, about: &About) -> Fault {
        match self {
            Self::Status(status) => {
                let kind = status.kind(&about.region);
                let mut message = status.explain(kind, about);
                if let (Some(code), true) = (&status.code, kind != StorageErrorKind::NotFound) {
                    message = format!("{message} ({} {code})", status.http);
                } else if status.code.is_none() && kind != StorageErrorKind::NotFound {
                    message = format!("{message} ({})", status.http);
                }
                Fault::new(kind, message)
                    .with_status(status.http)
                    .with_store_code(status.code.clone())
            }
            Self::Transport(transport) => {
                let kind = match transport.broke {
                    Broke::Malformed => StorageErrorKind::Other,
                    _ => StorageErrorKind::Unreachable,
                };
                Fault::new(kind, transport.explain(about))
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => {
                write!(f, "HTTP {}", status.http)?;
                if let Some(code) = &status.code {
                    write!(f, " {code}")?;
                }
                match &status.message {
                    Some(message) => write!(f, ": {message}"),
                    None => Ok(()),
                }
            }
            Self::Transport(transport) => transport.fmt(f),
        }
    }
}

impl Error for Failure {}

/// The last cause, which says most and holds no URL.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
