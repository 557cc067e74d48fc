//! Aborting multipart uploads that nobody will finish.

use std::time::Duration;

use bytes::Bytes;
use enact_types::Timestamp;
use http::Method;
use object_store::multipart::MultipartStore as _;
use object_store::path::Path;
use serde::Deserialize;

use super::S3;
use crate::error::{Fault, StorageErrorKind};

/// A page of `ListMultipartUploads`
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html>).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(rename = "Upload", default)]
    uploads: Vec<Upload>,
    #[serde(default)]
    is_truncated: bool,
    #[serde(default)]
    next_key_marker: Option<String>,
    #[serde(default)]
    next_upload_id_marker: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Upload {
    key: String,
    #[serde(rename = "UploadId")]
    id: String,
    initiated: String,
}

/// Aborts the uploads that were started longer ago than `age` by the store's own clock.
///
/// `MinIO` lists an unfinished upload only under its exact key, so there this finds nothing; it
/// drops stale uploads by itself after a day.
pub(super) async fn abort(s3: &S3, age: Duration) -> Result<u64, Fault> {
    let mut aborted = 0;
    let mut marker: Option<(String, String)> = None;
    loop {
        let mut query = Vec::with_capacity(3);
        if let Some((key, upload)) = &marker {
            query.extend([
                ("key-marker", key.as_str()),
                ("upload-id-marker", upload.as_str()),
            ]);
        }
        query.push(("uploads", ""));
        let answer = s3
            .raw
            .send(Method::GET, None, &query, false, Bytes::new())
            .await
            .map_err(|failure| s3.failed(failure))?;
        let page: Page = answer
            .parse("ListMultipartUploadsResult")
            .map_err(|failure| s3.failed(failure))?;
        let now = answer.date().and_then(http_date).ok_or_else(|| {
            Fault::new(StorageErrorKind::Other, "the store does not tell its time")
        })?;
        for upload in &page.uploads {
            let Some(started) = Timestamp::parse(&upload.initiated) else {
                continue;
            };
            if started.plus(age) > now {
                continue;
            }
            let Ok(path) = Path::parse(&upload.key) else {
                continue;
            };
            match s3.store.abort_multipart(&path, &upload.id).await {
                Ok(()) => aborted += 1,
                Err(error) => {
                    let fault = s3.fault(error);
                    // Finished or aborted since it was listed.
                    if fault.kind != StorageErrorKind::NotFound {
                        return Err(fault);
                    }
                }
            }
        }
        let following = page.next_key_marker.zip(page.next_upload_id_marker);
        if !page.is_truncated || following.is_none() || following == marker {
            return Ok(aborted);
        }
        marker = following;
    }
}

fn http_date(text: &str) -> Option<Timestamp> {
    let time = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()?;
    Timestamp::from_millis(time.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_date_of_an_answer() {
        assert_eq!(
            http_date("Mon, 23 Nov 2026 21:10:33 GMT"),
            Timestamp::parse("2026-11-23T21:10:33Z")
        );
        assert_eq!(http_date("yesterday"), None);
    }
}
