//! What only a local folder can get wrong: its files.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use enact_storage::{
    Key, Listed, StorageClient, StorageErrorCode, StorageErrorKind, UploadOptions,
};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, TryStreamExt as _};
use libtest_mimic::Trial;

use crate::backends::scratch;
use crate::data;

struct Bench {
    /// Holds the store's folder and what lies outside of it.
    around: tempfile::TempDir,
    client: StorageClient,
}

impl Bench {
    fn new() -> Result<Self> {
        let around = tempfile::tempdir_in(scratch())?;
        let client = StorageClient::local(around.path().join("store"))?;
        Ok(Self { around, client })
    }

    fn root(&self) -> PathBuf {
        self.around.path().join("store")
    }

    fn drafts(&self) -> Result<usize> {
        Ok(self.root().join(".enact-tmp").read_dir()?.count())
    }

    async fn put(&self, key: &str, content: &'static str) -> Result<()> {
        self.client
            .upload(&Key::parse(key)?, content, UploadOptions::default())
            .await?;
        Ok(())
    }

    async fn keys(&self) -> Result<Vec<String>> {
        let listed: Vec<Listed> = self.client.list("").try_collect().await?;
        Ok(listed.iter().map(|listed| listed.key.to_string()).collect())
    }
}

type Run = fn(Bench) -> BoxFuture<'static, Result<()>>;

macro_rules! cases {
    ($($name:ident,)*) => {
        [$((stringify!($name), (|bench| $name(bench).boxed()) as Run),)*]
    };
}

pub(crate) fn trials() -> Vec<Trial> {
    let cases = cases![
        objects_are_plain_files_under_their_keys,
        links_are_not_followed,
        what_is_not_a_file_is_no_object,
        a_key_and_a_folder_of_keys_collide_clearly,
        what_a_crash_left_is_no_object_and_is_swept,
        the_reserved_folder_is_out_of_reach,
        two_clients_share_a_folder,
        a_folder_is_created_where_it_is_missing,
        a_store_in_a_file_is_refused,
        an_object_that_is_replaced_is_read_to_its_end,
        a_shortened_file_is_not_passed_off_as_whole,
        files_without_attributes_are_objects,
        a_folder_that_vanished_is_no_absent_object,
        a_killed_writer_leaves_no_partial_object,
    ];
    cases
        .into_iter()
        .map(|(name, run)| {
            Trial::test(format!("local_files::{name}"), move || {
                crate::runtime::run(async move { run(Bench::new()?).await })
            })
        })
        .collect()
}

async fn objects_are_plain_files_under_their_keys(bench: Bench) -> Result<()> {
    bench.put("a/b/c.tar.gz", "content").await?;
    assert_eq!(fs::read(bench.root().join("a/b/c.tar.gz"))?, b"content");
    assert_eq!(bench.drafts()?, 0);
    ensure!(!bench.client.describe().contains(".."));
    Ok(())
}

/// Somebody who can write into the folder must not reach out of it through the server.
async fn links_are_not_followed(bench: Bench) -> Result<()> {
    let outside = bench.around.path().join("outside");
    fs::create_dir(&outside)?;
    fs::write(outside.join("secret"), "secret")?;
    bench.put("there/object", "content").await?;
    symlink(&outside, bench.root().join("folder"))?;
    symlink(outside.join("secret"), bench.root().join("file"))?;
    symlink(outside.join("new"), bench.root().join("dangling"))?;
    symlink(bench.root().join("there"), bench.root().join("inside"))?;
    for key in ["folder/secret", "file", "inside/object"] {
        let key = Key::parse(key)?;
        let error = bench.client.download(&key).await.unwrap_err();
        assert_eq!(error.kind(), StorageErrorKind::NotAllowed, "{key} {error}");
        ensure!(error.message().contains("link"), "{error}");
        ensure!(bench.client.exists(&key).await.is_err());
        ensure!(bench.client.copy(&key, &Key::parse("copy")?).await.is_err());
    }
    for key in ["folder/new", "folder/secret", "inside/object"] {
        let key = Key::parse(key)?;
        let error = bench
            .client
            .upload(&key, "overwritten", UploadOptions::default())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), StorageErrorKind::NotAllowed, "{key} {error}");
        ensure!(bench.client.delete(&key).await.is_err(), "{key}");
    }
    // A link in the object's own place is replaced, not followed.
    bench.put("dangling", "content").await?;
    bench.put("file", "content").await?;
    ensure!(!outside.join("new").exists());
    assert_eq!(fs::read(outside.join("secret"))?, b"secret");
    assert_eq!(fs::read(bench.root().join("there/object"))?, b"content");
    assert_eq!(bench.keys().await?, ["dangling", "file", "there/object"]);
    let listed: Vec<Listed> = bench.client.list("folder/").try_collect().await?;
    ensure!(listed.is_empty());
    Ok(())
}

