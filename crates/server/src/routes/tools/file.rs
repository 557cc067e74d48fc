//! `GET /tools/N/versions/V/files/PATH` — whoever may see the tool. One file of the bundle: as JSON,
//! or as plain bytes for `Accept: application/octet-stream`.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use enact_registry::{BundleFile, Caller, Selector};
use enact_types::ToolName;
use enact_types::limits::MAX_JSON_FILE_BYTES;
use enact_types::wire::{ErrorBody, FileContent, FileEncoding};
use futures_util::stream;

use crate::error::ApiError;
use crate::http::caching::{self, add, add_digest};
use crate::http::conditions::{Verdict, evaluate};
use crate::http::media;
use crate::openapi::errors::{Failures, Missing};
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/tools/{name}/versions/{version}/files/{path}",
    tag = "Files",
    summary = "One file of a bundle",
    description = "As JSON, or as plain bytes for `Accept: application/octet-stream`.",
    params(
        ("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter"),
        ("version" = String, Path, description = "A version, or `latest`", example = "1.0.0"),
        ("path" = String, Path, description = "The file's path; its slashes may be written as `%2F`", example = "SKILL.md"),
    ),
    responses(
        (status = 200, description = "The file", content(
            (FileContent = "application/json"),
            (Vec<u8> = "application/octet-stream")
        )),
        (status = 304, description = "The client has it: `If-None-Match`"),
        (status = 412, description = "PRECONDITION_FAILED: it is another file than `If-Match` names", body = ErrorBody),
        (status = 413, description = "FILE_TOO_LARGE: for JSON; ask with `Accept: application/octet-stream`", body = ErrorBody),
        Failures,
        Missing
    )
)]
pub(crate) async fn file(
    state: &AppState,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
    path: &str,
    head: &Parts,
) -> Result<Response, ApiError> {
    let file = state.registry.file(caller, name, version, path).await?;
    let mut response = if media::wants_bytes(&head.headers) {
        plain(state, &file, version, head).await?
    } else {
        json(state, file, &head.method).await?
    };
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}

async fn json(state: &AppState, file: BundleFile, method: &Method) -> Result<Response, ApiError> {
    if file.size > MAX_JSON_FILE_BYTES {
        return Err(ApiError::file_too_large(file.size, MAX_JSON_FILE_BYTES));
    }
    let cache_control = caching::of_json(file.visibility);
    let mut response = if *method == Method::HEAD {
        json_head()
    } else {
        let turn = state.large_answers.turn(file.size).await?;
        turn.json(&content(state, file).await?)?
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, cache_control);
    Ok(response)
}

/// What HEAD is told: unpacking the file is the work that HEAD saves. Without the body its length is not
/// known, so none is stated.
fn json_head() -> Response {
    let unsized_body = Body::from_stream(stream::empty::<Result<Bytes, Infallible>>());
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], unsized_body).into_response()
}

async fn content(state: &AppState, file: BundleFile) -> Result<FileContent, ApiError> {
    let bytes = state.registry.read_file(&file).await?;
    let (content, encoding) = match text(&file.path, &bytes) {
        Some(text) => (text.to_owned(), FileEncoding::Utf8),
        None => (BASE64_STANDARD.encode(&bytes), FileEncoding::Base64),
    };
    Ok(FileContent {
        path: file.path,
        content,
        size: file.size,
        encoding,
    })
}

/// The bytes, as something that no browser shows or runs: they are whatever somebody published.
async fn plain(
    state: &AppState,
    file: &BundleFile,
    version: &Selector,
    head: &Parts,
) -> Result<Response, ApiError> {
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(
        header::CACHE_CONTROL,
        caching::of_bytes(file.visibility, version),
    );
    if let Some(digest) = &file.sha256 {
        let etag = caching::etag(digest);
        add(&mut headers, header::ETAG, &etag);
        match evaluate(&head.headers, &etag) {
            Verdict::Failed => return Err(ApiError::precondition_failed()),
            Verdict::NotModified => return Ok((StatusCode::NOT_MODIFIED, headers).into_response()),
            Verdict::Proceed => add_digest(&mut headers, digest),
        }
    }
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(media::OCTET_STREAM),
    );
    headers.insert(header::CONTENT_LENGTH, file.size.into());
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    // Without a name: the last segment of the URL is it, and there is nothing to escape.
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment"),
    );
    let body = if head.method == Method::HEAD {
        Body::empty()
    } else if file.size <= MAX_JSON_FILE_BYTES {
        let turn = state.large_answers.turn(file.size).await?;
        turn.body(state.registry.read_file(file).await?)
    } else {
        Body::from_stream(state.registry.stream_file(file).await?)
    };
    Ok((headers, body).into_response())
}

/// The content as text, if it is: by the path, or since nothing in its start says otherwise.
fn text<'b>(path: &str, bytes: &'b Bytes) -> Option<&'b str> {
    const START: usize = 8 * 1024;
    let text = std::str::from_utf8(bytes).ok()?;
    let binary = bytes.iter().take(START).any(|byte| *byte == 0);
    (!binary || media::is_text(path)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_other_bytes() {
        let of = |path, bytes: &'static [u8]| text(path, &Bytes::from_static(bytes)).is_some();
        assert!(of("x", "grüße".as_bytes()));
        assert!(of("x", b""));
        assert!(of("x.md", b"a\0b"));
        assert!(!of("x", b"a\0b"));
        assert!(!of("x.bin.MD/x", b"a\0b"));
        // What is not UTF-8 cannot be a JSON string, whatever it is called.
        assert!(!of("x.md", b"\xff"));
        let late = [vec![b'a'; 8192], vec![0]].concat();
        assert!(text("x", &late.into()).is_some());
    }
}
