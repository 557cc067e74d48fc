//! Objects in an S3-compatible store.
//!
//! `object_store` signs and forms the requests; [`transport`] sends them. What it does not do, or
//! not on every store, is in the files beside this one.

mod body;
pub(crate) mod bucket;
mod buffers;
mod download;
mod failure;
mod list;
mod multipart;
mod raw;
mod source;
mod stale;
mod status;
mod tls;
mod transport;
mod upload;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use enact_types::Timestamp;
use futures_util::stream::BoxStream;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method};
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey, AwsCredential};
use object_store::path::Path;
use object_store::signer::{SignedUrlOptions, Signer as _};
use object_store::{
    Attribute, Attributes, GetOptions, ObjectMeta, ObjectStore as _, ObjectStoreExt as _,
    RetryConfig,
};
use url::Url;

use self::buffers::Buffers;
use self::failure::{About, Failure};
use self::raw::Raw;
use self::transport::Transport;
use crate::Key;
use crate::backend::{Backend, Opened};
use crate::config::{Encryption, StorageConfig, Target};
use crate::error::{Fault, Operation, StorageError, StorageErrorKind};
use crate::types::{
    Body, ByteRange, Listed, ObjectMetadata, PresignGetOptions, PresignPutOptions,
    RESERVED_METADATA, UploadOptions, Uploaded,
};

/// A backend on S3. Cheap to clone.
#[derive(Clone)]
pub(crate) struct S3(Arc<Inner>);

pub(crate) struct Inner {
    store: AmazonS3,
    /// The same with the public endpoint; it only signs.
    signer: AmazonS3,
    raw: Raw,
    transport: Transport,
    about: About,
    buffers: Buffers,
}

impl std::ops::Deref for S3 {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl S3 {
    pub(crate) fn new(config: &StorageConfig) -> Result<Self, StorageError> {
        let target = config.target()?;
        Self::open(config, &target).map_err(|fault| fault.during(Operation::Configure, None))
    }

    fn open(config: &StorageConfig, target: &Target) -> Result<Self, Fault> {
        let transport = Transport::new(&target.bucket_url, config.timeouts, config.retries)?;
        // Over TLS the body is protected already, and hashing it once more would cost as much as
        // sending it. Over plain HTTP the signature is all that protects it on its way.
        let unsigned_payload = target.bucket_url.scheme() == "https";
        let build = |endpoint: Option<&String>| {
            let mut builder = AmazonS3Builder::new()
                .with_bucket_name(&config.bucket)
                .with_region(&target.region)
                .with_access_key_id(&config.access_key_id)
                .with_secret_access_key(config.secret_access_key.expose())
                .with_unsigned_payload(unsigned_payload)
                // R2 fails on large batches, and other stores have no batches at all.
                .with_disable_bulk_delete(true)
                .with_http_connector(transport.clone())
                // The transport retries.
                .with_retry(RetryConfig {
                    max_retries: 0,
                    ..RetryConfig::default()
                });
            builder = match endpoint {
                Some(endpoint) => builder
                    .with_endpoint(endpoint)
                    .with_allow_http(true)
                    .with_virtual_hosted_style_request(false),
                None => builder.with_virtual_hosted_style_request(true),
            };
            match &config.encryption {
                Encryption::None => builder,
                Encryption::SseS3 => builder.with_config(sse_key()?, "AES256"),
                Encryption::SseKms { key_id } => builder.with_sse_kms_encryption(key_id),
            }
            .build()
            .map_err(|error| {
                Fault::new(StorageErrorKind::InvalidInput, error.to_string()).with_source(error)
            })
        };
        let store = build(target.endpoint.as_ref())?;
        let signer = match &target.public_endpoint {
            Some(public) => build(Some(public))?,
            None => store.clone(),
        };
        let bucket_url = target.bucket_url.as_str().trim_end_matches('/').to_owned();
        let about = About {
            place: match &target.endpoint {
                Some(endpoint) => endpoint.clone(),
                None => format!("AWS S3 in {}", target.region),
            },
            bucket: config.bucket.clone(),
            region: target.region.clone(),
        };
        let buffer_bytes = config.upload_buffer_bytes.max(source::MIN_BUFFER_BYTES);
        Ok(Self(Arc::new(Inner {
            store,
            signer,
            raw: Raw {
                transport: transport.clone(),
                credential: AwsCredential {
                    key_id: config.access_key_id.clone(),
                    secret_key: config.secret_access_key.expose().to_owned(),
                    token: None,
                },
                region: target.region.clone(),
                bucket_url,
            },
            transport,
            about,
            buffers: Buffers::new(buffer_bytes),
        })))
    }

    /// What an error of `object_store` means.
    fn fault(&self, error: object_store::Error) -> Fault {
        match Failure::behind(&error) {
            // What `object_store` wraps around it says the same again, with URLs.
            Some(failure) => self.failed(failure.clone()),
            None => Fault::new(
                StorageErrorKind::Other,
                format!(
                    "the store at {} answered something unexpected: {}",
                    self.about.place,
                    failure::innermost(&error)
                ),
            )
            .with_source(error),
        }
    }

    fn failed(&self, failure: Failure) -> Fault {
        failure.fault(&self.about).with_source(failure)
    }