async fn what_is_not_a_file_is_no_object(bench: Bench) -> Result<()> {
    // Reading a pipe that nobody writes to would wait for ever.
    let pipe = bench.root().join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )?;
    fs::create_dir_all(bench.root().join("empty/folder"))?;
    for key in ["pipe", "empty", "empty/folder"] {
        let key = Key::parse(key)?;
        ensure!(!bench.client.exists(&key).await?, "{key}");
        ensure!(
            bench
                .client
                .download(&key)
                .await
                .unwrap_err()
                .is_not_found()
        );
    }
    bench.client.delete(&Key::parse("empty/folder")?).await?;
    ensure!(bench.keys().await?.is_empty());
    Ok(())
}

async fn a_key_and_a_folder_of_keys_collide_clearly(bench: Bench) -> Result<()> {
    bench.put("a/b", "file").await?;
    for create_only in [false, true] {
        let options = UploadOptions::default().create_only(create_only);
        for key in ["a", "a/b/c", "a/b/c/d"] {
            let error = bench
                .client
                .upload(&Key::parse(key)?, "x", options.clone())
                .await
                .unwrap_err();
            assert_eq!(
                error.kind(),
                StorageErrorKind::InvalidInput,
                "{key} {error}"
            );
            assert_eq!(error.code(), StorageErrorCode::UploadFailed);
            ensure!(error.message().contains("folder"), "{error}");
        }
    }
    assert_eq!(bench.keys().await?, ["a/b"]);
    assert_eq!(bench.drafts()?, 0);
    Ok(())
}

/// A crash leaves a draft, and perhaps folders: before the name is given there is nothing else.
async fn what_a_crash_left_is_no_object_and_is_swept(bench: Bench) -> Result<()> {
    let drafts = bench.root().join(".enact-tmp");
    let old = drafts.join("old");
    fs::write(&old, "half of an obj")?;
    fs::write(drafts.join("young"), "half of an obj")?;
    fs::create_dir_all(bench.root().join("folder/made/before/the/crash"))?;
    let long_ago = fs::metadata(&old)?.modified()? - Duration::from_hours(25);
    fs::File::options()
        .write(true)
        .open(&old)?
        .set_modified(long_ago)?;

    ensure!(bench.keys().await?.is_empty());
    let again = StorageClient::local(bench.root())?;
    ensure!(!old.exists(), "opening the store sweeps");
    ensure!(
        drafts.join("young").exists(),
        "it may be another server's upload"
    );
    assert_eq!(again.abort_stale_uploads(Duration::from_hours(1)).await?, 0);
    assert_eq!(again.abort_stale_uploads(Duration::ZERO).await?, 1);
    assert_eq!(bench.drafts()?, 0);
    Ok(())
}

async fn the_reserved_folder_is_out_of_reach(bench: Bench) -> Result<()> {
    fs::write(bench.root().join(".enact-tmp/draft"), "x")?;
    assert_eq!(
        Key::parse(".enact-tmp/draft").unwrap_err().code(),
        StorageErrorCode::InvalidKey
    );
    for prefix in [".enact-tmp", ".enact-tmp/", "."] {
        let listed: Vec<Listed> = bench.client.list(prefix).try_collect().await?;
        ensure!(listed.is_empty(), "{prefix}");
    }
    // Further down the name means nothing.
    bench.put("a/.enact-tmp/b", "x").await?;
    assert_eq!(bench.keys().await?, ["a/.enact-tmp/b"]);
    Ok(())
}

async fn two_clients_share_a_folder(bench: Bench) -> Result<()> {
    let other = StorageClient::local(bench.root())?;
    bench.put("a", "content").await?;
    let key = Key::parse("a")?;
    assert_eq!(other.download(&key).await?, "content");
    let options = UploadOptions::default().create_only(true);
    let error = other.upload(&key, "x", options).await.unwrap_err();
    assert_eq!(error.code(), StorageErrorCode::AlreadyExists);
    other.delete(&key).await?;
    ensure!(!bench.client.exists(&key).await?);
    Ok(())
}

async fn a_folder_is_created_where_it_is_missing(bench: Bench) -> Result<()> {
    let deep = bench.around.path().join("one/two/three");
    let client = StorageClient::local(&deep)?;
    client
        .upload(&Key::parse("a")?, "x", UploadOptions::default())
        .await?;
    ensure!(deep.join("a").is_file());
    let linked = bench.around.path().join("linked");
    symlink(&deep, &linked)?;
    // Where the store is, is the operator's choice.
    ensure!(
        StorageClient::local(linked)?
            .exists(&Key::parse("a")?)
            .await?
    );
    Ok(())
}

