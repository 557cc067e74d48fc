//! The way to the registry, and the registry itself.

use std::time::Instant;

use enact_types::SystemClock;
use tokio::time::timeout;
use url::Url;

use super::super::reach::{self, PATIENCE, addressed, millis};
use super::super::report::Report;
use crate::client::{ApiError, Client, ErrorKind, Health};
use crate::exit::Failure;
use crate::settings::Settings;

/// The checks that need a connection, in order.
pub(super) const CHECKS: [&str; 7] = ["DNS", "TCP", "TLS", "registry", "clock", "ready", "sign-in"];

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

/// Checks name and port, unless a proxy is asked.
async fn way(url: &Url, settings: &Settings, report: &mut Report<'_>) -> Option<()> {
    if let Some(variable) = reach::proxy_for(url) {
        let why = format!("requests go through the proxy in {variable}, which finds the registry");
        report.skip("DNS", &why);
        report.skip("TCP", &why);
        return Some(());
    }
    let origin = settings.registry.source();
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(443);
    let addresses = match reach::look_up(host, port).await {
        Ok(addresses) => addresses,
        Err(cause) => {
            let cause = format!("{host} is not known ({cause})");
            let fix = format!("check the registry's URL, {origin}, and this machine's network");
            report.fail("DNS", &cause, fix);
            return None;
        }
    };
    report.ok("DNS", &addressed(host, &addresses));
    match reach::connect(&addresses).await {
        Ok((address, took)) => {
            let took = millis(took);
            report.ok("TCP", &format!("{address} accepts connections ({took})"));
            Some(())
        }
        Err(error) => {
            let cause = format!("nothing answers on port {port} of {host} ({error})");
            let fix = if reach::is_loopback(url) {
                format!(
                    "start a registry here with `enact serve --port {port}`, or name another one: the \
                     URL is {origin}"
                )
            } else {
                format!("check that the registry runs, and its URL, {origin}")
            };
            report.fail("TCP", &cause, fix);
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
