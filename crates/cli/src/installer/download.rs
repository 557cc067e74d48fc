//! Downloads a bundle and makes sure that it is the right one.

use std::fs::File;
use std::io::{Seek as _, Write as _};

use enact_types::Hasher;
use enact_types::limits::MAX_BUNDLE_BYTES;
use indicatif::ProgressBar;

use super::{Target, Yanked};
use crate::client::{ApiError, Client, Download, ErrorKind};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::text::bytes;
use crate::tool_request::Wanted;

/// The bundle of `target`, ready to be read from its start.
///
/// Goes to a file that has no name, so that nothing of it is left however this program ends.
pub(crate) async fn bundle(
    client: &Client,
    target: &Target,
    printer: &Printer,
    progress: &ProgressBar,
) -> Result<File, Failure> {
    let Target {
        name,
        version,
        size,
        ..
    } = target;
    if *size > MAX_BUNDLE_BYTES {
        return Err(untrusted(&format!(
            "the bundle of {name}@{version} should have {size} bytes; {} are the most",
            bytes(MAX_BUNDLE_BYTES)
        )));
    }
    let acknowledged = matches!(target.yanked, Yanked::Yes { .. });
    let mut body = client.download(name, version, acknowledged).await;
    if let (Yanked::Unknown, Err(error)) = (&target.yanked, &body)
        && error.refusal_code() == Some("VERSION_YANKED")
    {
        // It was good when it was locked, and whoever has the lock depends on it.
        printer.warning(&format!("{name}@{version} is locked, and was yanked"));
        printer.note(&match &target.requested {
            Wanted::Exact(_) => {
                format!("`enact update --latest {name}` looks for another version.")
            }
            Wanted::Latest | Wanted::Range(_) => {
                format!("`enact update {name}` looks for another version.")
            }
        });
        body = client.download(name, version, true).await;
    }
    progress.inc_length(*size);
    receive(body.map_err(broken)?, target, progress).await
}

async fn receive(
    mut body: Download<'_>,
    target: &Target,
    progress: &ProgressBar,
) -> Result<File, Failure> {
    let Target {
        name,
        version,
        size,
        hash: expected,
        ..
    } = target;
    let size = *size;
    let wrong_size = |got: String| {
        untrusted(&format!(
            "the registry sent a bundle of {name}@{version} that has {got} bytes instead of {size}"
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
    let hash = hasher.finish();
    if hash != *expected {
        return Err(untrusted(&format!(
            "the downloaded bundle of {name}@{version} has the hash {hash} and should have {expected}"
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
fn spool_failure(error: &std::io::Error) -> Failure {
    Failure::io("cannot write the download to a temporary file", error)
}
