//! Requests that `object_store` does not make, or not as needed: listing by any prefix with any
//! key, listing unfinished uploads, and completing an upload on condition.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, DATE, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method};
use object_store::aws::{AwsAuthorizer, AwsCredential};
use object_store::client::{HttpRequest, HttpRequestBody};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;

use super::body::collect;
use super::failure::{Broke, Failure, Transport as Broken};
use super::transport::{MAX_ANSWER_BYTES, Transport};
use crate::Key;

/// What signature version 4 leaves as it is in a query
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>).
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// In a path, the slash as well.
pub(super) const PATH: &AsciiSet = &QUERY.remove(b'/');

#[derive(Debug)]
pub(super) struct Raw {
    pub(super) transport: Transport,
    pub(super) credential: AwsCredential,
    pub(super) region: String,
    /// The URL of the bucket, without a slash at its end.
    pub(super) bucket_url: String,
}

/// An answer that is an XML document.
pub(super) struct Answer {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Raw {
    /// The URL of an object.
    pub(super) fn url(&self, key: &Key) -> String {
        format!(
            "{}/{}",
            self.bucket_url,
            utf8_percent_encode(key.as_str(), PATH)
        )
    }

    /// Sends a request about an object, or about the bucket, and reads the answer whole.
    pub(super) async fn send(
        &self,
        method: Method,
        key: Option<&Key>,
        query: &[(&str, &str)],
        create_only: bool,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let mut headers = HeaderMap::new();
        if create_only {
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
        }
        self.send_with_headers(method, key, query, headers, body)
            .await
    }

    /// As [`send`](Self::send), with these headers.
    pub(super) async fn send_with_headers(
        &self,
        method: Method,
        key: Option<&Key>,
        query: &[(&str, &str)],
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let mut url = match key {
            Some(key) => self.url(key),
            None => format!("{}/", self.bucket_url),
        };
        for (index, (name, value)) in query.iter().enumerate() {
            url.push(if index == 0 { '?' } else { '&' });
            url.push_str(name);
            url.push('=');
            url.extend(utf8_percent_encode(value, QUERY));
        }
        let mut request = HttpRequest::new(HttpRequestBody::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = url.parse().map_err(unsendable)?;
        request.headers_mut().extend(headers);
        let length = request.body().content_length();
        if length > 0 {
            request.headers_mut().insert(CONTENT_LENGTH, length.into());
        }
        AwsAuthorizer::new(&self.credential, "s3", &self.region)
            .try_authorize(&mut request, None)
            .map_err(unsendable)?;
        let (parts, body) = self.transport.send(request).await?.into_parts();
        Ok(Answer {
            headers: parts.headers,
            body: collect(body, MAX_ANSWER_BYTES).await?,
        })
    }
}

impl Answer {
    /// Parses the answer. Its outermost element must be `root`: fields that are missing have
    /// defaults, so that any other document would be an empty answer.
    pub(super) fn parse<T: DeserializeOwned>(&self, root: &str) -> Result<T, Failure> {
        self.expect_root(root)?;
        quick_xml::de::from_str(&String::from_utf8_lossy(&self.body))
            .map_err(|error| malformed(format!("the answer is no {root}: {error}")))
    }

    /// Fails if the outermost element is not `root`.
    pub(super) fn expect_root(&self, root: &str) -> Result<(), Failure> {
        match root_element(&String::from_utf8_lossy(&self.body)) {
            Some(found) if found == root => Ok(()),
            _ => Err(malformed(format!("the answer is no {root}"))),
        }
    }

    /// The store's time of the answer, as written.
    pub(super) fn date(&self) -> Option<&str> {
        self.headers.get(DATE)?.to_str().ok()
    }
}

fn malformed(detail: String) -> Failure {
    Failure::Transport(Broken::new(Broke::Malformed, detail))
}

/// The name of a document's outermost element.
pub(super) fn root_element(text: &str) -> Option<&str> {
    let mut text = text.trim_start_matches('\u{feff}').trim_start();
    if let Some(declaration) = text.strip_prefix("<?") {
        text = declaration.split_once("?>")?.1.trim_start();
    }
    let name = text.strip_prefix('<')?;
    name.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
        .next()
}

fn unsendable(error: impl std::error::Error) -> Failure {
    let detail = format!("the request cannot be made: {error}");
    Failure::Transport(Broken::new(Broke::Malformed, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_outermost_element() {
        for (text, root) in [
            ("<Error><Code>x</Code></Error>", Some("Error")),
            (
                " \n<?xml version=\"1.0\"?>\n<Error xmlns=\"x\">",
                Some("Error"),
            ),
            ("<ListBucketResult/>", Some("ListBucketResult")),
            ("<!DOCTYPE html><html>", Some("!DOCTYPE")),
            ("<?xml", None),
            ("plain", None),
            ("", None),
        ] {
            assert_eq!(root_element(text), root, "{text}");
        }
    }
}
