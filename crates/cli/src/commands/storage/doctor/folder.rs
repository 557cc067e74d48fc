//! The checks of a local folder.

use std::path::Path;

use enact_storage::{StorageClient, StorageErrorKind, UploadOptions};
use futures_util::TryStreamExt as _;

use super::super::probe::Probes;
use super::super::until_ctrl_c;
use super::access::CONTENT;
use super::clean_up;
use crate::commands::report::Report;
use crate::exit::Failure;

/// Checks the folder, and removes what that took. Gives what the store is.
pub(super) async fn check(
    folder: &Path,
    report: &mut Report<'_>,
) -> Result<Option<String>, Failure> {
    let shown = folder.display();
    let client = match StorageClient::local(folder) {
        Ok(client) => client,
        Err(error) => {
            let fix = format!("name another folder with --data, or make {shown} writable");
            report.fail("settings", error.message(), fix);
            return Ok(None);
        }
    };
    report.ok("settings", &client.describe());
    let mut probes = Probes::new(&client);
    let checked = until_ctrl_c(operations(&client, &mut probes, folder, report)).await;
    clean_up(probes, report).await;
    checked.map(|()| Some(client.describe()))
}

async fn operations(
    client: &StorageClient,
    probes: &mut Probes,
    folder: &Path,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let key = probes.key("permissions")?;
    let options = UploadOptions::default().content_type("text/plain");
    let put = client.upload(&key, CONTENT, options).await.map(drop);
    let head = client.get_metadata(&key).await;
    let typed = head
        .as_ref()
        .map(|metadata| metadata.content_type.is_some());
    let keeps_types = typed.unwrap_or(true);
    let get = client.download(&key).await.map(drop);
    let list = client.list(key.as_str()).try_next().await.map(drop);
    let delete = client.delete(&key).await;
    let results = [
        ("put", put),
        ("head", head.map(drop)),
        ("get", get),
        ("list", list),
        ("delete", delete),
    ];
    for (name, result) in results {
        match result {
            Ok(()) => report.ok(name, "works"),
            Err(error) => report.fail(
                name,
                error.message(),
                format!(
                    "check owner, permissions and free space of {}",
                    folder.display()
                ),
            ),
        }
    }
    if keeps_types {
        report.ok(
            "attributes",
            "the file system keeps content types and metadata",
        );
    } else {
        report.warn(
            "attributes",
            "the file system has no extended attributes: content types and metadata are not kept",
            "nothing to do: the registry's catalog has them",
        );
    }
    let key = probes.key("conditional")?;
    let create = |content: &'static str| {
        client.upload(&key, content, UploadOptions::default().create_only(true))
    };
    let (one, other) = tokio::join!(create("one"), create("other"));
    match [one.err(), other.err()] {
        [None, Some(error)] | [Some(error), None]
            if error.kind() == StorageErrorKind::AlreadyExists =>
        {
            report.ok(
                "conditional put",
                "of two writers at the same moment one won",
            );
        }
        _ => report.fail(
            "conditional put",
            "two writers at the same moment did not end with one winner",
            "use a file system with hard links, not a network share",
        ),
    }
    report.skip(
        "presigned link",
        "a local folder has none: the registry serves the bundles",
    );
    Ok(())
}
