//! An answer that is an error: what the store says, what it means, and what to do about it.

use std::time::Duration;

use http::HeaderMap;
use http::header::RETRY_AFTER;
use serde::Deserialize;

use super::failure::About;
use crate::error::StorageErrorKind;

/// The header in which AWS tells the region of a bucket.
const BUCKET_REGION: &str = "x-amz-bucket-region";

/// An answer that is an error.
#[derive(Debug, Clone)]
pub(super) struct Status {
    /// The HTTP status; 200 when the error came inside a success.
    pub(super) http: u16,
    /// The store's code, like `NoSuchKey`. Answers to HEAD have none.
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    region: Option<String>,
    /// Whether there was a body, and it was none of S3's errors.
    foreign: bool,
    pub(super) retry_after: Option<Duration>,
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

    pub(super) fn code(&self) -> &str {
        self.code.as_deref().unwrap_or_default()
    }

    /// Whether the same request may succeed in a moment.
    pub(super) fn is_transient(&self) -> bool {
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

    pub(super) fn kind(&self, region: &str) -> StorageErrorKind {
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
    pub(super) fn explain(&self, kind: StorageErrorKind, about: &About) -> String {
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
