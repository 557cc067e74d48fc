//! Stores the files of a folder, or fetches the objects below a prefix into one, many at a time.
//!
//! `cargo xtask bench storage` measures this program beside other clients; it is also an example of
//! the library at work. The store is named by `R2_ENDPOINT` and its fellows.
//!
//! ```text
//! load put FOLDER PREFIX CONCURRENCY    store FOLDER's files as PREFIX/NAME
//! load get PREFIX FOLDER CONCURRENCY    fetch them into FOLDER, which is there already
//! load clear PREFIX CONCURRENCY         delete them
//! ```

use std::env;
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use enact_storage::{Key, StorageClient, UploadOptions};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::io::AsyncWriteExt as _;

#[tokio::main]
async fn main() -> Result<()> {
    let client = StorageClient::from_env()?;
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["put", folder, prefix, concurrency] => {
            let files = files(Path::new(folder))?;
            let put = |file| put(client.clone(), file, prefix.to_owned());
            side_by_side(files, concurrency, put).await
        }
        ["get", prefix, folder, concurrency] => {
            let keys = keys(&client, prefix).await?;
            let get = |key| get(client.clone(), key, PathBuf::from(folder));
            side_by_side(keys, concurrency, get).await
        }
        ["clear", prefix, concurrency] => {
            let keys = keys(&client, prefix).await?;
            let clear = |key| clear(client.clone(), key);
            side_by_side(keys, concurrency, clear).await
        }
        _ => bail!(
            "say `put FOLDER PREFIX CONCURRENCY`, `get PREFIX FOLDER CONCURRENCY` or \
             `clear PREFIX CONCURRENCY`"
        ),
    }
}

/// Runs `task` on all of `items`, each in a task of its own so that every core is used, at most
/// `concurrency` at a time. Ends with the first failure.
async fn side_by_side<T, F>(items: Vec<T>, concurrency: &str, task: impl Fn(T) -> F) -> Result<()>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let concurrency: usize = concurrency
        .parse()
        .ok()
        .filter(|count| *count > 0)
        .with_context(|| format!("{concurrency:?} is no concurrency: use 1 or more"))?;
    let mut running = stream::iter(items)
        .map(|item| tokio::spawn(task(item)))
        .buffer_unordered(concurrency);
    while let Some(done) = running.try_next().await? {
        done?;
    }
    Ok(())
}

async fn put(client: StorageClient, file: PathBuf, prefix: String) -> Result<()> {
    let name = file.file_name().and_then(|name| name.to_str());
    let name = name.with_context(|| format!("{} has no name for a key", file.display()))?;
    let key = Key::parse(&format!("{prefix}/{name}"))?;
    let body = File::open(&file).with_context(|| file.display().to_string())?;
    client.upload(&key, body, UploadOptions::default()).await?;
    Ok(())
}

async fn get(client: StorageClient, key: Key, folder: PathBuf) -> Result<()> {
    let name = key.as_str().rsplit('/').next().unwrap_or_default();
    let path = folder.join(name);
    let mut file = tokio::fs::File::create_new(&path)
        .await
        .with_context(|| path.display().to_string())?;
    let mut download = client.download_stream(&key, None).await?;
    while let Some(bytes) = download.stream.try_next().await? {
        file.write_all(&bytes).await?;
    }
    // Tokio's file writes behind the caller's back; only this tells whether it went well.
    file.flush().await?;
    Ok(())
}

async fn clear(client: StorageClient, key: Key) -> Result<()> {
    Ok(client.delete(&key).await?)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = folder
        .read_dir()
        .with_context(|| folder.display().to_string())?;
    let files: Result<Vec<PathBuf>, _> = entries.map(|entry| Ok(entry?.path())).collect();
    files.map_err(|error: std::io::Error| error.into())
}

async fn keys(client: &StorageClient, prefix: &str) -> Result<Vec<Key>> {
    let objects = client.list(&format!("{prefix}/"));
    Ok(objects.map_ok(|object| object.key).try_collect().await?)
}
