use std::io;
use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use enact_storage::{StorageErrorCode, StorageErrorKind, UploadOptions};
use enact_types::Hasher;
use futures_util::StreamExt as _;

use crate::backends::Context;
use crate::data::{self, PART, SINGLE};

pub(super) async fn sizes_around_the_limits(context: Context) -> Result<()> {
    let client = &context.client;
    let whole = data::bytes(SINGLE + PART + 1);
    for size in [
        0,
        1,
        256 * 1024,
        256 * 1024 + 1,
        PART,
        PART + 1,
        SINGLE,
        SINGLE + 1,
        SINGLE + PART,
        SINGLE + PART + 1,
    ] {
        let bytes = whole.slice(..size);
        for (form, body) in data::bodies(&bytes)? {
            let key = context.key(&format!("{size}-{form}"))?;
            let uploaded = client.upload(&key, body, UploadOptions::default()).await?;
            assert_eq!(uploaded.size, size as u64);
            ensure!(client.download(&key).await? == bytes, "{size} {form}");
            let metadata = client.get_metadata(&key).await?;
            assert_eq!(metadata.size, size as u64);
            assert_eq!(metadata.etag, uploaded.etag);
            client.delete(&key).await?;
        }
    }
    Ok(())
}

pub(super) async fn a_long_stream_of_unknown_length(context: Context) -> Result<()> {
    const PIECES: usize = 800;
    let client = &context.client;
    let key = context.key("object")?;
    let piece = data::bytes(128 * 1024);
    let mut hasher = Hasher::default();
    for _ in 0..PIECES {
        hasher.update(&piece);
    }
    let expected = (hasher.finish(), (PIECES * piece.len()) as u64);
    let stream = futures_util::stream::repeat_with(move || Ok(piece.clone())).take(PIECES);
    let uploaded = client
        .upload(&key, stream.boxed(), UploadOptions::default())
        .await?;
    assert_eq!(uploaded.size, 100 * 1024 * 1024);
    let download = client.download_stream(&key, None).await?;
    assert_eq!(data::digest_of(download.stream).await?, expected);
    client.delete(&key).await?;
    Ok(())
}

pub(super) async fn large_create_only_keeps_what_is_there(context: Context) -> Result<()> {
    let client = &context.client;
    let key = context.key("object")?;
    let options = UploadOptions::default().create_only(true);
    let bytes = data::bytes(SINGLE + 1);
    client.upload(&key, bytes.clone(), options.clone()).await?;
    let error = client
        .upload(&key, data::bytes(SINGLE + 2), options)
        .await
        .unwrap_err();
    assert_eq!(error.code(), StorageErrorCode::AlreadyExists);
    ensure!(client.download(&key).await? == bytes);
    Ok(())
}

pub(super) async fn a_source_that_fails_leaves_nothing(context: Context) -> Result<()> {
    let client = &context.client;
    let key = context.key("object")?;
    client
        .upload(&key, "before", UploadOptions::default())
        .await?;
    for pieces in [0, 3, 200] {
        let piece = data::bytes(128 * 1024);
        let stream = futures_util::stream::repeat_with(move || Ok(piece.clone()))
            .take(pieces)
            .chain(futures_util::stream::once(async {
                Err(io::Error::other("the client went away"))
            }));
        let error = client
            .upload(&key, stream.boxed(), UploadOptions::default())
            .await
            .unwrap_err();
        assert_eq!(error.code(), StorageErrorCode::UploadFailed);
        assert_eq!(error.kind(), StorageErrorKind::InvalidInput);
        ensure!(error.message().contains("the client went away"), "{error}");
    }
    assert_eq!(client.download(&key).await?, "before");
    no_uploads_left(&context, "object").await
}

pub(super) async fn a_dropped_upload_leaves_nothing(context: Context) -> Result<()> {
    let client = &context.client;
    let key = context.key("object")?;
    let piece = data::bytes(1024 * 1024);
    // Stops in the middle of the fourth part and tells.
    let (told, stopped) = tokio::sync::oneshot::channel::<()>();
    let stream = futures_util::stream::repeat_with(move || Ok(piece.clone()))
        .take(30)
        .chain(futures_util::stream::once(async move {
            let _ = told.send(());
            std::future::pending::<io::Result<Bytes>>().await
        }));
    let upload = client.upload(&key, stream.boxed(), UploadOptions::default());
    tokio::select! {
        result = upload => anyhow::bail!("it ended: {result:?}"),
        _ = stopped => {}
    }
    ensure!(!client.exists(&key).await?);
    no_uploads_left(&context, "object").await
}

pub(super) async fn what_is_not_a_file_is_refused(context: Context) -> Result<()> {
    let folder = std::fs::File::open(crate::backends::scratch())?;
    let error = context
        .client
        .upload(&context.key("object")?, folder, UploadOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StorageErrorKind::InvalidInput);
    Ok(())
}

/// Nothing of an upload is left in the store. Aborts run beside their caller, hence the waiting.
async fn no_uploads_left(context: &Context, name: &str) -> Result<()> {
    let key = context.key(name)?;
    for _ in 0..200 {
        if context.backend.unfinished_uploads(&key).await? == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    anyhow::bail!("an unfinished upload of {key} is left")
}
