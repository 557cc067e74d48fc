//! Where the store is, as the settings have it.

use enact_storage::{StorageConfig, StorageError};
use url::Url;

use super::super::store::failure;
use crate::commands::report::Report;
use crate::exit::Failure;

/// Where the store is.
#[derive(Debug)]
pub(super) struct Endpoint {
    /// The URL of the bucket.
    pub(super) bucket_url: Url,
    pub(super) host: String,
    pub(super) port: u16,
    /// Whether an endpoint was configured; else it is AWS.
    pub(super) configured: bool,
}

impl Endpoint {
    pub(super) fn of(config: &StorageConfig) -> Result<Self, Failure> {
        let failed = |error: StorageError| failure(&error);
        let bucket_url = config.bucket_url().map_err(failed)?;
        let host = bucket_url.host_str().unwrap_or_default();
        Ok(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: bucket_url.port_or_known_default().unwrap_or(443),
            configured: config.endpoint_url().map_err(failed)?.is_some(),
            bucket_url,
        })
    }

    /// Why the endpoint is wrong and what mends it, if its host names the bucket, which requests
    /// then name twice.
    pub(super) fn names_bucket(&self, bucket: &str) -> Option<(String, String)> {
        let rest = self.host.strip_prefix(bucket)?.strip_prefix('.')?;
        if !self.configured {
            return None;
        }
        let cause = format!("R2_ENDPOINT names the bucket {bucket:?} in its host");
        let fix = match rest.strip_suffix(".amazonaws.com") {
            Some(_) => "unset R2_ENDPOINT, and set R2_REGION to the bucket's region".to_owned(),
            None => set_endpoint(self.bucket_url.scheme(), rest, self.port),
        };
        Some((cause, fix))
    }

    /// Says how the bucket is named in requests that were answered.
    pub(super) fn report_style(&self, report: &mut Report<'_>) {
        const NAME: &str = "addressing style";
        let place = self.bucket_url.as_str();
        if !self.configured {
            report.ok(NAME, &format!("virtual-hosted: {place}"));
        } else if self.host.ends_with(".amazonaws.com") {
            report.warn(
                NAME,
                &format!("path-style, which AWS wants to give up: {place}"),
                "unset R2_ENDPOINT, and set R2_REGION to the bucket's region",
            );
        } else {
            report.ok(NAME, &format!("path-style: {place}"));
        }
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn is_https(&self) -> bool {
        self.bucket_url.scheme() == "https"
    }
}

/// The command that sets another endpoint.
pub(super) fn set_endpoint(scheme: &str, host: &str, port: u16) -> String {
    format!("export R2_ENDPOINT={scheme}://{host}:{port}")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn endpoint(url: &str) -> Endpoint {
        let config = StorageConfig::new("id", "secret", "bundles").with_endpoint(url);
        Endpoint::of(&config).unwrap()
    }

    #[test]
    fn an_endpoint_that_names_the_bucket_is_found_out() {
        let fix = |url| endpoint(url).names_bucket("bundles").map(|(_, fix)| fix);
        let aws = fix("https://bundles.s3.eu-central-1.amazonaws.com").unwrap();
        assert!(aws.starts_with("unset R2_ENDPOINT"), "{aws}");
        let other = fix("http://bundles.example.org:9000").unwrap();
        assert_eq!(other, "export R2_ENDPOINT=http://example.org:9000");
        assert_eq!(fix("https://s3.example.org"), None);
    }
}
