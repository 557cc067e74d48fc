//! Gets a bundle from the registry and makes sure that it is the right one.

use std::fs::File;
use std::io::{Seek as _, Write as _};

use enact_types::Hasher;
use enact_types::limits::MAX_BUNDLE_BYTES;
use indicatif::ProgressBar;

use crate::client::{ApiError, Body, Client, ErrorKind, VersionDetails};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::text::bytes;

/// The bundle that `details` describe, ready to be read from its start.
///
/// Goes to a file that has no name, so that nothing of it is left however this program ends.
pub(in crate::commands) async fn bundle(
    client: &Client,
    details: &VersionDetails,
    printer: &Printer,
) -> Result<File, Failure> {
    let size = details.bundle.size;
    if size > MAX_BUNDLE_BYTES {
        return Err(untrusted(&format!(
            "the registry says that the bundle has {size} bytes; {} are the most",
            bytes(MAX_BUNDLE_BYTES)
        )));
    }
    let body = client
        .download(&details.name, &details.version, details.yanked)
        .await;
    let progress = printer.transfer("Downloading", size);
    let received = match body {
        Ok(body) => receive(body, details, &progress).await,
        Err(error) => Err(broken(error)),
    };
    progress.finish_and_clear();
    received
}

async fn receive(
    mut body: Body,
    details: &VersionDetails,
    progress: &ProgressBar,
) -> Result<File, Failure> {
    let size = details.bundle.size;
    let wrong_size = |got: String| {
        untrusted(&format!(
            "the registry sent a bundle of {got} bytes instead of {size}"
        ))
    };
    if let Some(announced) = body.announced().filter(|&announced| announced != size) {
        return Err(wrong_size(announced.to_string()));
    }
    let mut file = tempfile::tempfile().map_err(|error| spool_failure(&error))?;
    let mut hasher = Hasher::default();
    let mut count = 0;
    while let Some(chunk) = body.chunk().await.map_err(broken)? {
        let chunk = chunk.as_ref();
        count += chunk.len() as u64;
        if count > size {
            return Err(wrong_size(format!("more than {size}")));
        }
        hasher.update(chunk);
        file.write_all(chunk)
            .map_err(|error| spool_failure(&error))?;
        progress.inc(chunk.len() as u64);
    }
    if count < size {
        return Err(wrong_size(count.to_string()));
    }
    let (expected, hash) = (details.bundle.hash, hasher.finish());
    if hash != expected {
        return Err(untrusted(&format!(
            "the downloaded bundle has the hash {hash}, but the registry promised {expected}"
        )));
    }
    file.rewind().map_err(|error| spool_failure(&error))?;
    Ok(file)
}

/// The download is not what it should be.
fn untrusted(message: &str) -> Failure {
    Failure::new("HASH_MISMATCH", format!("{message}; nothing was installed"))
        .hint("try again; if it stays so, do not trust this registry")
        .with_exit(Exit::Untrusted)
}

/// The download did not arrive.
fn broken(error: ApiError) -> Failure {
    let again = matches!(error.kind(), ErrorKind::Broken(_) | ErrorKind::Timeout(_));
    let failure = Failure::from(error).with_exit(Exit::Registry);
    if again {
        return failure.hint("nothing was installed; try again");
    }
    failure
}

/// The temporary file failed.
pub(in crate::commands) fn spool_failure(error: &std::io::Error) -> Failure {
    Failure::io("cannot write the download to a temporary file", error)
}
