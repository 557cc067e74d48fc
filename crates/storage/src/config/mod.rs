//! The settings of an S3-compatible store, and the environment variables that hold them.

use std::fmt;
use std::time::Duration;

use url::Url;

mod target;

pub(crate) use self::target::Target;
use self::target::invalid;
use crate::error::{CredentialsMissing, Fault, Operation, StorageError, StorageErrorKind};

/// The environment variables of the storage client.
pub mod vars {
    /// The URL of the S3 API, without the bucket. Not set for AWS.
    pub const ENDPOINT: &str = "R2_ENDPOINT";
    /// The URL under which others reach the same API, for presigned links.
    pub const PUBLIC_ENDPOINT: &str = "R2_PUBLIC_ENDPOINT";
    /// The access key id.
    pub const ACCESS_KEY_ID: &str = "R2_ACCESS_KEY_ID";
    /// The secret access key.
    pub const SECRET_ACCESS_KEY: &str = "R2_SECRET_ACCESS_KEY";
    /// The bucket; [`super::DEFAULT_BUCKET`] when not set.
    pub const BUCKET: &str = "R2_BUCKET";
    /// The region; `auto` when not set.
    pub const REGION: &str = "R2_REGION";
    /// The Cloudflare account; with it and no endpoint, the endpoint is that account's R2.
    pub const ACCOUNT_ID: &str = "R2_ACCOUNT_ID";
    /// Server-side encryption: `none`, `AES256` (SSE-S3) or `aws:kms` (SSE-KMS).
    pub const SSE: &str = "R2_SSE";
    /// The key id of SSE-KMS.
    pub const SSE_KMS_KEY_ID: &str = "R2_SSE_KMS_KEY_ID";

    /// All of them.
    pub const ALL: [&str; 9] = [
        ENDPOINT,
        PUBLIC_ENDPOINT,
        ACCESS_KEY_ID,
        SECRET_ACCESS_KEY,
        BUCKET,
        REGION,
        ACCOUNT_ID,
        SSE,
        SSE_KMS_KEY_ID,
    ];
}

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

/// How long to wait for a store. There is no limit on a whole transfer, only on its standing still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, TLS included. Default 10 s.
    pub connect: Duration,
    /// For the next byte, in either direction. Default 30 s.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
        }
    }
}

