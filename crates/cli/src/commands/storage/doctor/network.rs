//! The way to the store: name, port, encryption, and what answers there.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use enact_storage::{StorageConfig, StorageError};
use enact_types::Clock;
use jiff::fmt::rfc2822::DateTimeParser;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::{Host, Url};

use super::super::store::failure;
use super::PATIENCE;
use super::report::Report;
use crate::exit::Failure;

/// How much of an answer is read: the beginning tells what it is.
const MAX_BODY: usize = 16 * 1024;

/// Where the store is.
#[derive(Debug)]
pub(super) struct Endpoint {
    /// The URL of the bucket.
    bucket_url: Url,
    host: String,
    port: u16,
    /// Whether an endpoint was configured; else it is AWS.
    configured: bool,
}

/// What answers there.
#[derive(Debug)]
pub(super) struct Answer {
    status: u16,
    server: String,
    date: Option<String>,
    body: String,
    took: Duration,
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

    fn is_https(&self) -> bool {
        self.bucket_url.scheme() == "https"
    }
}

/// The command that sets another endpoint.
fn set_endpoint(scheme: &str, host: &str, port: u16) -> String {
    format!("export R2_ENDPOINT={scheme}://{host}:{port}")
}

/// Whether a URL's host is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Checks the way. `None` if the store cannot be reached.
pub(super) async fn check(endpoint: &Endpoint, report: &mut Report<'_>) -> Option<Answer> {
    let proxy = proxy_for(&endpoint.bucket_url);
    if let Some(variable) = proxy {
        let why = format!("requests go through the proxy in {variable}, which finds the store");
        report.skip("DNS", &why);
        report.skip("TCP", &why);
    } else {
        let addresses = resolve(endpoint, report).await?;
        connect(endpoint, &addresses, report).await?;
    }
    ask(endpoint, report).await
}

/// The variable that names a proxy for requests to `url`, if one may be in force.
fn proxy_for(url: &Url) -> Option<&'static str> {
    if is_loopback(url) {
        return None;
    }
    let names: &[&str] = match url.scheme() {
        "https" => &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
        _ => &["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
    };
    let set = |name: &&&'static str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    names.iter().find(set).copied()
}

async fn resolve(endpoint: &Endpoint, report: &mut Report<'_>) -> Option<Vec<SocketAddr>> {
    let host = endpoint.host.as_str();
    let found = timeout(PATIENCE, lookup_host((host, endpoint.port))).await;
    let cause = match found {
        Ok(Ok(addresses)) => {
            let addresses: Vec<SocketAddr> = addresses.collect();
            if !addresses.is_empty() {
                let ips: Vec<String> = addresses.iter().map(|a| a.ip().to_string()).collect();
                report.ok("DNS", &format!("{host} is {}", ips.join(", ")));
                return Some(addresses);
            }
            "it has no address".to_owned()
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the name server does not answer".to_owned(),
    };
    let (what, fix) = unresolved(endpoint);
    report.fail("DNS", &format!("{host} {what} ({cause})"), fix);
    None
}

/// Why a name does not resolve, by its looks, and what mends it.
fn unresolved(endpoint: &Endpoint) -> (&'static str, String) {
    let host = endpoint.host.as_str();
    let here = set_endpoint(endpoint.bucket_url.scheme(), "localhost", endpoint.port);
    if host.ends_with(".docker.internal") || host.ends_with(".containers.internal") {
        return (
            "is a name that only containers know; this program does not run in one",
            format!("{here} (keep {host} for programs in containers)"),
        );
    }
    if !host.contains('.') {
        return (
            "looks like the name of a container or a compose service, which is known only on their network, not here",
            format!(
                "{here}, if the container publishes that port; or run this on the same network"
            ),
        );
    }
    if host.ends_with(".r2.cloudflarestorage.com") {
        return (
            "is not known",
            "check the account id: R2_ACCOUNT_ID, or the first part of R2_ENDPOINT".to_owned(),
        );
    }
    if !endpoint.configured {
        return (
            "is not known",
            "check R2_REGION, which is part of the name; for another store than AWS set R2_ENDPOINT"
                .to_owned(),
        );
    }
    (
        "is not known",
        "check R2_ENDPOINT for a typo in the host, and this machine's network".to_owned(),
    )
}

async fn connect(
    endpoint: &Endpoint,
    addresses: &[SocketAddr],
    report: &mut Report<'_>,
) -> Option<()> {
    let mut last = None;
    for address in addresses {
        let started = Instant::now();
        match timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(_)) => {
                let took = started.elapsed().as_secs_f64() * 1e3;
                report.ok(
                    "TCP",
                    &format!("{address} accepts connections ({took:.1} ms)"),
                );
                return Some(());
            }
            Ok(Err(error)) => last = Some(error),
            Err(_) => last = Some(io::ErrorKind::TimedOut.into()),
        }
    }
    let error = last.unwrap_or_else(|| io::ErrorKind::NotFound.into());
    let (cause, fix) = unconnected(endpoint, &error);
    report.fail("TCP", &cause, fix);
    None
}

