//! The settings of an S3-compatible store.

use std::fmt;

use url::Url;

mod env;
mod limits;
mod target;
pub mod vars;

pub(crate) use self::env::missing_credentials;
pub use self::limits::{Retries, Timeouts};
pub(crate) use self::target::Target;
use crate::error::{Operation, StorageError};

/// The bucket when none is named.
pub const DEFAULT_BUCKET: &str = "enact-bundles";

/// The region when none is named: R2's only one, and as good as any for stores with one region.
pub const DEFAULT_REGION: &str = "auto";

/// A text that `Debug` does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(secret)
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self(secret.to_owned())
    }
}

/// Encryption by the store. Its headers are sent only when configured, since some stores (R2)
/// refuse them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Encryption {
    /// Whatever the bucket's own default is.
    #[default]
    None,
    /// SSE-S3: keys kept by the store.
    SseS3,
    /// SSE-KMS: this key of the key management service.
    SseKms {
        /// The id or ARN of the key.
        key_id: String,
    },
}

/// The settings of an S3-compatible store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StorageConfig {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Secret,
    /// The bucket.
    pub bucket: String,
    /// The region. `auto` is a region of R2 and harmless elsewhere, but not one of AWS.
    pub region: String,
    /// The URL of the S3 API, without the bucket. With it, requests are path-style
    /// (`endpoint/bucket/key`); without, they go to AWS and are virtual-hosted-style.
    pub endpoint: Option<String>,
    /// The URL that presigned links are made for, when others reach the store under another name.
    pub public_endpoint: Option<String>,
    /// The Cloudflare account, from which R2's endpoint is derived if none is set.
    pub account_id: Option<String>,
    /// Server-side encryption.
    pub encryption: Encryption,
    /// Time limits.
    pub timeouts: Timeouts,
    /// Retry limits.
    pub retries: Retries,
    /// What the parts of all uploads together may take in memory, in bytes; uploads wait for each
    /// other beyond it. At least 16 MiB. Default 48 MiB.
    pub upload_buffer_bytes: usize,
}

impl StorageConfig {
    /// The settings for a bucket, all else at its default.
    pub fn new(
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<Secret>,
        bucket: impl Into<String>,
    ) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            bucket: bucket.into(),
            region: DEFAULT_REGION.to_owned(),
            endpoint: None,
            public_endpoint: None,
            account_id: None,
            encryption: Encryption::None,
            timeouts: Timeouts::default(),
            retries: Retries::default(),
            upload_buffer_bytes: 48 * 1024 * 1024,
        }
    }

    /// Sets the endpoint.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Sets the region.
    #[must_use]
    pub fn with_region(mut self, region: impl Into<String>) -> Self {
        self.region = region.into();
        self
    }

    /// The URL of the bucket, without a slash at its end: path-style with an endpoint,
    /// virtual-hosted-style on AWS. Fails if a setting breaks a rule.
    pub fn bucket_url(&self) -> Result<Url, StorageError> {
        Ok(self.target()?.bucket_url)
    }

    /// The URL of the S3 API: the endpoint that is set or derived from the account; `None` means
    /// AWS. Fails if a setting breaks a rule.
    pub fn endpoint_url(&self) -> Result<Option<String>, StorageError> {
        Ok(self.target()?.endpoint)
    }

    /// Checks everything that can be wrong in a setting.
    pub(crate) fn target(&self) -> Result<Target, StorageError> {
        let blank = |value: &str| value.trim().is_empty();
        let mut missing = Vec::new();
        if blank(&self.access_key_id) {
            missing.push(vars::ACCESS_KEY_ID);
        }
        if blank(self.secret_access_key.expose()) {
            missing.push(vars::SECRET_ACCESS_KEY);
        }
        if !missing.is_empty() {
            return Err(missing_credentials(&missing));
        }
        Target::new(self).map_err(|fault| fault.during(Operation::Configure, None))
    }
}
