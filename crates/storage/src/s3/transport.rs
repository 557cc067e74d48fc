//! HTTP as S3 needs it, under `object_store`.
//!
//! That library's own transport limits the whole transfer instead of its standing still, keeps idle
//! connections longer than S3 does, and hides statuses behind its retries. So this one does the
//! retries, and an answer that is an error becomes a [`Failure`].

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::header::{CONTENT_LENGTH, HeaderName};
use http::{HeaderMap, Method};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};
use url::{Host, Url};

use super::body::{IdleBody, Progress, collect, progress_body};
use super::failure::{Broke, Failure, Transport as Broken, innermost};
use super::raw::root_element;
use super::status::Status;
use crate::config::{Retries, Timeouts};
use crate::error::{Fault, StorageErrorKind};

/// S3 closes idle connections after about 20 seconds; one that is reused in that moment is reset.
const POOL_IDLE: Duration = Duration::from_secs(15);

/// The largest body of an error that is read.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// The largest answer that is taken into memory: a page of a listing with the longest keys.
pub(super) const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;

static COPY_SOURCE: HeaderName = HeaderName::from_static("x-amz-copy-source");

#[derive(Debug, Clone)]
pub(super) struct Transport(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: reqwest::Client,
    timeouts: Timeouts,
    retries: Retries,
}

impl Transport {
    pub(super) fn new(
        bucket_url: &Url,
        timeouts: Timeouts,
        retries: Retries,
    ) -> Result<Self, Fault> {
        super::tls::install_provider();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(timeouts.connect)
            .pool_idle_timeout(POOL_IDLE)
            // A redirect is to another region, where the signature does not hold.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("enact/", env!("CARGO_PKG_VERSION")))
            // Parts go out side by side; over one HTTP/2 connection they would share its window.
            .http1_only()
            // Objects are passed on byte for byte, whatever another crate makes of the client.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd();
        if is_loopback(bucket_url) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| {
            Fault::new(
                StorageErrorKind::InvalidInput,
                format!("no HTTP client can be set up: {}", innermost(&error)),
            )
            .with_source(error)
        })?;
        Ok(Self(Arc::new(Inner {
            client,
            timeouts,
            retries,
        })))
    }

    /// The pause before a retry: random, so that clients which failed together do not come back
    /// together.
    pub(super) fn pause(&self, attempt: u32, asked: Option<Duration>) -> Duration {
        let Retries {
            initial_backoff,
            max_backoff,
            ..
        } = self.0.retries;
        let cap = initial_backoff
            .saturating_mul(2_u32.saturating_pow(attempt))
            .min(max_backoff);
        let random = getrandom::u32().map_or(0.5, |bits| f64::from(bits) / f64::from(u32::MAX));
        cap.mul_f64(0.5 + random / 2.0)
            .max(asked.unwrap_or_default().min(max_backoff))
    }

    pub(super) fn max_retries(&self) -> u32 {
        self.0.retries.max
    }

    /// Sends a request, again and again within the limits.
    pub(super) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        let safe_twice = is_safe_twice(&request);
        let mut attempt = 0;
        loop {
            let failure = match self.exchange(request.clone()).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            if attempt >= self.0.retries.max || !failure.is_transient(safe_twice) {
                return Err(failure);
            }
            let pause = self.pause(attempt, failure.status().and_then(|s| s.retry_after));
            attempt += 1;
            tracing::debug!(
                method = %request.method(), %failure, attempt, ?pause,
                "a request to the object store is tried again"
            );
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends a request once.
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        let hides_errors = answers_success_before_it_knows(&request);
        let idle = self.0.timeouts.idle;
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string()).map_err(|error| {
            Failure::Transport(Broken::new(Broke::Malformed, error.to_string()))
        })?;
        let mut request = reqwest::Request::new(parts.method, url);
        *request.headers_mut() = parts.headers;
        let progress = Progress::new();
        if body.content_length() > 0 {
            let length = body.content_length();
            request.headers_mut().insert(CONTENT_LENGTH, length.into());
            *request.body_mut() = Some(progress_body(body, progress.clone()));
        }
        let answer = tokio::select! {
            answer = self.0.client.execute(request) => answer,
            () = progress.stands_still(idle) => {
                return Err(Failure::Transport(Broken::new(
                    Broke::Idle,
                    format!("no answer for {idle:?}"),
                )));
            }
        };
        let answer = answer.map_err(|error| Failure::Transport(error.into()))?;
        let (mut parts, body) = http::Response::<reqwest::Body>::from(answer).into_parts();
        let body = HttpResponseBody::new(IdleBody::new(body, idle));
        if !parts.status.is_success() {
            // An error whose body does not come is still that error.
            let body = collect(body, MAX_ERROR_BYTES).await.unwrap_or_default();
            let status = Status::new(parts.status.as_u16(), &parts.headers, &body);
            return Err(Failure::Status(status));
        }
        drop_unreadable_metadata(&mut parts.headers);
        if !hides_errors {
            return Ok(HttpResponse::from_parts(parts, body));
        }
        let body = collect(body, MAX_ANSWER_BYTES).await?;
        if root_element(&String::from_utf8_lossy(&body)) == Some("Error") {
            let status = Status::new(parts.status.as_u16(), &parts.headers, &body);
            return Err(Failure::Status(status));
        }
        Ok(HttpResponse::from_parts(parts, body.into()))
    }
}

#[async_trait]
impl HttpService for Transport {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        // `Unknown` is the kind that `object_store` does not retry.
        self.send(request)
            .await
            .map_err(|failure| HttpError::new(HttpErrorKind::Unknown, failure))
    }
}

impl HttpConnector for Transport {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

/// Whether a request may be carried out twice without harm. Starting a multipart upload may not:
/// the first one would lie around, unknown to anybody. A conditional PUT may: whoever sends it
/// finds out by its mark whether the object that is in the way is its own.
fn is_safe_twice(request: &HttpRequest) -> bool {
    request.method() != Method::POST || has_query(request, "uploadId")
}

/// Copying and completing take so long that S3 answers 200 first and may send an error after it
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>).
fn answers_success_before_it_knows(request: &HttpRequest) -> bool {
    (request.method() == Method::POST && has_query(request, "uploadId"))
        || request.headers().contains_key(&COPY_SOURCE)
}

fn has_query(request: &HttpRequest, name: &str) -> bool {
    let query = request.uri().query().unwrap_or_default();
    query
        .split('&')
        .any(|pair| pair.split('=').next() == Some(name))
}

/// `object_store` fails to read an object one of whose metadata values is not ASCII. Other
/// programs store such values; the object is worth more than they are.
fn drop_unreadable_metadata(headers: &mut HeaderMap) {
    let unreadable: Vec<HeaderName> = headers
        .iter()
        .filter(|(name, value)| name.as_str().starts_with("x-amz-meta-") && value.to_str().is_err())
        .map(|(name, _)| name.clone())
        .collect();
    for name in unreadable {
        headers.remove(name);
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
