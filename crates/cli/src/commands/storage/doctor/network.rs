//! The way to the store: its name and its port.

use std::io;
use std::net::SocketAddr;

use url::Url;

use super::answer::{Answer, ask};
use super::endpoint::{Endpoint, set_endpoint};
use crate::commands::reach::{self, is_loopback};
use crate::commands::report::Report;
use crate::settings::{Proxies, Proxy};

/// Checks the way. `None` if the store cannot be reached.
pub(super) async fn check(endpoint: &Endpoint, report: &mut Report<'_>) -> Option<Answer> {
    if let Some(proxy) = proxy_to(&endpoint.bucket_url) {
        let why = format!("requests go through the proxy {proxy}, which finds the store");
        report.skip("DNS", &why);
        report.skip("TCP", &why);
    } else {
        let addresses = resolve(endpoint, report).await?;
        connect(endpoint, &addresses, report).await?;
    }
    ask(endpoint, report).await
}

/// The proxy on the way to a store; to one on this machine there is none.
fn proxy_to(store: &Url) -> Option<Proxy> {
    if is_loopback(store) {
        return None;
    }
    Proxies::from_env().on_the_way_to(store).ok().flatten()
}

async fn resolve(endpoint: &Endpoint, report: &mut Report<'_>) -> Option<Vec<SocketAddr>> {
    let host = endpoint.host.as_str();
    let cause = match reach::look_up(host, endpoint.port).await {
        Ok(addresses) => {
            report.ok("DNS", &reach::addressed(host, &addresses));
            return Some(addresses);
        }
        Err(cause) => cause,
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
    let error = match reach::connect(addresses).await {
        Ok((address, took)) => {
            let took = reach::millis(took);
            report.ok("TCP", &format!("{address} accepts connections ({took})"));
            return Some(());
        }
        Err(error) => error,
    };
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

#[cfg(test)]
mod tests {
    use super::super::endpoint::tests::endpoint;
    use super::*;

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
    fn a_refused_connection_names_the_way_out_of_a_container() {
        let refused = io::ErrorKind::ConnectionRefused.into();
        let (cause, fix) = unconnected(&endpoint("http://localhost:9000"), &refused);
        assert!(cause.contains("nothing listens on port 9000"), "{cause}");
        assert!(
            fix.contains("R2_ENDPOINT=http://host.docker.internal:9000"),
            "{fix}"
        );
    }
}
