//! `enact storage put` and `get`: files to the store and back, a piece at a time.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use enact_storage::{Body, Download, Key, StorageClient, UploadOptions};
use enact_types::Hasher;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use indicatif::ProgressBar;
use serde_json::json;

use super::objects::size;
use super::store::failure;
use crate::args::{Get, Put};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;

/// What is read of a file at a time.
const CHUNK: usize = 64 * 1024;

/// Stands for stdin or stdout.
const DASH: &str = "-";

/// `enact storage put`.
pub(super) async fn put(
    args: Put,
    client: &StorageClient,
    printer: &Printer,
) -> Result<(), Failure> {
    let Put {
        file,
        key,
        content_type,
        create_only,
    } = args;
    let (body, bar) = if file == Path::new(DASH) {
        let bar = printer.open_transfer("Uploading");
        (pieces(io::stdin(), None, &bar), bar)
    } else {
        let cannot_read =
            |error: io::Error| Failure::io(format!("cannot read {}", file.display()), &error);
        let source = File::open(&file).map_err(cannot_read)?;
        let metadata = source.metadata().map_err(cannot_read)?;
        if metadata.is_dir() {
            return Err(cannot_read(io::ErrorKind::IsADirectory.into()));
        }
        // What is not a regular file has no length that could be trusted.
        let length = metadata.is_file().then_some(metadata.len());
        let bar = match length {
            Some(length) => printer.transfer("Uploading", length),
            None => printer.open_transfer("Uploading"),
        };
        (pieces(source, length, &bar), bar)
    };
    let mut options = UploadOptions::default().create_only(create_only);
    let content_type = content_type.or_else(|| usual_type(&key).map(str::to_owned));
    if let Some(content_type) = content_type {
        options = options.content_type(content_type);
    }
    let uploaded = client.upload(&key, Body::Stream(body), options).await;
    bar.finish_and_clear();
    let uploaded = uploaded.map_err(|error| failure(&error))?;
    printer.json(&json!({
        "key": key.as_str(),
        "size": uploaded.size,
        "etag": uploaded.etag,
        "url": uploaded.url,
    }));
    printer.success(&format!(
        "Stored {} ({})",
        key.as_str(),
        size(uploaded.size)
    ));
    Ok(())
}

/// The bytes of a file. Fails if there are not as many as its length says: it changed meanwhile.
fn pieces(
    file: impl Read + Send + 'static,
    length: Option<u64>,
    bar: &ProgressBar,
) -> BoxStream<'static, io::Result<Bytes>> {
    let bar = bar.clone();
    stream::try_unfold((file, 0_u64), move |(mut file, count)| {
        let bar = bar.clone();
        async move {
            let (file, chunk) = tokio::task::spawn_blocking(move || {
                let mut chunk = vec![0; CHUNK];
                let count = file.read(&mut chunk)?;
                chunk.truncate(count);
                io::Result::Ok((file, chunk))
            })
            .await??;
            let count = count + chunk.len() as u64;
            let ended = chunk.is_empty();
            let expected = match length {
                Some(length) if ended => count == length,
                Some(length) => count <= length,
                None => true,
            };
            if !expected {
                return Err(io::Error::other("the file changed while it was read"));
            }
            bar.inc(chunk.len() as u64);
            Ok((!ended).then(|| (Bytes::from(chunk), (file, count))))
        }
    })
    .boxed()
}

fn usual_type(key: &Key) -> Option<&'static str> {
    let key = key.as_str().to_ascii_lowercase();
    let gzip = [".tar.gz", ".tgz"].iter().any(|end| key.ends_with(end));
    gzip.then_some("application/gzip")
}

/// `enact storage get`.
pub(super) async fn get(
    args: Get,
    json: bool,
    client: &StorageClient,
    printer: &Printer,
) -> Result<(), Failure> {
    let Get { key, file } = args;
    let to_stdout = file.as_deref() == Some(Path::new(DASH));
    if to_stdout && json {
        return Err(
            Failure::new("USAGE", "stdout cannot hold both the object and JSON")
                .hint("name a file to write to, or leave --json out")
                .with_exit(Exit::Usage),
        );
    }
    let download = client.download_stream(&key, None).await;
    let download = download.map_err(|error| failure(&error))?;
    let length = download.metadata.size;
    let etag = download.metadata.etag.clone();
    let bar = printer.transfer("Downloading", length);
    if to_stdout {
        let written = receive(download, &mut io::stdout().lock(), &bar, "stdout").await;
        bar.finish_and_clear();
        return written.map(drop);
    }
    let path = target(file, &key);
    let shown = path.display().to_string();
    let cannot_write = |error: &io::Error| Failure::io(format!("cannot write {shown}"), error);
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    // Beside the target, so that the name goes to the whole file or stays where it was.
    let mut draft = tempfile::Builder::new()
        .prefix(".enact-")
        .permissions(readable_as_others())
        .tempfile_in(folder)
        .map_err(|error| cannot_write(&error))?;
    let received = receive(download, draft.as_file_mut(), &bar, &shown).await;
    bar.finish_and_clear();
    let hash = received?;
    draft
        .as_file()
        .sync_all()
        .map_err(|error| cannot_write(&error))?;
    draft
        .persist(&path)
        .map_err(|error| cannot_write(&error.error))?;
    printer.json(&json!({
        "key": key.as_str(),
        "file": path,
        "size": length,
        "etag": etag,
        "hash": hash,
    }));
    printer.success(&format!("Wrote {shown} ({})", size(length)));
    Ok(())
}

/// As any new file: what the process's mask leaves of it.
fn readable_as_others() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::Permissions::from_mode(0o666)
}

/// Writes an object's bytes, and gives their hash.
async fn receive(
    mut download: Download,
    to: &mut impl Write,
    bar: &ProgressBar,
    shown: &str,
) -> Result<String, Failure> {
    let mut hasher = Hasher::default();
    let next = download.stream.try_next();
    let mut chunk = next.await.map_err(|error| failure(&error))?;
    while let Some(bytes) = chunk {
        hasher.update(&bytes);
        to.write_all(&bytes)
            .map_err(|error| Failure::io(format!("cannot write {shown}"), &error))?;
        bar.inc(bytes.len() as u64);
        let next = download.stream.try_next();
        chunk = next.await.map_err(|error| failure(&error))?;
    }
    to.flush()
        .map_err(|error| Failure::io(format!("cannot write {shown}"), &error))?;
    Ok(hasher.finish().to_string())
}

/// Where to write: the file named, or a file called as the end of the key.
fn target(file: Option<PathBuf>, key: &Key) -> PathBuf {
    let name = key.as_str().rsplit('/').next().unwrap_or_default();
    match file {
        Some(folder) if folder.is_dir() => folder.join(name),
        Some(file) => file,
        None => PathBuf::from(name),
    }
}
