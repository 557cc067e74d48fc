//! Stores the files of a folder, or fetches the objects below a prefix into one, many at a time.
//!
//! `cargo xtask bench storage` measures this program beside other clients; it is also an example of
//! the library at work. The store is named by `R2_ENDPOINT` and its fellows.
//!
//! ```text
//! load put FOLDER PREFIX CONCURRENCY    store FOLDER's files as PREFIX/NAME
//! load get PREFIX FOLDER CONCURRENCY    fetch them into FOLDER, which is there already
//! load clear PREFIX CONCURRENCY         delete them
//! load bare-put FOLDER PREFIX CONCURRENCY    as put and get, without this or any other client: the
//! load bare-get PREFIX FOLDER CONCURRENCY    least that the store itself takes (see `bare.rs`)
//! ```

mod bare;

use std::env;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use enact_storage::{Key, PresignPutOptions, StorageClient, UploadOptions};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

/// How long the links for bare sockets are valid.
const LINK_EXPIRY: Duration = Duration::from_hours(1);

/// How many pieces of a download are written at once, at most.
const PIECES_AT_ONCE: usize = 16;

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
            let get = |key| {
                let path = target(&key, folder);
                get(client.clone(), key, path)
            };
            side_by_side(keys, concurrency, get).await
        }
        ["clear", prefix, concurrency] => {
            let keys = keys(&client, prefix).await?;
            let clear = |key| clear(client.clone(), key);
            side_by_side(keys, concurrency, clear).await
        }
        ["bare-put", folder, prefix, concurrency] => {
            let mut exchanges = Vec::new();
            for file in files(Path::new(folder))? {
                let key = key_of(&file, prefix)?;
                let options = PresignPutOptions::default();
                let url = client.presign_put(&key, LINK_EXPIRY, options).await?;
                exchanges.push(bare::Exchange::put(url.as_str(), file)?);
            }
            bare::run(exchanges, parse_concurrency(concurrency)?)
        }
        ["bare-get", prefix, folder, concurrency] => {
            let mut exchanges = Vec::new();
            for key in keys(&client, prefix).await? {
                let url = client.presign_get(&key, LINK_EXPIRY).await?;
                exchanges.push(bare::Exchange::get(url.as_str(), target(&key, folder))?);
            }
            bare::run(exchanges, parse_concurrency(concurrency)?)
        }
        _ => bail!(
            "say `put FOLDER PREFIX CONCURRENCY`, `get PREFIX FOLDER CONCURRENCY` or \
             `clear PREFIX CONCURRENCY`; for bare sockets `bare-put` and `bare-get`"
        ),
    }
}

/// Runs `task` on all of `items`, each in a task of its own so that every core is used, at most
/// `concurrency` at a time. Ends with the first failure.
async fn side_by_side<T, F>(items: Vec<T>, concurrency: &str, task: impl Fn(T) -> F) -> Result<()>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let concurrency = parse_concurrency(concurrency)?;
    let mut running = stream::iter(items)
        .map(|item| tokio::spawn(task(item)))
        .buffer_unordered(concurrency);
    while let Some(done) = running.try_next().await? {
        done?;
    }
    Ok(())
}

fn parse_concurrency(text: &str) -> Result<usize> {
    text.parse()
        .ok()
        .filter(|count| *count > 0)
        .with_context(|| format!("{text:?} is no concurrency: use 1 or more"))
}

/// The key of a file below a prefix.
fn key_of(file: &Path, prefix: &str) -> Result<Key> {
    let name = file.file_name().and_then(|name| name.to_str());
    let name = name.with_context(|| format!("{} has no name for a key", file.display()))?;
    Ok(Key::parse(&format!("{prefix}/{name}"))?)
}

/// The file that an object goes to.
fn target(key: &Key, folder: &str) -> PathBuf {
    let name = key.as_str().rsplit('/').next().unwrap_or_default();
    Path::new(folder).join(name)
}

async fn put(client: StorageClient, file: PathBuf, prefix: String) -> Result<()> {
    let key = key_of(&file, &prefix)?;
    let body = File::open(&file).with_context(|| file.display().to_string())?;
    client.upload(&key, body, UploadOptions::default()).await?;
    Ok(())
}

async fn get(client: StorageClient, key: Key, path: PathBuf) -> Result<()> {
    let file = File::create_new(&path).with_context(|| path.display().to_string())?;
    let file = Arc::new(file);
    let download = client.download_stream(&key, None).await?;
    // Writing blocks, so it is done elsewhere; for all pieces at once that are there, since each
    // way there and back costs more than writing one.
    let mut batches = download.stream.ready_chunks(PIECES_AT_ONCE);
    while let Some(batch) = batches.next().await {
        let file = Arc::clone(&file);
        tokio::task::spawn_blocking(move || {
            let mut file = &*file;
            batch
                .into_iter()
                .try_for_each(|piece| anyhow::Ok(file.write_all(&piece?)?))
        })
        .await?
        .with_context(|| path.display().to_string())?;
    }
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