fn unconnected(endpoint: &Endpoint, error: &io::Error) -> (String, String) {
    let Endpoint { host, port, .. } = endpoint;
    match error.kind() {
        io::ErrorKind::ConnectionRefused if is_loopback(&endpoint.bucket_url) => (
            format!("nothing listens on port {port} of this machine (connection refused)"),
            format!(
                "start the store (`docker compose -f deploy/compose.yaml up -d`, or `cargo xtask minio --port {port}`), or correct the port in R2_ENDPOINT; inside a container, where {host} is the container itself: {}",
                set_endpoint(endpoint.bucket_url.scheme(), "host.docker.internal", *port)
            ),
        ),
        io::ErrorKind::ConnectionRefused => (
            format!("nothing listens on port {port} of {host} (connection refused)"),
            "check that the store runs, and the port in R2_ENDPOINT".to_owned(),
        ),
        io::ErrorKind::TimedOut => (
            format!("{host} does not answer on port {port}"),
            "check the host and port in R2_ENDPOINT, and that no firewall is in the way".to_owned(),
        ),
        _ => (
            format!("no connection to {host}, port {port}: {error}"),
            "check R2_ENDPOINT and this machine's network".to_owned(),
        ),
    }
}

/// Sends a request without credentials, and looks at the encryption and the answer.
async fn ask(endpoint: &Endpoint, report: &mut Report<'_>) -> Option<Answer> {
    let client = match plain_client(&endpoint.bucket_url) {
        Ok(client) => client,
        Err(error) => {
            let cause = format!("no HTTPS client can be set up: {}", innermost(&error));
            report.fail("TLS", &cause, CERTIFICATES);
            return None;
        }
    };
    let started = Instant::now();
    let mut response = match client.get(endpoint.bucket_url.clone()).send().await {
        Ok(response) => response,
        Err(error) => {
            unanswered(endpoint, &error, report);
            return None;
        }
    };
    let took = started.elapsed();
    if endpoint.is_https() {
        report.ok(
            "TLS",
            &format!("the certificate of {} is good", endpoint.host),
        );
    } else {
        report.skip("TLS", "not used: the endpoint starts with http://");
    }
    let header = |name: &str| {
        let value = response.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let (server, date) = (header("server").unwrap_or_default(), header("date"));
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= MAX_BODY {
            break;
        }
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    Some(Answer {
        status,
        server,
        date,
        body,
        took,
    })
}

const CERTIFICATES: &str = "install the certificates of this system (package ca-certificates), or set SSL_CERT_FILE to the file with your authority's";

fn unanswered(endpoint: &Endpoint, error: &reqwest::Error, report: &mut Report<'_>) {
    let cause = innermost(error);
    let Endpoint { host, port, .. } = endpoint;
    if !endpoint.is_https() {
        report.skip("TLS", "not used: the endpoint starts with http://");
        let fix = format!(
            "check that port {port} is the store's S3 API; if it speaks TLS: {}",
            set_endpoint("https", host, *port)
        );
        report.fail(
            "S3 API",
            &format!("what listens does not speak HTTP: {cause}"),
            fix,
        );
        return;
    }
    let fix = if cause.contains("InvalidContentType") || cause.contains("corrupt message") {
        set_endpoint("http", host, *port)
    } else if cause.contains("UnknownIssuer") {
        CERTIFICATES.to_owned()
    } else if cause.contains("NotValidForName") || cause.contains("not valid for name") {
        "use a name in R2_ENDPOINT that the certificate is for".to_owned()
    } else if cause.to_ascii_lowercase().contains("expired") {
        "renew the store's certificate, or set this machine's clock".to_owned()
    } else {
        format!(
            "check that port {port} speaks TLS; if not: {}",
            set_endpoint("http", host, *port)
        )
    };
    report.fail("TLS", &cause, fix);
}

/// A client that knows nothing of S3, as whoever gets a link has.
pub(super) fn plain_client(url: &Url) -> reqwest::Result<reqwest::Client> {
    let builder = || {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE);
        if is_loopback(url) {
            builder.no_proxy()
        } else {
            builder
        }
    };
    builder().build().or_else(|error| {
        if url.scheme() == "https" {
            return Err(error);
        }
        // Without TLS no certificates are needed.
        builder().tls_certs_only([]).build()
    })
}

