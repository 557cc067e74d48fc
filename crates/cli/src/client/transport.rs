//! Sends requests and bounds what comes back: in size, in time between two pieces, in redirects.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use enact_types::wire::ErrorBody;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, RETRY_AFTER};
use reqwest::multipart::Form;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use url::Url;

use super::activity::Activity;
use super::advice::{self, Standing};
use super::body::{Body, MAX_JSON_BYTES, read_json};
use super::connections;
use super::error::{ApiError, ErrorKind};
use super::redirect::{is_redirect, next_url, unmoved};
use super::retry::{Effect, Retries};
use super::unreached::{sign_in, unreached};
use crate::settings::{Proxies, Proxy, Settings};

/// How long to wait for the head of an answer, and for each next piece of its body.
pub(super) const IDLE_LIMIT: Duration = Duration::from_mins(1);

/// How long a publish may go without a byte sent: the registry checks and stores the whole bundle
/// before it answers.
const PUBLISH_IDLE_LIMIT: Duration = Duration::from_mins(5);

/// The longest wait that a registry is believed to ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(24);

/// How many redirects one request may meet.
const MAX_REDIRECTS: usize = 5;

/// What the API answers with, but for the bytes of bundles and files.
const JSON: &str = "application/json";

/// Sends requests to one registry.
#[derive(Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    settings: Settings,
    proxies: Proxies,
    /// What the registry says of the caller, once an error made it worth asking.
    pub(super) standing: OnceCell<Standing>,
}

/// A GET.
#[derive(Debug, Clone)]
pub(super) struct Get<'r> {
    /// Below the registry's URL.
    pub(super) path: &'r str,
    /// Behind the path.
    pub(super) query: &'r [(&'r str, &'r str)],
    /// The media type that is wanted.
    pub(super) accept: &'static str,
    /// Further headers.
    pub(super) headers: HeaderMap,
}

impl<'r> Get<'r> {
    /// Of JSON or a bundle.
    pub(super) fn new(path: &'r str, query: &'r [(&'r str, &'r str)]) -> Self {
        Self {
            path,
            query,
            accept: JSON,
            headers: HeaderMap::new(),
        }
    }
}

impl Transport {
    pub(super) fn new(settings: Settings) -> Result<Self, ApiError> {
        let proxies = Proxies::from_env();
        let http = connections::open(&settings, &proxies)?;
        Ok(Self {
            http,
            settings,
            proxies,
            standing: OnceCell::new(),
        })
    }

