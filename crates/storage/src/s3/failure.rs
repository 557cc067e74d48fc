//! What one HTTP exchange with a store can fail with. It travels through `object_store` as the
//! source of that library's error, which by itself does not tell the status.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use http::HeaderMap;
use http::header::RETRY_AFTER;
use serde::Deserialize;

use crate::error::{Fault, StorageErrorKind};

/// The header in which AWS tells the region of a bucket.
const BUCKET_REGION: &str = "x-amz-bucket-region";

/// A failed exchange.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// The store answered, with an error.
    Status(Status),
    /// There was no answer, or not all of it.
    Transport(Transport),
}

/// An answer that is an error.
#[derive(Debug, Clone)]
pub(super) struct Status {
    /// The HTTP status; 200 when the error came inside a success.
    pub(super) http: u16,
    /// The store's code, like `NoSuchKey`. Answers to HEAD have none.
    pub(super) code: Option<String>,
    message: Option<String>,
    region: Option<String>,
    /// Whether there was a body, and it was none of S3's errors.
    foreign: bool,
    pub(super) retry_after: Option<Duration>,
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

/// The body of S3's errors
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ErrorBody {
    code: Option<String>,
    message: Option<String>,
    region: Option<String>,
}

/// Whether a code or a region looks like one. It is shown in terminals, and in commands to copy, and
/// whoever answers may not mean well.
fn is_word(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

impl Status {
    pub(super) fn new(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
        let body = String::from_utf8_lossy(body);
        let parsed: ErrorBody = quick_xml::de::from_str(&body).unwrap_or_default();
        let retry_after = text(RETRY_AFTER.as_str())
            .and_then(|seconds| seconds.trim().parse().ok())
            .map(Duration::from_secs);
        Self {
            http: status,
            foreign: parsed.code.is_none() && !body.trim().is_empty(),
            code: parsed.code.filter(|code| is_word(code)),
            message: parsed.message.map(|message| {
                let shown = message.chars().filter(|char| !char.is_control());
                shown.take(300).collect()
            }),
            region: text(BUCKET_REGION)
                .or(parsed.region)
                .filter(|region| is_word(region)),
            retry_after,
        }
    }

    fn code(&self) -> &str {
        self.code.as_deref().unwrap_or_default()
    }

    /// Whether the same request may succeed in a moment.
    fn is_transient(&self) -> bool {
        matches!(self.http, 408 | 429 | 500 | 502 | 503 | 504)
            || matches!(
                self.code(),
                "InternalError"
                    | "SlowDown"
                    | "ServiceUnavailable"
                    | "RequestTimeout"
                    | "OperationAborted"
                    | "TooManyRequests"
            )
    }

    /// Whether a conditional write met another one: it lost, or it came at the same moment.
    pub(super) fn is_conflict(&self) -> bool {
        matches!(self.http, 409 | 412)
    }

    fn kind(&self, region: &str) -> StorageErrorKind {
        use StorageErrorKind as Kind;
        let elsewhere = self
            .region
            .as_deref()
            .is_some_and(|theirs| theirs != region);
        match (self.http, self.code()) {
            (_, "NoSuchBucket") => Kind::BucketNotFound,
            (
                _,
                "PermanentRedirect"
                | "TemporaryRedirect"
                | "IllegalLocationConstraintException"
                | "AuthorizationHeaderMalformed",
            ) => Kind::WrongRegion,
            (301 | 307 | 400, _) if elsewhere => Kind::WrongRegion,
            (
                _,
                "InvalidAccessKeyId"
                | "XAdminUserNotFound"
                | "SignatureDoesNotMatch"
                | "AccessDenied"
                | "RequestTimeTooSkewed"
                | "ExpiredToken"
                | "InvalidToken",
            )
            | (401 | 403, _) => Kind::NotAllowed,
            (_, "InvalidRange") | (416, _) => Kind::RangeNotSatisfiable,
            (_, "SlowDown" | "TooManyRequests") | (429, _) => Kind::Throttled,
            (404, "NoSuchKey" | "NoSuchVersion" | "NoSuchUpload" | "NotFound") => Kind::NotFound,
            // Answers to HEAD have no code. Any other 404 is about something else than the object.
            (404, "") if !self.foreign => Kind::NotFound,
            (501, _) => Kind::Unsupported,
            (500..=599 | 408, _)
            | (
                _,
                "ConditionalRequestConflict"
                | "InternalError"
                | "ServiceUnavailable"
                | "RequestTimeout"
                | "OperationAborted",
            ) => Kind::ServerError,
            _ => Kind::Other,
        }
    }

    /// What it means and what to do, for somebody who knows the settings but not S3.
    fn explain(&self, kind: StorageErrorKind, about: &About) -> String {
        use StorageErrorKind as Kind;
        let About {
            place,
            bucket,
            region,
        } = about;
        match (kind, self.code()) {
            (Kind::NotFound, _) => "there is no such object".to_owned(),
            (Kind::BucketNotFound, _) => format!(
                "the store at {place} has no bucket {bucket:?}; create it or correct R2_BUCKET"
            ),
            (Kind::WrongRegion, _) => match &self.region {
                Some(theirs) => format!(
                    "the bucket {bucket:?} is in region {theirs:?} and not in {region:?}; set R2_REGION={theirs}"
                ),
                None => format!(
                    "the bucket {bucket:?} is not in region {region:?}; set R2_REGION to the bucket's region"
                ),
            },
            (Kind::NotAllowed, "InvalidAccessKeyId" | "XAdminUserNotFound") => {
                "the store does not know the access key id; check R2_ACCESS_KEY_ID".to_owned()
            }
            (Kind::NotAllowed, "SignatureDoesNotMatch") => {
                "the store refuses the signature; check R2_SECRET_ACCESS_KEY".to_owned()
            }
            (Kind::NotAllowed, "RequestTimeTooSkewed") => {
                "the clock of this machine is more than 15 minutes off; set it".to_owned()
            }
            (Kind::NotAllowed, _) => format!(
                "the store refuses access to bucket {bucket:?}; check the key pair and that its policy allows s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket (without the last, a missing object looks forbidden)"
            ),
            (Kind::RangeNotSatisfiable, _) => "the object has no bytes in the range".to_owned(),
            (Kind::Throttled, _) => format!("the store at {place} asks to slow down"),
            (Kind::ServerError, _) => format!("the store at {place} reports an error of its own"),
            (Kind::Unsupported, _) => format!("the store at {place} does not support this"),
            (Kind::Other, _) if self.foreign => {
                format!("what answers at {place} does not seem to be an S3 API")
            }
            _ => format!("the store at {place} refuses the request"),
        }
    }
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
