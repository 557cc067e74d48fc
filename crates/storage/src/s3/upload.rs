//! Uploads, and finding out what became of one whose answer was lost.

use object_store::{
    Attribute, Attributes, ObjectStore as _, PutMode, PutOptions, PutPayload, PutResult,
};

use super::failure::Failure;
use super::multipart;
use super::source::Source;
use super::{S3, path};
use crate::Key;
use crate::error::{Fault, StorageErrorKind};
use crate::random::unique_name;
use crate::types::{Body, RESERVED_METADATA, UploadOptions, Uploaded};

const DEFAULT_CONTENT_TYPE: &str = "application/octet-stream";

pub(super) async fn upload(
    s3: &S3,
    key: &Key,
    body: Body,
    options: UploadOptions,
) -> Result<Uploaded, Fault> {
    let create_only = options.create_only;
    let (etag, size) = match Source::new(body, &s3.buffers).await? {
        Source::Small(pieces) => {
            let payload = PutPayload::from_iter(pieces);
            let size = payload.content_length() as u64;
            let etag = if create_only {
                create(s3, key, payload, options).await?
            } else {
                let put = PutOptions {
                    attributes: attributes(options, None),
                    ..PutOptions::default()
                };
                let put = s3.store.put_opts(&path(key)?, payload, put).await;
                put.map_err(|error| s3.fault(error))?.e_tag
            };
            (etag, size)
        }
        Source::Large(parts) => {
            let mark = unique_name()?;
            let attributes = attributes(options, Some(&mark));
            multipart::upload(s3, key, parts, attributes, create_only, &mark).await?
        }
    };
    Ok(Uploaded {
        url: s3.raw.url(key),
        etag,
        size,
    })
}

fn attributes(options: UploadOptions, mark: Option<&str>) -> Attributes {
    let content_type = options
        .content_type
        .unwrap_or_else(|| DEFAULT_CONTENT_TYPE.to_owned());
    let mut attributes = Attributes::from_iter([(Attribute::ContentType, content_type)]);
    for (name, value) in options.metadata {
        attributes.insert(Attribute::Metadata(name.into()), value.into());
    }
    if let Some(mark) = mark {
        let name = Attribute::Metadata(RESERVED_METADATA.into());
        attributes.insert(name, mark.to_owned().into());
    }
    attributes
}

/// Writes an object that must not be there yet.
async fn create(
    s3: &S3,
    key: &Key,
    payload: PutPayload,
    options: UploadOptions,
) -> Result<Option<String>, Fault> {
    let path = path(key)?;
    let mark = unique_name()?;
    let attributes = attributes(options, Some(&mark));
    let mut attempt = 0;
    loop {
        let put = PutOptions {
            mode: PutMode::Create,
            attributes: attributes.clone(),
            ..PutOptions::default()
        };
        let error = match s3.store.put_opts(&path, payload.clone(), put).await {
            Ok(PutResult { e_tag, .. }) => return Ok(e_tag),
            Err(error) => error,
        };
        let failure = Failure::behind(&error);
        let conflict = failure
            .and_then(Failure::status)
            .is_some_and(super::status::Status::is_conflict);
        if !conflict && !failure.is_some_and(Failure::is_ambiguous) {
            return Err(s3.fault(error));
        }
        let fault = s3.fault(error);
        match became(s3, key, &mark).await {
            Ok(Became::Ours(etag)) => return Ok(etag),
            Ok(Became::Theirs) if conflict => return Err(already_exists(&fault)),
            // Two conditional writes met and neither landed, or the one in the way was deleted.
            Ok(Became::Nothing) if conflict && attempt < s3.transport.max_retries() => {
                tokio::time::sleep(s3.transport.pause(attempt, None)).await;
                attempt += 1;
            }
            Err(looking) if conflict => return Err(looking),
            _ => return Err(fault),
        }
    }
}

/// What is under a key after an upload whose outcome is not known.
pub(super) enum Became {
    /// The object of this upload.
    Ours(Option<String>),
    /// Another object.
    Theirs,
    /// No object.
    Nothing,
}

/// Finds out by the mark that the upload gave its object. When the answer to a write is lost and it
/// is sent again, a store answers that the object exists: it is the one that was just written.
pub(super) async fn became(s3: &S3, key: &Key, mark: &str) -> Result<Became, Fault> {
    match s3.head(key).await {
        Ok((meta, attributes)) => {
            let name = Attribute::Metadata(RESERVED_METADATA.into());
            let is_ours = attributes
                .get(&name)
                .is_some_and(|found| found.as_ref() == mark);
            Ok(if is_ours {
                Became::Ours(meta.e_tag)
            } else {
                Became::Theirs
            })
        }
        Err(fault) if fault.kind == StorageErrorKind::NotFound => Ok(Became::Nothing),
        Err(fault) => Err(fault),
    }
}

pub(super) fn already_exists(fault: &Fault) -> Fault {
    let exists = Fault::new(
        StorageErrorKind::AlreadyExists,
        "an object with this key is already there",
    );
    match fault.status {
        Some(status) => exists.with_status(status),
        None => exists,
    }
}