    /// GETs JSON, which is nothing wrong if it is not there: `None` then.
    pub(super) async fn find_json<T: DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<Option<T>, ApiError> {
        let get = Get::new(path, &[]);
        let found = self
            .patiently(Effect::Reads, async || {
                read_json(self.get_once(&get).await?).await
            })
            .await;
        match found {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// GETs JSON.
    pub(super) async fn get_json<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, ApiError> {
        let get = Get::new(path, query);
        let got = self
            .patiently(Effect::Reads, async || {
                read_json(self.get_once(&get).await?).await
            })
            .await;
        self.explained(got).await
    }

    /// GETs a body of any kind.
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Body, ApiError> {
        self.get_as(JSON, path, query).await
    }

    /// As [`get`](Self::get), asking for another media type than JSON.
    pub(super) async fn get_as(
        &self,
        accept: &'static str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Body, ApiError> {
        let get = Get {
            accept,
            ..Get::new(path, query)
        };
        let got = self
            .patiently(Effect::Reads, async || self.get_once(&get).await)
            .await;
        self.explained(got).await
    }

    /// What is left of the patience for a request that was not sent yet.
    pub(super) fn retries(&self, effect: Effect) -> Retries {
        Retries::new(&self.settings.network, effect)
    }

    /// Tries something, again and again if it fails in passing and may be repeated.
    async fn patiently<T>(
        &self,
        effect: Effect,
        attempt: impl AsyncFn() -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut retries = self.retries(effect);
        loop {
            match attempt().await {
                Ok(answer) => return Ok(answer),
                Err(error) => retries.wait(error).await?,
            }
        }
    }

    /// Sends a request, and the same again wherever it is redirected to.
    pub(super) async fn get_once(&self, get: &Get<'_>) -> Result<Body, ApiError> {
        let mut url = self.url(get.path)?;
        if !get.query.is_empty() {
            url.query_pairs_mut().extend_pairs(get.query);
        }
        for _ in 0..=MAX_REDIRECTS {
            let request = self.http.get(url.clone()).header(ACCEPT, get.accept);
            let request = request.headers(get.headers.clone());
            let response = self.send(request, &url).await?;
            if !is_redirect(&response) {
                return self.success(response).await;
            }
            url = next_url(&url, &response)?;
        }
        Err(ErrorKind::Redirect(format!("more than {MAX_REDIRECTS} times")).into())
    }

    /// Sends JSON and reads JSON.
    pub(super) async fn send_json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ApiError> {
        let url = self.url(path)?;
        let written = self.write(&url, async || {
            let request = self.http.request(method.clone(), url.clone()).json(body);
            self.send(request.header(ACCEPT, JSON), &url).await
        });
        read_json(written.await?).await
    }

    /// Deletes something, and reads nothing.
    pub(super) async fn delete(&self, path: &str) -> Result<(), ApiError> {
        let url = self.url(path)?;
        let written = self.write(&url, async || {
            self.send(self.http.delete(url.clone()), &url).await
        });
        written.await.map(drop)
    }

    /// Sends a form and reads JSON. `form` is asked for it anew for each try, and for what tells when its
    /// body was last read.
    pub(super) async fn post_form<T: DeserializeOwned>(
        &self,
        path: &str,
        form: impl Fn() -> (Form, Arc<Activity>),
    ) -> Result<T, ApiError> {
        let url = self.url(path)?;
        let written = self.write(&url, async || {
            let (form, activity) = form();
            let request = self.http.post(url.clone()).multipart(form);
            let request = self.signed(request.header(ACCEPT, JSON), &url);
            let sending = activity.watch(PUBLISH_IDLE_LIMIT, request.send());
            sending.await?.map_err(|error| self.send_error(error, &url))
        });
        read_json(written.await?).await
    }

    /// Changes something by a request to `url` that `attempt` sends, more than once if it did nothing.
    async fn write(
        &self,
        url: &Url,
        attempt: impl AsyncFn() -> Result<Response, ApiError>,
    ) -> Result<Body, ApiError> {
        let written = self.patiently(Effect::Writes, async || {
            let response = attempt().await?;
            unmoved(url, &response)?;
            self.success(response).await
        });
        self.explained(written.await).await
    }

    fn url(&self, path: &str) -> Result<Url, ApiError> {
        let joined = self.settings.registry.join(path);
        joined.map_err(|error| ErrorKind::Setup(error.to_string()).into())
    }

    async fn send(&self, request: RequestBuilder, url: &Url) -> Result<Response, ApiError> {
        let sending = within(IDLE_LIMIT, self.signed(request, url).send());
        sending.await?.map_err(|error| self.send_error(error, url))
    }

    /// Adds the token, if `url` belongs to the registry.
    fn signed(&self, request: RequestBuilder, url: &Url) -> RequestBuilder {
        match self.settings.token() {
            Some(token) if self.settings.registry.is_origin_of(url) => {
                request.header(AUTHORIZATION, token.header())
            }
            _ => request,
        }
    }

    /// Reads what the registry says about a failure.
    async fn success(&self, response: Response) -> Result<Body, ApiError> {
        let status = response.status();
        let url = response.url().clone();
        let wait = retry_after(&response);
        let body = Body::new(response);
        if status.is_success() {
            return Ok(body);
        }
        let proxy = self.proxy_to(&url);
        if let (StatusCode::PROXY_AUTHENTICATION_REQUIRED, Some(proxy)) = (status, &proxy) {
            return Err(sign_in(proxy));
        }
        let text = body.collect(MAX_JSON_BYTES).await.ok();
        let body = text.and_then(|text| serde_json::from_slice::<Box<ErrorBody>>(&text).ok());
        // Inside of TLS only the registry speaks.
        let proxy = proxy.filter(|_| body.is_none() && url.scheme() == "http");
        let mut error = ApiError::from(ErrorKind::Refused { status, body }).after(wait);
        if let Some(proxy) = proxy {
            error = error.hint(format!(
                "the proxy {proxy} is on the way: it may be what answered"
            ));
        }
        if !self.settings.registry.is_origin_of(&url) {
            // Of the store that a redirect led to, about which the registry's rules say nothing.
            return Err(error);
        }
        Err(advice::refused(error, status, &url, &self.settings))
    }

    /// Sends a request without a body and without following it anywhere, for what an error should say
    /// besides; `None` if there is no answer.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
    ) -> Option<Result<T, StatusCode>> {
        let url = self.url(path).ok()?;
        let request = self.http.get(url.clone()).header(ACCEPT, JSON);
        let response = self.send(request, &url).await.ok()?;
        match response.status() {
            StatusCode::OK => read_json(Body::new(response)).await.ok().map(Ok),
            status => Some(Err(status)),
        }
    }

    /// The registry's URL, and with what it is asked.
    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    fn send_error(&self, error: reqwest::Error, url: &Url) -> ApiError {
        unreached(error, &self.settings.registry, self.proxy_to(url).as_ref())
    }

    fn proxy_to(&self, url: &Url) -> Option<Proxy> {
        self.proxies.on_the_way_to(url).ok().flatten()
    }
}

/// How long the registry asks to wait, if it says so in seconds. A date, which is allowed too, would
/// make this depend on two clocks.
fn retry_after(response: &Response) -> Option<Duration> {
    let header = response.headers().get(RETRY_AFTER)?;
    let seconds = header.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
}

/// Gives up on `future` after `limit`.
pub(super) async fn within<F: Future>(limit: Duration, future: F) -> Result<F::Output, ApiError> {
    let result = tokio::time::timeout(limit, future).await;
    result.map_err(|_| ErrorKind::Timeout(limit).into())
}
