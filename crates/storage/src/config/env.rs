//! Reading the settings from environment variables.

use super::target::invalid;
use super::{DEFAULT_BUCKET, Encryption, StorageConfig, vars};
use crate::error::{CredentialsMissing, Fault, Operation, StorageError, StorageErrorKind};

impl StorageConfig {
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
