//! What answers at the endpoint.

use std::error::Error;
use std::time::{Duration, Instant};

use enact_types::Clock;
use url::Url;

use super::endpoint::{Endpoint, set_endpoint};
use crate::commands::reach::{self, PATIENCE, is_loopback};
use crate::commands::report::Report;

/// How much of an answer is read: the beginning tells what it is.
const MAX_BODY: usize = 16 * 1024;

/// What answers there.
#[derive(Debug)]
pub(super) struct Answer {
    status: u16,
    server: String,
    date: Option<String>,
    body: String,
    took: Duration,
}

/// Sends a request without credentials, and looks at the encryption and the answer.
pub(super) async fn ask(endpoint: &Endpoint, report: &mut Report<'_>) -> Option<Answer> {
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
    if cause.contains("UnknownIssuer") || cause.contains("BadSignature") {
        let cause =
            format!("the certificate is not trusted: its authority is not known here ({cause})");
        report.fail("TLS", &cause, CERTIFICATES);
        return;
    }
    let fix = if cause.contains("InvalidContentType") || cause.contains("corrupt message") {
        set_endpoint("http", host, *port)
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
        reach::millis(self.took)
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
        reach::seconds_ahead(self.date.as_deref()?, clock)
    }
}

#[cfg(test)]
mod tests {
    use super::super::endpoint::tests::endpoint;
    use super::*;

    /// A clock that stands still, at midnight.
    struct Midnight;

    impl Clock for Midnight {
        fn now(&self) -> enact_types::Timestamp {
            enact_types::Timestamp::parse("2026-11-23T00:00:00Z").unwrap()
        }
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
