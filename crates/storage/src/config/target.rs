//! Checking the settings: everything that can be wrong in them is found before the first request.

use url::Url;

use super::{DEFAULT_REGION, StorageConfig, vars};
use crate::error::{Fault, StorageErrorKind};

/// Where requests go: the settings once they are checked.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The endpoint if one is set or derived, without a slash at its end.
    pub(crate) endpoint: Option<String>,
    /// The endpoint of presigned links, if it differs.
    pub(crate) public_endpoint: Option<String>,
    /// The URL of the bucket, without a slash at its end.
    pub(crate) bucket_url: Url,
    /// The region to sign for.
    pub(crate) region: String,
}

impl Target {
    pub(super) fn new(config: &StorageConfig) -> Result<Self, Fault> {
        check_credentials(config)?;
        check_bucket(&config.bucket)?;
        if !config
            .region
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            || config.region.is_empty()
        {
            return Err(invalid(
                vars::REGION,
                "a region is written like \"us-east-1\" or \"auto\"",
            ));
        }
        let endpoint = match (&config.endpoint, &config.account_id) {
            (Some(endpoint), _) => Some(check_endpoint(vars::ENDPOINT, endpoint, &config.bucket)?),
            (None, Some(account)) => Some(r2_endpoint(account)?),
            (None, None) => None,
        };
        if endpoint.is_none() && config.region == DEFAULT_REGION {
            return Err(invalid(
                vars::REGION,
                "without an endpoint the bucket is on AWS, which has no region \"auto\"; set R2_REGION to the bucket's region, like \"us-east-1\", or R2_ENDPOINT to the store's URL",
            ));
        }
        let public_endpoint = config
            .public_endpoint
            .as_ref()
            .map(|url| check_endpoint(vars::PUBLIC_ENDPOINT, url, &config.bucket))
            .transpose()?;
        let text = match &endpoint {
            Some(endpoint) => format!("{endpoint}/{}", config.bucket),
            None => format!(
                "https://{}.s3.{}.amazonaws.com",
                config.bucket, config.region
            ),
        };
        let bucket_url = Url::parse(&text).map_err(|error| {
            invalid(vars::BUCKET, &format!("no URL can be made of it: {error}"))
        })?;
        Ok(Self {
            endpoint,
            public_endpoint,
            bucket_url,
            region: config.region.clone(),
        })
    }
}

fn check_credentials(config: &StorageConfig) -> Result<(), Fault> {
    let printable = |text: &str| text.bytes().all(|byte| matches!(byte, b'!'..=b'~'));
    if !printable(&config.access_key_id) {
        return Err(invalid(
            vars::ACCESS_KEY_ID,
            "it has a space or a character outside ASCII; was it copied whole?",
        ));
    }
    if !printable(config.secret_access_key.expose()) {
        return Err(invalid(
            vars::SECRET_ACCESS_KEY,
            "it has a space or a character outside ASCII; was it copied whole?",
        ));
    }
    Ok(())
}

/// The rules that all stores share; each store may have further ones
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
fn check_bucket(bucket: &str) -> Result<(), Fault> {
    let good = (3..=63).contains(&bucket.len())
        && bucket
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        && bucket
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
        && !bucket.contains("..");
    if good {
        return Ok(());
    }
    Err(invalid(
        vars::BUCKET,
        "a bucket has 3 to 63 letters, digits, \"-\" and \".\"",
    ))
}

/// Checks an endpoint and takes the slash off its end. Messages do not repeat the value, which
/// may hold a password.
fn check_endpoint(name: &'static str, text: &str, bucket: &str) -> Result<String, Fault> {
    let url = Url::parse(text).map_err(|error| {
        invalid(
            name,
            &format!("it is not a URL like \"http://localhost:9000\": {error}"),
        )
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(invalid(
            name,
            "it must start with http:// or https:// and name a host",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid(
            name,
            "it holds a user name or a password; credentials go into R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid(
            name,
            "it has a \"?\" or a \"#\"; give scheme, host and port alone",
        ));
    }
    let path = url.path().trim_end_matches('/');
    if path.rsplit('/').next() == Some(bucket) {
        return Err(invalid(
            name,
            &format!("it ends with the bucket {bucket:?}, which is added by itself; leave it out"),
        ));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn r2_endpoint(account: &str) -> Result<String, Fault> {
    let good = (1..=64).contains(&account.len())
        && account.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !good {
        return Err(invalid(
            vars::ACCOUNT_ID,
            "an account id has 32 letters and digits; it is part of the URL of the Cloudflare dashboard",
        ));
    }
    Ok(format!(
        "https://{}.r2.cloudflarestorage.com",
        account.to_ascii_lowercase()
    ))
}

pub(super) fn invalid(name: &str, rule: &str) -> Fault {
    Fault::new(
        StorageErrorKind::InvalidInput,
        format!("{name} is not valid: {rule}"),
    )
}
