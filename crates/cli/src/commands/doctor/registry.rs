//! The way to the registry, and the registry itself.

use std::time::Instant;

use enact_types::SystemClock;
use tokio::time::timeout;
use url::Url;

use super::super::reach::{self, PATIENCE, millis};
use super::super::report::Report;
use crate::client::{ApiError, Client, ErrorKind, Health};
use crate::exit::Failure;
use crate::settings::{Proxies, Settings};

/// The checks of the way, and those that need a connection, in order.
pub(super) const CHECKS: [&str; 8] = [
    "proxies", "DNS", "TCP", "TLS", "registry", "clock", "ready", "sign-in",
];

/// How far two clocks may be apart, in seconds: tokens of identity providers are refused beyond about a
/// minute.
const MAX_SKEW_SECONDS: u64 = 60;

/// Checks the way there and what is there. `None` if it cannot be reached.
pub(super) async fn check(settings: &Settings, report: &mut Report<'_>) -> Option<Client> {
    let url = match settings.registry.join("/health") {
        Ok(url) => url,
        Err(error) => {
            report.fail(
                "registry",
                &error.to_string(),
                "enact config set registry.url URL",
            );
            return None;
        }
    };
    way(&url, settings, report).await?;
    let client = match Client::new(settings.clone()) {
        Ok(client) => client,
        Err(error) => {
            unanswered(&url, error, report);
            return None;
        }
    };
    let started = Instant::now();
    let health = match timeout(PATIENCE, client.health()).await {
        Ok(Ok(health)) => health,
        Ok(Err(error)) => {
            unanswered(&url, error, report);
            return None;
        }
        Err(_) => {
            unanswered(&url, ErrorKind::Timeout(PATIENCE).into(), report);
            return None;
        }
    };
    if url.scheme() == "https" {
        let host = url.host_str().unwrap_or_default();
        report.ok("TLS", &format!("the certificate of {host} is good"));
    } else if settings.registry.is_plain() {
        let found = "not used: others on the way can read what is sent, the token too";
        report.warn("TLS", found, "use the registry's https:// address");
    } else {
        report.skip("TLS", "not used: the registry is this machine's");
    }
    let took = millis(started.elapsed());
    report.ok(
        "registry",
        &format!("enact {} answers ({took})", health.version),
    );
    clock(&health, report);
    ready(&client, report).await;
    Some(client)
}

/// Checks name and port of the registry, or of the proxy that is asked for it.
async fn way(url: &Url, settings: &Settings, report: &mut Report<'_>) -> Option<()> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    // One that cannot be used has been told.
    let proxy = Proxies::from_env().on_the_way_to(url).ok()?;
    let Some(proxy) = proxy else {
        let port = url.port_or_known_default().unwrap_or(443);
        let origin = settings.registry.source();
        let no_name = format!("check the registry's URL, {origin}, and this machine's network");
        let no_port = if reach::is_loopback(url) {
            format!(
                "start a registry here with `enact serve --port {port}`, or name another one: the \
                 URL is {origin}"
            )
        } else {
            format!("check that the registry runs, and its URL, {origin}")
        };
        return hop((host, port), "", [no_name, no_port], report).await;
    };
    let fix = proxy.avoid(host);
    let through = format!(", for the proxy {proxy}");
    hop(
        (proxy.host(), proxy.port()),
        &through,
        [fix.clone(), fix],
        report,
    )
    .await
}

/// Checks a name and a port; `whose` they are, if not the registry's, is told. The fixes are for a name
/// that is not known, and for a port where nothing answers.
async fn hop(
    (host, port): (&str, u16),
    whose: &str,
    [no_name, no_port]: [String; 2],
    report: &mut Report<'_>,
) -> Option<()> {
    let addresses = match reach::look_up(host, port).await {
        Ok(addresses) => addresses,
        Err(cause) => {
            let cause = format!("{host} is not known ({cause}){whose}");
            report.fail("DNS", &cause, no_name);
            return None;
        }
    };
    let found = reach::addressed(host, &addresses);
    report.ok("DNS", &format!("{found}{whose}"));
    match reach::connect(&addresses).await {
        Ok((address, took)) => {
            let took = millis(took);
            let found = format!("{address} accepts connections ({took}){whose}");
            report.ok("TCP", &found);
            Some(())
        }
        Err(error) => {
            let cause = format!("nothing answers on port {port} of {host} ({error}){whose}");
            report.fail("TCP", &cause, no_port);
            None
        }
    }
}

/// What is wrong is the encryption if that is what was told.
fn unanswered(url: &Url, error: ApiError, report: &mut Report<'_>) {
    let failure = Failure::from(error);
    let message = failure.message();
    let is_about_tls = [
        "certificate",
        "InvalidContentType",
        "corrupt message",
        "alert",
    ]
    .iter()
    .any(|word| message.contains(word));
    if url.scheme() == "https" && is_about_tls {
        let fix = "if the registry has a certificate of your own: export ENACT_CA_CERT=FILE";
        report.fail("TLS", message, fix);
        return;
    }
    let fix = match failure.hints() {
        [] => "check that this is the URL of an Enact registry: enact config get registry.url",
        [hint, ..] => hint,
    };
    report.fail("registry", message, fix);
}

fn clock(health: &Health, report: &mut Report<'_>) {
    const NAME: &str = "clock";
    let date = health.date.as_deref();
    let Some(ahead) = date.and_then(|date| reach::seconds_ahead(date, &SystemClock)) else {
        report.skip(NAME, "the registry does not tell its time");
        return;
    };
    let found = reach::skew(ahead, "registry");
    if ahead.unsigned_abs() <= MAX_SKEW_SECONDS {
        report.ok(NAME, &found);
    } else {
        let fix = "set this machine's clock (`timedatectl set-ntp true`), or the registry's";
        report.warn(NAME, &format!("{found}; tokens may be refused"), fix);
    }
}

async fn ready(client: &Client, report: &mut Report<'_>) {
    const NAME: &str = "ready";
    match timeout(PATIENCE, client.ready()).await {
        Ok(Ok(())) => report.ok(NAME, "the registry reaches its database and its bundles"),
        Ok(Err(error)) => {
            let failure = Failure::from(error);
            report.fail(
                NAME,
                failure.message(),
                "whoever operates it: enact doctor --server",
            );
        }
        Err(_) => {
            let cause = "the registry does not say in time whether it works";
            report.fail(NAME, cause, "whoever operates it: enact doctor --server");
        }
    }
}
