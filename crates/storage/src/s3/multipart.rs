//! Large uploads, in parts.

use std::fmt::Write as _;

use bytes::Bytes;
use http::Method;
use object_store::multipart::{MultipartStore as _, PartId};
use object_store::path::Path;
use object_store::{Attributes, PutMultipartOptions, PutPayload};
use serde::Deserialize;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::failure::Failure;
use super::source::Parts;
use super::upload::{Became, already_exists, became};
use super::{S3, path};
use crate::Key;
use crate::error::{Fault, StorageErrorKind};

/// Parts of one upload that are on their way at the same time. Each is 8 MiB of memory: with three, a
/// publish and a download raised a server by 29 to 32 MiB, with two by 18 to 20.
const CONCURRENCY: usize = 2;

/// The most parts of an upload
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>).
const MAX_PARTS: usize = 10_000;

/// Uploads in parts. Gives the tag and the size.
pub(super) async fn upload(
    s3: &S3,
    key: &Key,
    mut parts: Parts,
    attributes: Attributes,
    create_only: bool,
    mark: &str,
) -> Result<(Option<String>, u64), Fault> {
    let mut upload = Upload::start(s3, key, attributes).await?;
    match upload.run(&mut parts, create_only, mark).await {
        Ok(finished) => {
            upload.is_open = false;
            Ok(finished)
        }
        Err(fault) => {
            upload.abort().await;
            Err(fault)
        }
    }
}

/// An upload that the store knows of. Dropped while it is open, as when the caller gives up, it is
/// aborted by a task of its own.
struct Upload {
    s3: S3,
    key: Key,
    path: Path,
    id: String,
    sending: JoinSet<Result<(usize, PartId), Fault>>,
    sent: Vec<Option<PartId>>,
    is_open: bool,
}

impl Upload {
    async fn start(s3: &S3, key: &Key, attributes: Attributes) -> Result<Self, Fault> {
        let path = path(key)?;
        let options = PutMultipartOptions {
            attributes,
            ..PutMultipartOptions::default()
        };
        let id = s3
            .store
            .create_multipart_opts(&path, options)
            .await
            .map_err(|error| s3.fault(error))?;
        Ok(Self {
            s3: s3.clone(),
            key: key.clone(),
            path,
            id,
            sending: JoinSet::new(),
            sent: Vec::new(),
            is_open: true,
        })
    }

    async fn run(
        &mut self,
        parts: &mut Parts,
        create_only: bool,
        mark: &str,
    ) -> Result<(Option<String>, u64), Fault> {
        let mut size = 0;
        loop {
            while self.sending.len() >= CONCURRENCY {
                self.one_arrived().await?;
            }
            let Some(part) = self.next_part(parts).await? else {
                break;
            };
            if self.sent.len() >= MAX_PARTS {
                return Err(Fault::new(
                    StorageErrorKind::InvalidInput,
                    "the upload has more than 10,000 parts of 8 MiB, the most that S3 takes",
                ));
            }
            size += part.len() as u64;
            let index = self.sent.len();
            self.sent.push(None);
            let (s3, path, id) = (self.s3.clone(), self.path.clone(), self.id.clone());
            self.sending.spawn(async move {
                let payload = PutPayload::from(part);
                let sent = s3.store.put_part(&path, &id, index, payload).await;
                sent.map(|id| (index, id)).map_err(|error| s3.fault(error))
            });
        }
        while !self.sending.is_empty() {
            self.one_arrived().await?;
        }
        let etag = self.complete(create_only, mark).await?;
        Ok((etag, size))
    }

    /// Reads the next part. A part that fails meanwhile ends the upload at once, not only when a
    /// slow source has yielded its next bytes.
    async fn next_part(&mut self, parts: &mut Parts) -> Result<Option<Bytes>, Fault> {
        let next = parts.next();
        tokio::pin!(next);
        loop {
            tokio::select! {
                part = &mut next => return part,
                Some(arrived) = self.sending.join_next() => note(&mut self.sent, arrived)?,
            }
        }
    }

    async fn one_arrived(&mut self) -> Result<(), Fault> {
        match self.sending.join_next().await {
            Some(arrived) => note(&mut self.sent, arrived),
            None => Ok(()),
        }
    }