/// How often a failed request is tried again. Only what cannot do harm twice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// Tries after the first. Default 4.
    pub max: u32,
    /// The longest pause before the first retry; it doubles with each, and the pause is drawn at
    /// random below it. Default 200 ms.
    pub initial_backoff: Duration,
    /// The longest pause altogether, also when the store asks for more. Default 5 s.
    pub max_backoff: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            max: 4,
            initial_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(5),
        }
    }
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

    /// Reads the settings with `var`, which gives the value of an environment variable. Blank
    /// values count as not set.
    ///
    /// `None` when no variable of [`vars::ALL`] is set. Fails with `MISSING_CREDENTIALS` when some
    /// are but not the credentials, and with `INVALID_CONFIG` when a value breaks a rule.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, StorageError> {
        let var = |name: &str| {
            let value = var(name)?.trim().to_owned();
            (!value.is_empty()).then_some(value)
        };
        if vars::ALL.iter().all(|name| var(name).is_none()) {
            return Ok(None);
        }
        let (access_key_id, secret) = match (var(vars::ACCESS_KEY_ID), var(vars::SECRET_ACCESS_KEY))
        {
            (Some(id), Some(secret)) => (id, secret),
            (None, Some(_)) => return Err(missing_credentials(&[vars::ACCESS_KEY_ID])),
            (Some(_), None) => return Err(missing_credentials(&[vars::SECRET_ACCESS_KEY])),
            (None, None) => {
                return Err(missing_credentials(&[
                    vars::ACCESS_KEY_ID,
                    vars::SECRET_ACCESS_KEY,
                ]));
            }
        };
        let bucket = var(vars::BUCKET).unwrap_or_else(|| DEFAULT_BUCKET.to_owned());
        let mut config = Self::new(access_key_id, secret, bucket);
        config.region = var(vars::REGION).unwrap_or(config.region);
        config.endpoint = var(vars::ENDPOINT);
        config.public_endpoint = var(vars::PUBLIC_ENDPOINT);
        config.account_id = var(vars::ACCOUNT_ID);
        config.encryption = encryption(var(vars::SSE).as_deref(), var(vars::SSE_KMS_KEY_ID))
            .map_err(|fault| fault.during(Operation::Configure, None))?;
        config.target()?;
        Ok(Some(config))
    }

    /// The environment's settings; see [`from_vars`](Self::from_vars).
    pub fn from_env() -> Result<Option<Self>, StorageError> {
        Self::from_vars(|name| std::env::var(name).ok())
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

fn encryption(mode: Option<&str>, key_id: Option<String>) -> Result<Encryption, Fault> {
    match (mode, key_id) {
        (None | Some("none"), None) => Ok(Encryption::None),
        (Some("AES256"), None) => Ok(Encryption::SseS3),
        (Some("aws:kms"), Some(key_id)) => {
            if key_id.bytes().all(|byte| matches!(byte, b'!'..=b'~')) {
                Ok(Encryption::SseKms { key_id })
            } else {
                Err(invalid(
                    vars::SSE_KMS_KEY_ID,
                    "it has a character outside ASCII or a space",
                ))
            }
        }
        (Some("aws:kms"), None) => Err(invalid(
            vars::SSE_KMS_KEY_ID,
            "R2_SSE=aws:kms needs the id of the key to use",
        )),
        (Some("none" | "AES256") | None, Some(_)) => Err(invalid(
            vars::SSE_KMS_KEY_ID,
            "it is used only with R2_SSE=aws:kms",
        )),
        (Some(_), _) => Err(invalid(
            vars::SSE,
            "it is \"none\", \"AES256\" or \"aws:kms\"",
        )),
    }
}

pub(crate) fn missing_credentials(names: &[&str]) -> StorageError {
    let names_are = match names {
        [one] => format!("{one} is not set"),
        _ => format!("{} are not set", names.join(" and ")),
    };
    let fix: Vec<String> = names
        .iter()
        .map(|name| format!("export {name}=…"))
        .collect();
    let message = format!(
        "Missing required storage credentials: {names_are}. Set the key pair of your store (`{}`), or unset every R2_* variable to use a local folder",
        fix.join(" && ")
    );
    Fault::new(StorageErrorKind::InvalidInput, message)
        .with_source(CredentialsMissing)
        .during(Operation::Configure, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &[(&str, &str)]) -> Result<Option<StorageConfig>, StorageError> {
        StorageConfig::from_vars(|name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    const KEYS: [(&str, &str); 2] = [
        ("R2_ACCESS_KEY_ID", "enact"),
        ("R2_SECRET_ACCESS_KEY", "enact123456"),
    ];

    fn with_keys(more: &[(&str, &str)]) -> Result<StorageConfig, StorageError> {
        from(&[&KEYS, more].concat()).map(Option::unwrap)
    }

    #[test]
    fn reads_every_variable_and_has_the_defaults() {
        assert_eq!(from(&[]).unwrap(), None);
        assert_eq!(from(&[("R2_BUCKET", "  ")]).unwrap(), None);
        let minimal = with_keys(&[("R2_ENDPOINT", "http://localhost:9000/")]).unwrap();
        assert_eq!(minimal.bucket, "enact-bundles");
        assert_eq!(minimal.region, "auto");
        let target = minimal.target().unwrap();
        assert_eq!(
            target.bucket_url.as_str(),
            "http://localhost:9000/enact-bundles"
        );
        let full = with_keys(&[
            ("R2_ENDPOINT", "http://minio:9000"),
            ("R2_PUBLIC_ENDPOINT", "https://s3.example.org"),
            ("R2_BUCKET", "bundles"),
            ("R2_REGION", "us-east-1"),
            ("R2_SSE", "aws:kms"),
            ("R2_SSE_KMS_KEY_ID", "key-1"),
        ])
        .unwrap();
        assert_eq!(
            full.encryption,
            Encryption::SseKms {
                key_id: "key-1".into()
            }
        );
        assert_eq!(
            full.target().unwrap().public_endpoint.as_deref(),
            Some("https://s3.example.org")
        );
    }

    #[test]
    fn derives_the_endpoint_of_r2_and_of_aws() {
        let r2 = with_keys(&[("R2_ACCOUNT_ID", "0123abc")]).unwrap();
        assert_eq!(
            r2.target().unwrap().endpoint.as_deref(),
            Some("https://0123abc.r2.cloudflarestorage.com")
        );
        let aws = with_keys(&[("R2_REGION", "eu-central-1")])
            .unwrap()
            .target()
            .unwrap();
        assert_eq!(aws.endpoint, None);
        assert_eq!(
            aws.bucket_url.as_str(),
            "https://enact-bundles.s3.eu-central-1.amazonaws.com/"
        );
    }

    #[test]
    fn missing_credentials_are_named_with_their_remedy() {
        for (set, named) in [
            (
                ("R2_BUCKET", "bundles"),
                vec!["R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY"],
            ),
            (KEYS[0], vec!["R2_SECRET_ACCESS_KEY"]),
            (KEYS[1], vec!["R2_ACCESS_KEY_ID"]),
        ] {
            let error = from(&[set]).unwrap_err();
            assert_eq!(error.code().as_str(), "MISSING_CREDENTIALS");
            for name in named {
                assert!(
                    error.message().contains(&format!("export {name}=")),
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn a_wrong_setting_is_named() {
        for (name, value) in [
            ("R2_ENDPOINT", "localhost:9000"),
            ("R2_ENDPOINT", "ftp://localhost"),
            ("R2_ENDPOINT", "http://user:pass@localhost:9000"),
            (
                "R2_ENDPOINT",
                "https://x.r2.cloudflarestorage.com/enact-bundles",
            ),
            ("R2_ENDPOINT", "http://localhost:9000?x"),
            ("R2_PUBLIC_ENDPOINT", "not a url"),
            ("R2_BUCKET", "a"),
            ("R2_BUCKET", "a/b/c"),
            ("R2_REGION", "us east"),
            ("R2_REGION", "auto"),
            ("R2_ACCOUNT_ID", "evil.example.org/"),
            ("R2_SSE", "rot13"),
            ("R2_SSE_KMS_KEY_ID", "key-1"),
            ("R2_SECRET_ACCESS_KEY", "two words"),
        ] {
            let aws = [KEYS[0], KEYS[1], ("R2_REGION", "us-east-1")];
            let rest: Vec<_> = aws.into_iter().filter(|(key, _)| *key != name).collect();
            let error = from(&[&rest[..], &[(name, value)]].concat()).unwrap_err();
            assert_eq!(error.code().as_str(), "INVALID_CONFIG", "{name}={value}");
            assert!(error.message().contains(name), "{error}");
            assert!(!error.message().contains("pass@"), "{error}");
        }
    }

    #[test]
    fn the_secret_is_never_printed() {
        let config = with_keys(&[("R2_ENDPOINT", "http://localhost:9000")]).unwrap();
        assert!(!format!("{config:?}").contains("enact123456"));
    }
}
