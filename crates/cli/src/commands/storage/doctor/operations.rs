//! What some stores do and others do not.

use std::time::Duration;

use enact_storage::config::vars;
use enact_storage::{StorageClient, StorageConfig, StorageError, StorageErrorKind, UploadOptions};

use super::super::probe::Probes;
use super::access::CONTENT;
use super::answer::{innermost, plain_client};
use crate::commands::reach::is_loopback;
use crate::commands::report::Report;
use crate::exit::Failure;

/// How long the link of the check is good for.
const LINK_EXPIRY: Duration = Duration::from_mins(1);

/// Two writers create the same object at the same moment, and one comes later.
pub(super) async fn conditional_put(
    client: &StorageClient,
    probes: &mut Probes,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    const NAME: &str = "conditional put";
    const HARMLESS: &str = "nothing to do: the registry's catalog decides who publishes a version";
    let key = probes.key("conditional")?;
    let create = |content: &'static str| {
        client.upload(&key, content, UploadOptions::default().create_only(true))
    };
    let (one, other) = tokio::join!(create("one"), create("other"));
    let late = create("late").await;
    let created = |result: &Result<_, StorageError>| match result {
        Ok(_) => Some(true),
        Err(error) if error.kind() == StorageErrorKind::AlreadyExists => Some(false),
        Err(_) => None,
    };
    match (created(&one), created(&other), created(&late)) {
        (Some(true), Some(false), Some(false)) | (Some(false), Some(true), Some(false)) => {
            report.ok(
                NAME,
                "of two writers at the same moment one won, and a later one lost",
            );
        }
        (Some(true), Some(true), Some(false)) => report.warn(
            NAME,
            "the store checks, but two writers at the same moment both got through",
            HARMLESS,
        ),
        (_, _, Some(true)) => {
            report.warn(
                NAME,
                "the store ignores If-None-Match and overwrites",
                HARMLESS,
            );
        }
        _ => {
            let error = [one.err(), other.err(), late.err()]
                .into_iter()
                .flatten()
                .find(|error| error.kind() != StorageErrorKind::AlreadyExists);
            match error {
                Some(error) if error.kind() != StorageErrorKind::Unsupported => {
                    report.fail(NAME, error.message(), "see the store's own log");
                }
                _ => report.warn(NAME, "the store does not support If-None-Match", HARMLESS),
            }
        }
    }
    Ok(())
}

/// Reads an object through a presigned link, with a client that has no credentials.
pub(super) async fn presigned(
    config: &StorageConfig,
    client: &StorageClient,
    probes: &mut Probes,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    const NAME: &str = "presigned link";
    let key = probes.key("presigned")?;
    let stored = client.upload(&key, CONTENT, UploadOptions::default()).await;
    let link = match stored {
        Ok(_) => client.presign_get(&key, LINK_EXPIRY).await,
        Err(error) => Err(error),
    };
    let link = match link {
        Ok(link) => link,
        Err(error) => {
            report.fail(NAME, error.message(), "see the store's own log");
            return Ok(());
        }
    };
    let host = link.host_str().unwrap_or_default().to_owned();
    let opened = match plain_client(&link) {
        Ok(http) => match http.get(link.clone()).send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                response.bytes().await.map(|body| (status, body))
            }
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    let public = config.public_endpoint.is_some();
    let variable = if public {
        vars::PUBLIC_ENDPOINT
    } else {
        vars::ENDPOINT
    };
    match opened {
        Ok((200, body)) if body == CONTENT => {
            let reach = if is_loopback(&link) {
                format!("opens on this machine; for others set {}", vars::PUBLIC_ENDPOINT)
            } else {
                format!("opens at {host} without credentials")
            };
            report.ok(NAME, &reach);
        }
        Ok((200, _)) => report.fail(
            NAME,
            &format!("{host} answers with something else than the object"),
            format!("set {variable} to the S3 API, not to a cache or a website"),
        ),
        Ok((status, _)) => report.fail(
            NAME,
            &format!("{host} refuses the link with status {status}"),
            format!(
                "{variable} must name the S3 API itself: a proxy in front has to keep the Host header and the path"
            ),
        ),
        Err(error) => report.fail(
            NAME,
            &format!("the link to {host} does not open: {}", innermost(&error)),
            format!("export {}=… with a URL under which the store is reachable from here too", vars::PUBLIC_ENDPOINT),
        ),
    }
    Ok(())
}
