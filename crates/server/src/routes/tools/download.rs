//! `GET /tools/N/versions/V/download[?acknowledge_yanked=true][&redirect=true|false]` — whoever may
//! see the tool. The bytes as published, or one range of them, or a redirect to the store. Never
//! compressed again: existing clients would unpack the bundle itself.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Bundle, Caller, Selector, Subject};
use enact_types::wire::ErrorBody;
use enact_types::{ToolName, Visibility};
use url::Url;

use crate::audit::PrivateLink;
use crate::error::ApiError;
use crate::http::caching::{self, add, add_digest};
use crate::http::conditions::{Verdict, evaluate};
use crate::http::range::{Requested, requested};
use crate::openapi::errors::{Failures, Missing};
use crate::state::AppState;

const X_BUNDLE_HASH: header::HeaderName = header::HeaderName::from_static("x-bundle-hash");

#[utoipa::path(
    get,
    path = "/tools/{name}/versions/{version}/download",
    tag = "Versions",
    summary = "Download a bundle",
    params(
        ("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter"),
        ("version" = String, Path, description = "A version, or `latest`", example = "1.0.0"),
        ("acknowledge_yanked" = Option<bool>, Query, description = "`true` to get a yanked version"),
        ("redirect" = Option<bool>, Query, description = "`true` for a link to the store, `false` for the bytes from here; the server's setting decides if absent"),
    ),
    responses(
        (status = 200, description = "The bundle", body = Vec<u8>, content_type = "application/gzip"),
        (status = 206, description = "The part that `Range` asks for", body = Vec<u8>, content_type = "application/gzip"),
        (status = 302, description = "A short-lived link to the store"),
        (status = 304, description = "The client has it: `If-None-Match`"),
        (status = 410, description = "VERSION_YANKED: ask with `acknowledge_yanked=true`", body = ErrorBody),
        (status = 412, description = "PRECONDITION_FAILED: it is another bundle than `If-Match` names", body = ErrorBody),
        (status = 416, description = "RANGE_NOT_SATISFIABLE: the bundle is shorter", body = ErrorBody),
        Failures,
        Missing
    )
)]
pub(crate) async fn download(
    state: &AppState,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
    head: &Parts,
) -> Result<Response, ApiError> {
    let options = Options::of(head);
    let registry = &state.registry;
    let bundle = registry
        .bundle(caller, name, version, options.acknowledge_yanked)
        .await?;
    let etag = caching::etag(&bundle.hash);
    let mut headers = HeaderMap::with_capacity(16);
    add(&mut headers, header::ETAG, &etag);
    headers.insert(
        header::CACHE_CONTROL,
        caching::of_bytes(bundle.visibility, version),
    );
    match evaluate(&head.headers, &etag) {
        Verdict::Failed => return Err(ApiError::precondition_failed()),
        Verdict::NotModified => return Ok((StatusCode::NOT_MODIFIED, headers).into_response()),
        Verdict::Proceed => {}
    }
    describe(&mut headers, &bundle);
    // A link is signed for GET alone, and only GET has ranges.
    if head.method == Method::HEAD {
        return Ok((headers, Body::empty()).into_response());
    }
    if options.redirect.unwrap_or(state.redirect_downloads)
        && let Some(link) = registry.link(&bundle).await?
    {
        let mut response = redirect(&link, &bundle);
        if bundle.visibility == Visibility::Private {
            let subject = Subject::tool(name).or(Subject::found(&bundle.version));
            let link = PrivateLink::new(caller, subject);
            response.extensions_mut().insert(link);
        }
        return Ok(response);
    }
    let part = match requested(&head.headers, &etag, bundle.size) {
        Requested::Whole => None,
        Requested::Part(part) => Some(part),
        Requested::Unsatisfiable => return Err(ApiError::range_not_satisfiable(bundle.size)),
    };
    let body = Body::from_stream(registry.open(&bundle, part.clone()).await?);
    let Some(part) = part else {
        return Ok((headers, body).into_response());
    };
    let (first, last, size) = (part.start, part.end - 1, bundle.size);
    let content_range = format!("bytes {first}-{last}/{size}");
    add(&mut headers, header::CONTENT_RANGE, &content_range);
    headers.insert(header::CONTENT_LENGTH, (part.end - part.start).into());
    Ok((StatusCode::PARTIAL_CONTENT, headers, body).into_response())
}

/// What is said of the whole bundle.
fn describe(headers: &mut HeaderMap, bundle: &Bundle) {
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/gzip"),
    );
    headers.insert(header::CONTENT_LENGTH, bundle.size.into());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    add(
        headers,
        header::CONTENT_DISPOSITION,
        &bundle.content_disposition(),
    );
    add(headers, X_BUNDLE_HASH, &bundle.hash.to_string());
    add_digest(headers, &bundle.hash);
}

/// To the store. Kept by nobody: the link lives shortly, and who may see the tool may change. It has
/// no `ETag`, which would be of this answer and not of the bundle.
fn redirect(link: &Url, bundle: &Bundle) -> Response {
    let mut headers = HeaderMap::new();
    add(&mut headers, header::LOCATION, link.as_str());
    add(&mut headers, X_BUNDLE_HASH, &bundle.hash.to_string());
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    (StatusCode::FOUND, headers).into_response()
}

/// What the query says; what it does not understand is ignored.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    acknowledge_yanked: bool,
    /// `None` leaves it to the server's settings.
    redirect: Option<bool>,
}

impl Options {
    fn of(head: &Parts) -> Self {
        let mut options = Self::default();
        let query = head.uri.query().unwrap_or_default();
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match (&*key, &*value) {
                ("acknowledge_yanked", "true") => options.acknowledge_yanked = true,
                ("redirect", "true" | "1") => options.redirect = Some(true),
                ("redirect", "false" | "0") => options.redirect = Some(false),
                _ => {}
            }
        }
        options
    }
}