    async fn complete(&self, create_only: bool, mark: &str) -> Result<Option<String>, Fault> {
        let body = Bytes::from(completion(&self.sent)?);
        let mut condition = create_only;
        loop {
            let failure = match self.send_completion(condition, body.clone()).await {
                Ok(etag) => return Ok(etag),
                Err(failure) => failure,
            };
            let status = failure.status();
            let conflict = status.is_some_and(super::status::Status::is_conflict);
            let unknown = status.is_some_and(|status| status.http == 404);
            let unsupported = condition && status.is_some_and(|status| status.http == 501);
            if !conflict && !unknown && !unsupported && !failure.is_ambiguous() {
                return Err(self.s3.failed(failure));
            }
            let fault = self.s3.failed(failure);
            match became(&self.s3, &self.key, mark).await {
                Ok(Became::Ours(etag)) => return Ok(etag),
                Ok(Became::Theirs) if conflict || unsupported => {
                    return Err(already_exists(&fault));
                }
                Ok(Became::Nothing) if unsupported => condition = false,
                Ok(Became::Nothing) if conflict => {
                    return Err(Fault::new(
                        StorageErrorKind::ServerError,
                        "another upload of the same key was under way; try again",
                    ));
                }
                Err(looking) if conflict || unsupported || unknown => return Err(looking),
                // The upload is unknown to the store: not an absent object.
                _ if unknown => {
                    return Err(Fault::new(
                        StorageErrorKind::ServerError,
                        "the store lost the upload before it was complete; try again",
                    )
                    .with_status(404));
                }
                _ => return Err(fault),
            }
        }
    }

    async fn send_completion(
        &self,
        condition: bool,
        body: Bytes,
    ) -> Result<Option<String>, Failure> {
        let query = [("uploadId", self.id.as_str())];
        let answer = self
            .s3
            .raw
            .send(Method::POST, Some(&self.key), &query, condition, body)
            .await?;
        let completed: Completed = answer.parse("CompleteMultipartUploadResult")?;
        Ok(completed.etag)
    }

    /// Removes the parts. First the ones on their way are stopped, since one that arrived after
    /// the abort would stay.
    async fn abort(mut self) {
        self.is_open = false;
        let sending = std::mem::take(&mut self.sending);
        abort(self.s3.clone(), self.path.clone(), self.id.clone(), sending).await;
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        // Without a runtime the process is ending; `abort_stale_uploads` is for that.
        if let Ok(runtime) = Handle::try_current() {
            let sending = std::mem::take(&mut self.sending);
            runtime.spawn(abort(
                self.s3.clone(),
                self.path.clone(),
                self.id.clone(),
                sending,
            ));
        }
    }
}

async fn abort(
    s3: S3,
    path: Path,
    id: String,
    mut sending: JoinSet<Result<(usize, PartId), Fault>>,
) {
    sending.shutdown().await;
    if let Err(error) = s3.store.abort_multipart(&path, &id).await {
        let fault = s3.fault(error);
        if fault.kind != StorageErrorKind::NotFound {
            tracing::warn!(
                %path, error = fault.message,
                "the parts of a failed upload could not be removed; a lifecycle rule of the bucket, or abort_stale_uploads, will"
            );
        }
    }
}

fn note(
    sent: &mut [Option<PartId>],
    arrived: Result<Result<(usize, PartId), Fault>, tokio::task::JoinError>,
) -> Result<(), Fault> {
    let (index, id) =
        arrived.map_err(|error| Fault::new(StorageErrorKind::Other, error.to_string()))??;
    if let Some(slot) = sent.get_mut(index) {
        *slot = Some(id);
    }
    Ok(())
}

/// The answer of `CompleteMultipartUpload`.
#[derive(Debug, Deserialize)]
struct Completed {
    #[serde(rename = "ETag", default)]
    etag: Option<String>,
}

/// The body of `CompleteMultipartUpload`
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>).
fn completion(sent: &[Option<PartId>]) -> Result<String, Fault> {
    let mut xml =
        String::from("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (index, id) in sent.iter().enumerate() {
        let Some(id) = id else {
            return Err(Fault::new(StorageErrorKind::Other, "a part was not sent"));
        };
        let etag = quick_xml::escape::escape(&id.content_id);
        let _ = write!(
            xml,
            "<Part><PartNumber>{}</PartNumber><ETag>{etag}</ETag></Part>",
            index + 1
        );
    }
    xml.push_str("</CompleteMultipartUpload>");
    Ok(xml)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_named_from_one_with_their_tags() {
        let part = |tag: &str| {
            Some(PartId {
                content_id: tag.to_owned(),
            })
        };
        let xml = completion(&[part("\"a\""), part("b")]).unwrap();
        assert!(xml.contains("<PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag>"));
        assert!(xml.contains("<PartNumber>2</PartNumber><ETag>b</ETag>"));
        assert!(completion(&[None]).is_err());
    }
}