    /// What is known of an object, our own marks included.
    async fn head(&self, key: &Key) -> Result<(ObjectMeta, Attributes), Fault> {
        let path = path(key)?;
        let head = GetOptions::default().with_head(true);
        let error = match self.store.get_opts(&path, head).await {
            Ok(result) => return Ok((result.meta, result.attributes)),
            Err(error) => error,
        };
        let refused = Failure::behind(&error).and_then(Failure::status);
        let is_clear = match refused {
            Some(status) => status.code.is_some() || status.http >= 500,
            None => true,
        };
        if is_clear {
            return Err(self.fault(error));
        }
        // An answer to HEAD has no body: a missing bucket looks like a missing object, and a wrong
        // secret like a lacking permission or, on some stores, a missing object too. The answer to
        // GET tells them apart. It is asked for even if the bucket was seen before: saying of an
        // object that it is gone is worth a second request.
        match self.store.get_opts(&path, GetOptions::default()).await {
            Ok(_) => Err(self.fault(error)),
            Err(error) => Err(self.fault(error)),
        }
    }
}

/// The setting for SSE-S3, whose type `object_store` does not export.
fn sse_key() -> Result<AmazonS3ConfigKey, Fault> {
    "aws_server_side_encryption"
        .parse()
        .map_err(|error: object_store::Error| {
            Fault::new(StorageErrorKind::Unsupported, error.to_string()).with_source(error)
        })
}

fn path(key: &Key) -> Result<Path, Fault> {
    // Our rules are the stricter ones.
    Path::parse(key.as_str()).map_err(|error| {
        Fault::new(StorageErrorKind::InvalidInput, error.to_string()).with_source(error)
    })
}

fn object_metadata(meta: &ObjectMeta, attributes: &Attributes) -> ObjectMetadata {
    let metadata: BTreeMap<String, String> = attributes
        .iter()
        .filter_map(|(name, value)| match name {
            Attribute::Metadata(name) if name != RESERVED_METADATA => {
                Some((name.to_string(), value.as_ref().to_owned()))
            }
            _ => None,
        })
        .collect();
    ObjectMetadata {
        size: meta.size,
        content_type: attributes
            .get(&Attribute::ContentType)
            .map(|value| value.as_ref().to_owned()),
        etag: meta.e_tag.clone(),
        // `object_store` makes a missing time the epoch.
        last_modified: Some(meta.last_modified.timestamp_millis())
            .filter(|millis| *millis != 0)
            .and_then(Timestamp::from_millis),
        metadata,
    }
}

#[async_trait]
impl Backend for S3 {
    fn describe(&self) -> String {
        format!("S3 bucket {} at {}", self.about.bucket, self.about.place)
    }

    async fn upload(
        &self,
        key: &Key,
        body: Body,
        options: UploadOptions,
    ) -> Result<Uploaded, Fault> {
        upload::upload(self, key, body, options).await
    }

    async fn download(&self, key: &Key, range: Option<ByteRange>) -> Result<Opened, Fault> {
        download::open(self, key, range).await
    }

    async fn delete(&self, key: &Key) -> Result<(), Fault> {
        match self.store.delete(&path(key)?).await {
            Ok(()) => Ok(()),
            Err(error) => match self.fault(error) {
                fault if fault.kind == StorageErrorKind::NotFound => Ok(()),
                fault => Err(fault),
            },
        }
    }

    async fn metadata(&self, key: &Key) -> Result<ObjectMetadata, Fault> {
        let (meta, attributes) = self.head(key).await?;
        Ok(object_metadata(&meta, &attributes))
    }

    fn list(&self, prefix: String) -> BoxStream<'static, Result<Listed, Fault>> {
        list::list(self.clone(), prefix)
    }

    async fn copy(&self, from: &Key, to: &Key) -> Result<(), Fault> {
        let (from, to) = (path(from)?, path(to)?);
        self.store
            .copy(&from, &to)
            .await
            .map_err(|error| self.fault(error))
    }

    async fn presign_get(
        &self,
        key: &Key,
        expiry: Duration,
        options: PresignGetOptions,
    ) -> Result<Url, Fault> {
        // Without any this signs as ever, for stores that know no such parameters.
        let labels = [
            ("response-content-type", options.content_type),
            ("response-content-disposition", options.content_disposition),
        ];
        let labels = labels
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        let signed = SignedUrlOptions::new().with_query(labels);
        self.signer
            .signed_url_opts(Method::GET, &path(key)?, expiry, &signed)
            .await
            .map_err(|error| self.fault(error))
    }

    async fn presign_put(
        &self,
        key: &Key,
        expiry: Duration,
        options: PresignPutOptions,
    ) -> Result<Url, Fault> {
        let mut signed = SignedUrlOptions::new();
        if let Some(content_type) = options.content_type {
            let value = HeaderValue::try_from(&content_type).map_err(|error| {
                Fault::new(
                    StorageErrorKind::InvalidInput,
                    format!("the content type {content_type:?} is not valid"),
                )
                .with_source(error)
            })?;
            signed = signed.with_signed_header(CONTENT_TYPE, value);
        }
        self.signer
            .signed_url_opts(Method::PUT, &path(key)?, expiry, &signed)
            .await
            .map_err(|error| self.fault(error))
    }

    async fn abort_stale_uploads(&self, age: Duration) -> Result<u64, Fault> {
        stale::abort(self, age).await
    }
}