/// The last cause, which says most and holds no URL.
pub(super) fn innermost(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = error.to_string();
        cause = error.source();
    }
    text
}

impl Answer {
    /// Whether it looks like one of an S3 API: errors of S3 are XML documents, and so are listings
    /// that everybody may read.
    pub(super) fn is_s3(&self) -> bool {
        let has = |element: &str| self.body.contains(element);
        has("<Error>") && has("<Code>") || has("<ListBucketResult") || has("<Error ")
    }

    /// Whether it is `MinIO`'s web console.
    pub(super) fn is_console(&self) -> bool {
        self.server.contains("Console")
    }

    pub(super) fn took(&self) -> String {
        format!("{:.1} ms", self.took.as_secs_f64() * 1e3)
    }

    /// Why it is no S3 API, and what mends that.
    pub(super) fn mistaken(&self, endpoint: &Endpoint) -> (String, String) {
        let Endpoint { host, port, .. } = endpoint;
        let scheme = endpoint.bucket_url.scheme();
        if self.is_console() {
            return (
                format!("port {port} of {host} is MinIO's web console, not its S3 API"),
                format!(
                    "{}, or MinIO's other port",
                    set_endpoint(scheme, host, 9000)
                ),
            );
        }
        if self.body.contains("HTTP request to an HTTPS server") {
            return (
                format!("port {port} of {host} wants TLS"),
                set_endpoint("https", host, *port),
            );
        }
        let server = match self.server.as_str() {
            "" => String::new(),
            server => format!(" by {server:?}"),
        };
        (
            format!(
                "what answers at {host}, port {port}, is no S3 API: status {}{server}, and no S3 error in it",
                self.status
            ),
            "set R2_ENDPOINT to the S3 API of the store: not its console, and no website or custom domain"
                .to_owned(),
        )
    }

    /// How far this machine's clock is ahead of the store's, in seconds.
    pub(super) fn clock_ahead(&self, clock: &dyn Clock) -> Option<i64> {
        let theirs = DateTimeParser::new()
            .parse_timestamp(self.date.as_deref()?)
            .ok()?;
        Some(clock.now().as_millis() / 1000 - theirs.as_second())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that stands still, at midnight.
    struct Midnight;

    impl Clock for Midnight {
        fn now(&self) -> enact_types::Timestamp {
            enact_types::Timestamp::parse("2026-11-23T00:00:00Z").unwrap()
        }
    }

    fn endpoint(url: &str) -> Endpoint {
        let config = StorageConfig::new("id", "secret", "bundles").with_endpoint(url);
        Endpoint::of(&config).unwrap()
    }

    #[test]
    fn names_that_do_not_resolve_are_told_apart() {
        for (url, cause, fix) in [
            (
                "http://host.docker.internal:9000",
                "only containers know",
                "export R2_ENDPOINT=http://localhost:9000",
            ),
            (
                "http://minio:9000",
                "container or a compose service",
                "export R2_ENDPOINT=http://localhost:9000",
            ),
            (
                "https://x.r2.cloudflarestorage.com",
                "is not known",
                "R2_ACCOUNT_ID",
            ),
            ("https://s3.example.org", "is not known", "typo"),
        ] {
            let (what, remedy) = unresolved(&endpoint(url));
            assert!(what.contains(cause), "{url}: {what}");
            assert!(remedy.contains(fix), "{url}: {remedy}");
        }
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

    #[test]
    fn a_refused_connection_names_the_way_out_of_a_container() {
        let refused = io::ErrorKind::ConnectionRefused.into();
        let (cause, fix) = unconnected(&endpoint("http://localhost:9000"), &refused);
        assert!(cause.contains("nothing listens on port 9000"), "{cause}");
        assert!(
            fix.contains("R2_ENDPOINT=http://host.docker.internal:9000"),
            "{fix}"
        );
    }

    #[test]
    fn knows_an_s3_api_by_its_errors() {
        let answer = |server: &str, body: &str| Answer {
            status: 403,
            server: server.to_owned(),
            date: Some("Mon, 23 Nov 2026 21:10:33 GMT".to_owned()),
            body: body.to_owned(),
            took: Duration::ZERO,
        };
        assert!(answer("", "<Error><Code>AccessDenied</Code></Error>").is_s3());
        assert!(!answer("", "<!doctype html>").is_s3());
        let console = answer("MinIO Console", "<!doctype html>");
        let (cause, fix) = console.mistaken(&endpoint("http://localhost:9001"));
        assert!(cause.contains("console") && fix.contains("http://localhost:9000"));
        let midnight = Midnight;
        assert_eq!(
            console.clock_ahead(&midnight),
            Some(-(21 * 3600 + 10 * 60 + 33))
        );
    }
}
