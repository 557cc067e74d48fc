//! Listing objects.
//!
//! Not through `object_store`: it lists whole folders only, and one object whose key it does not
//! like (`a//b`, written by somebody else) makes the whole listing fail.

use std::collections::VecDeque;

use bytes::Bytes;
use enact_types::Timestamp;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use http::Method;
use serde::Deserialize;

use super::S3;
use crate::Key;
use crate::error::{Fault, StorageErrorKind};
use crate::types::Listed;

/// A page of `ListObjectsV2`
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(default)]
    contents: Vec<Contents>,
    #[serde(default)]
    is_truncated: bool,
    #[serde(default)]
    next_continuation_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Contents {
    key: String,
    #[serde(default)]
    size: u64,
    #[serde(rename = "ETag", default)]
    etag: Option<String>,
    #[serde(default)]
    last_modified: Option<String>,
}

enum Next {
    First,
    After(String),
    End,
}

pub(super) fn list(s3: S3, prefix: String) -> BoxStream<'static, Result<Listed, Fault>> {
    let state = (s3, prefix, Next::First, VecDeque::new());
    stream::try_unfold(state, |(s3, prefix, mut next, mut ready)| async move {
        loop {
            if let Some(listed) = ready.pop_front() {
                return Ok(Some((listed, (s3, prefix, next, ready))));
            }
            let token = match &next {
                Next::First => None,
                Next::After(token) => Some(token.as_str()),
                Next::End => return Ok(None),
            };
            let page = page(&s3, &prefix, token).await?;
            let following = page.following(token)?;
            ready = page.objects();
            next = following;
        }
    })
    .boxed()
}

async fn page(s3: &S3, prefix: &str, token: Option<&str>) -> Result<Page, Fault> {
    // Keys are not asked for in an encoded form: ours have no characters that XML cannot hold, and
    // not every store that says it encodes does.
    let mut query = Vec::with_capacity(4);
    if let Some(token) = token {
        query.push(("continuation-token", token));
    }
    query.extend([("list-type", "2"), ("prefix", prefix)]);
    s3.raw
        .send(Method::GET, None, &query, false, Bytes::new())
        .await
        .and_then(|answer| answer.parse("ListBucketResult"))
        .map_err(|failure| s3.failed(failure))
}

impl Page {
    /// Where the listing goes on. A store that never gets on must not hold us for ever.
    fn following(&self, token: Option<&str>) -> Result<Next, Fault> {
        if !self.is_truncated {
            return Ok(Next::End);
        }
        match &self.next_continuation_token {
            Some(next) if Some(next.as_str()) != token => Ok(Next::After(next.clone())),
            _ => Err(Fault::new(
                StorageErrorKind::Other,
                "the store says that the listing goes on, but not from where",
            )),
        }
    }

    fn objects(self) -> VecDeque<Listed> {
        self.contents
            .iter()
            .filter_map(|object| {
                Some(Listed {
                    key: Key::parse(&object.key).ok()?,
                    size: object.size,
                    etag: object.etag.clone(),
                    last_modified: object.last_modified.as_deref().and_then(Timestamp::parse),
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_page_and_leaves_out_keys_that_are_not_ours() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <Name>b</Name><IsTruncated>true</IsTruncated>
              <Contents><Key>a+b &amp;%20ü </Key><Size>3</Size><ETag>&quot;x&quot;</ETag>
                <LastModified>2026-11-23T10:00:00.000Z</LastModified></Contents>
              <Contents><Key>a//b</Key><Size>1</Size></Contents>
              <Contents><Key>a&#x1;b</Key><Size>1</Size></Contents>
              <Contents><Key>folder/</Key><Size>0</Size></Contents>
              <NextContinuationToken>t</NextContinuationToken>
            </ListBucketResult>"#;
        let page: Page = quick_xml::de::from_str(xml).unwrap();
        assert!(matches!(page.following(None), Ok(Next::After(token)) if token == "t"));
        assert!(page.following(Some("t")).is_err());
        let objects = page.objects();
        assert_eq!(objects.len(), 1);
        assert_eq!(objects[0].key.as_str(), "a+b &%20ü ");
        assert_eq!(objects[0].etag.as_deref(), Some("\"x\""));
        assert_eq!(
            objects[0].last_modified,
            Timestamp::parse("2026-11-23T10:00:00Z")
        );
    }
}