async fn a_store_in_a_file_is_refused(bench: Bench) -> Result<()> {
    let file = bench.around.path().join("file");
    fs::write(&file, "x")?;
    for path in [
        file.clone(),
        file.join("below"),
        PathBuf::from("/proc/nowhere"),
    ] {
        let error = StorageClient::local(&path).unwrap_err();
        assert_eq!(error.code(), StorageErrorCode::InvalidConfig);
        let name = path.display().to_string();
        ensure!(error.message().contains(&name), "{error}");
    }
    Ok(())
}

/// A download has the file open; a new object is a new file.
async fn an_object_that_is_replaced_is_read_to_its_end(bench: Bench) -> Result<()> {
    let key = Key::parse("a")?;
    let bytes = data::bytes(1_000_000);
    bench
        .client
        .upload(&key, bytes.clone(), UploadOptions::default())
        .await?;
    let download = bench.client.download_stream(&key, None).await?;
    bench.put("a", "another").await?;
    bench.client.delete(&key).await?;
    let read: Vec<bytes::Bytes> = download.stream.try_collect().await?;
    ensure!(read.concat() == bytes);
    Ok(())
}

async fn a_shortened_file_is_not_passed_off_as_whole(bench: Bench) -> Result<()> {
    let key = Key::parse("a")?;
    bench
        .client
        .upload(&key, data::bytes(1_000_000), UploadOptions::default())
        .await?;
    let download = bench.client.download_stream(&key, None).await?;
    let file = fs::File::options()
        .write(true)
        .open(bench.root().join("a"))?;
    file.set_len(500_000)?;
    let read: Result<Vec<bytes::Bytes>, _> = download.stream.try_collect().await;
    let error = read.unwrap_err();
    assert_eq!(error.code(), StorageErrorCode::IntegrityFailed);
    Ok(())
}

async fn files_without_attributes_are_objects(bench: Bench) -> Result<()> {
    fs::write(bench.root().join("copied-by-hand"), "content")?;
    let key = Key::parse("copied-by-hand")?;
    assert_eq!(bench.client.download(&key).await?, "content");
    let metadata = bench.client.get_metadata(&key).await?;
    assert_eq!(metadata.content_type, None);
    ensure!(metadata.metadata.is_empty());
    Ok(())
}

async fn a_folder_that_vanished_is_no_absent_object(bench: Bench) -> Result<()> {
    fs::remove_dir_all(bench.root())?;
    let key = Key::parse("a/b")?;
    let error = bench
        .client
        .upload(&key, "x", UploadOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StorageErrorKind::BucketNotFound);
    Ok(())
}

/// A process is killed in the midst of writing object after object. What is there afterwards is
/// whole, and what it had been told of is there.
async fn a_killed_writer_leaves_no_partial_object(bench: Bench) -> Result<()> {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};
    let mut writer = Command::new(std::env::current_exe()?)
        .env(WRITER, bench.root())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = writer.stdout.take().unwrap();
    let mut told = Vec::new();
    for line in BufReader::new(output).lines() {
        told.push(line?);
        if told.len() == 20 {
            writer.kill()?;
        }
    }
    writer.wait()?;
    let keys = bench.keys().await?;
    for key in &told {
        ensure!(keys.contains(key), "{key} was promised");
    }
    let expected = data::bytes(WRITTEN);
    for key in &keys {
        let read = bench.client.download(&Key::parse(key)?).await?;
        ensure!(read == expected, "{key} has {} bytes", read.len());
    }
    bench.client.abort_stale_uploads(Duration::ZERO).await?;
    assert_eq!(bench.drafts()?, 0);
    Ok(())
}

/// Set in the process that is to be killed: where it writes.
const WRITER: &str = "ENACT_TEST_STORAGE_WRITER";

/// How much it writes each time.
const WRITTEN: usize = 300_000;

/// Writes objects and tells of each, for ever, if this is the process to do so.
pub(crate) fn write_for_ever_if_asked() {
    let Some(folder) = std::env::var_os(WRITER) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = StorageClient::local(Path::new(&folder)).unwrap();
        let bytes = data::bytes(WRITTEN);
        for index in 0.. {
            let key = Key::parse(&format!("folder-{index}/object")).unwrap();
            let body = data::stream(&bytes);
            client
                .upload(&key, body, UploadOptions::default())
                .await
                .unwrap();
            #[expect(clippy::print_stdout, reason = "how the writer tells the test")]
            {
                println!("{key}");
            }
        }
    });
}
