//! `enact storage stat`, `ls`, `rm` and `presign`.

use enact_storage::{PresignPutOptions, StorageClient};
use enact_types::Timestamp;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::store::failure;
use crate::args::{Ls, Presign, Rm, Stat};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::text::bytes;

/// A size for people, and exactly.
pub(super) fn size(count: u64) -> String {
    if count < 1024 {
        return bytes(count);
    }
    format!("{}, {count} bytes", bytes(count))
}

/// `enact storage stat`.
pub(super) async fn stat(
    args: Stat,
    client: &StorageClient,
    printer: &Printer,
) -> Result<(), Failure> {
    let key = args.key;
    let metadata = client.get_metadata(&key).await.map_err(|e| failure(&e))?;
    printer.json(&json!({
        "key": key.as_str(),
        "size": metadata.size,
        "contentType": metadata.content_type,
        "etag": metadata.etag,
        "lastModified": metadata.last_modified,
        "metadata": metadata.metadata,
    }));
    printer.heading(key.as_str());
    let unknown = || "unknown".to_owned();
    let mut rows = vec![
        ("Size", size(metadata.size)),
        (
            "Content type",
            metadata.content_type.unwrap_or_else(unknown),
        ),
        ("ETag", metadata.etag.unwrap_or_else(unknown)),
        ("Last modified", time(metadata.last_modified)),
    ];
    for (name, value) in &metadata.metadata {
        rows.push(("Metadata", format!("{name}: {value}")));
    }
    printer.facts(&rows);
    Ok(())
}

/// `enact storage ls`.
pub(super) async fn ls(args: Ls, client: &StorageClient, printer: &Printer) -> Result<(), Failure> {
    let Ls { prefix, limit } = args;
    let mut objects: Vec<Value> = Vec::new();
    let (mut count, mut total) = (0_u32, 0_u64);
    let mut truncated = false;
    let mut listing = client.list(&prefix);
    while let Some(listed) = listing.next().await {
        let listed = listed.map_err(|error| failure(&error))?;
        if count == limit {
            truncated = true;
            break;
        }
        count += 1;
        total = total.saturating_add(listed.size);
        if printer.is_json() {
            objects.push(json!({
                "key": listed.key.as_str(),
                "size": listed.size,
                "etag": listed.etag,
                "lastModified": listed.last_modified,
            }));
        } else {
            printer.line(&format!(
                "{:>10}  {:>24}  {}",
                bytes(listed.size),
                time(listed.last_modified),
                listed.key.as_str()
            ));
        }
    }
    printer.json(&json!({ "objects": objects, "size": total, "truncated": truncated }));
    let plural = if count == 1 { "" } else { "s" };
    printer.note(&format!("{count} object{plural}, {}", size(total)));
    if truncated {
        printer.warning(&format!(
            "there are more than {limit} objects; --limit shows more"
        ));
    }
    Ok(())
}

fn time(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "unknown".to_owned(), |time| time.to_string())
}

/// `enact storage rm`.
pub(super) async fn rm(args: Rm, client: &StorageClient, printer: &Printer) -> Result<(), Failure> {
    let mut deleted = Vec::new();
    let mut first = None;
    for key in &args.keys {
        match client.delete(key).await {
            Ok(()) => {
                printer.success(&format!("Deleted {}", key.as_str()));
                deleted.push(key.as_str());
            }
            Err(error) if first.is_none() => first = Some(failure(&error)),
            // One line for each key that is still there; the last word has the first error.
            Err(error) => printer.warning(&error.to_string()),
        }
    }
    let error = first
        .as_ref()
        .map(|failure| json!({"code": failure.code(), "message": failure.message()}));
    printer.json(&json!({ "deleted": deleted, "error": error }));
    first.map_or(Ok(()), |failure| Err(failure.already_in_json()))
}

/// `enact storage presign`.
pub(super) async fn presign(
    args: Presign,
    client: &StorageClient,
    printer: &Printer,
) -> Result<(), Failure> {
    let Presign {
        key,
        expires,
        put,
        content_type,
    } = args;
    let url = if put {
        let mut options = PresignPutOptions::default();
        if let Some(content_type) = content_type {
            options = options.content_type(content_type);
        }
        client.presign_put(&key, expires, options).await
    } else {
        client.presign_get(&key, expires).await
    };
    let url = url.map_err(|error| failure(&error))?;
    let method = if put { "PUT" } else { "GET" };
    printer.json(&json!({
        "key": key.as_str(),
        "method": method,
        "url": url.as_str(),
        "expiresInSeconds": expires.as_secs(),
    }));
    printer.line(url.as_str());
    Ok(())
}
