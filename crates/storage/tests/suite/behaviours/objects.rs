use anyhow::{Result, ensure};
use enact_storage::{ByteRange, Key, StorageErrorCode, StorageErrorKind, UploadOptions};
use futures_util::TryStreamExt as _;
use futures_util::future::join_all;

use crate::backends::Context;
use crate::data;

pub(super) async fn overwriting_replaces_content_and_metadata(context: Context) -> Result<()> {
    let client = &context.client;
    let key = context.key("object")?;
    let first = UploadOptions::default()
        .content_type("text/plain")
        .metadata("round", "one");
    let before = client.upload(&key, "a longer first content", first).await?;
    let after = client
        .upload(&key, "second", UploadOptions::default())
        .await?;
    assert_ne!(before.etag, after.etag);
    assert_eq!(client.download(&key).await?, "second");
    let metadata = client.get_metadata(&key).await?;
    assert_eq!(metadata.size, 6);
    ensure!(metadata.metadata.is_empty());
    ensure!(metadata.content_type.as_deref() != Some("text/plain"));
    Ok(())
}

pub(super) async fn create_only_keeps_what_is_there(context: Context) -> Result<()> {
    let client = &context.client;
    let key = context.key("object")?;
    let options = UploadOptions::default().create_only(true);
    client.upload(&key, "first", options.clone()).await?;
    for (form, body) in data::bodies(&"second".into())? {
        let error = client
            .upload(&key, body, options.clone())
            .await
            .unwrap_err();
        assert_eq!(error.code(), StorageErrorCode::AlreadyExists, "{form}");
        assert_eq!(error.kind(), StorageErrorKind::AlreadyExists);
    }
    assert_eq!(client.download(&key).await?, "first");
    client.delete(&key).await?;
    client.upload(&key, "third", options).await?;
    assert_eq!(client.download(&key).await?, "third");
    Ok(())
}

pub(super) async fn one_of_many_creators_wins(context: Context) -> Result<()> {
    let client = &context.client;
    let key = context.key("object")?;
    let attempts = (0..8).map(|index| {
        let options = UploadOptions::default().create_only(true);
        client.upload(&key, format!("writer {index}"), options)
    });
    let results = join_all(attempts).await;
    let winners: Vec<usize> = (0..8).filter(|index| results[*index].is_ok()).collect();
    assert_eq!(winners.len(), 1, "{results:?}");
    for error in results.into_iter().filter_map(Result::err) {
        assert_eq!(error.code(), StorageErrorCode::AlreadyExists);
    }
    let stored = client.download(&key).await?;
    assert_eq!(stored, format!("writer {}", winners[0]));
    Ok(())
}

pub(super) async fn metadata_round_trips(context: Context) -> Result<()> {
    let client = &context.client;
    for (name, create_only, size) in [
        ("small", false, 10),
        ("created", true, 10),
        ("large", false, data::SINGLE + 1),
    ] {
        let key = context.key(name)?;
        let options = UploadOptions::default()
            .content_type("application/gzip")
            .metadata("tool", "@acme/tools/greeter")
            .metadata("version", "1.0.0-rc.1+build 5")
            .create_only(create_only);
        let uploaded = client
            .upload(&key, data::bytes(size), options.clone())
            .await?;
        let metadata = client.get_metadata(&key).await?;
        assert_eq!(metadata.size, size as u64);
        assert_eq!(metadata.content_type, options.content_type, "{name}");
        assert_eq!(metadata.metadata, options.metadata, "{name}");
        assert_eq!(metadata.etag, uploaded.etag);
        ensure!(metadata.etag.is_some());
        let modified = metadata.last_modified.unwrap().to_string();
        ensure!(modified.as_str() > "2024", "{modified}");

        let download = client.download_stream(&key, None).await?;
        assert_eq!(download.metadata, metadata);
        let partly = client
            .download_stream(&key, Some(ByteRange::From(5)))
            .await?;
        assert_eq!(partly.metadata, metadata);
    }
    let bad = UploadOptions::default().metadata("tool", "grüße");
    let error = client
        .upload(&context.key("bad")?, "x", bad)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StorageErrorKind::InvalidInput);
    assert_eq!(error.code(), StorageErrorCode::UploadFailed);
    Ok(())
}

pub(super) async fn absent_objects(context: Context) -> Result<()> {
    let client = &context.client;
    client
        .upload(&context.key("there/deep")?, "x", UploadOptions::default())
        .await?;
    let mut names = vec!["absent", "absent/deep/down", "there/de"];
    if context.backend.is_faithful() {
        names.extend(["there", "there/deep/er"]);
    }
    for absent in names {
        let key = context.key(absent)?;
        ensure!(!client.exists(&key).await?, "{absent}");
        let metadata = client.get_metadata(&key).await.unwrap_err();
        assert_eq!(metadata.code(), StorageErrorCode::MetadataFailed);
        let download = client.download(&key).await.unwrap_err();
        assert_eq!(download.code(), StorageErrorCode::DownloadFailed);
        assert_eq!(download.key(), Some(key.as_str()));
        let copy = client.copy(&key, &context.key("copy")?).await.unwrap_err();
        for error in [metadata, download, copy] {
            ensure!(error.is_not_found(), "{error} {:?}", error.kind());
            ensure!(!error.retryable());
        }
        client.delete(&key).await?;
    }
    ensure!(client.exists(&context.key("there/deep")?).await?);
    ensure!(!client.exists(&context.key("copy")?).await?);
    Ok(())
}

pub(super) async fn odd_keys(context: Context) -> Result<()> {
    let client = &context.client;
    let long = "l".repeat(255);
    let mut names = vec![
        "spaces in it",
        " leading and trailing ",
        "plus+plus",
        "percent%2Fnot%a%slash",
        "question?mark&ampersand=equals#hash",
        "quotes'\"`",
        "brackets[]{}()<>",
        "tilde~caret^pipe|back\\slash",
        "comma,semi;colon:at@dollar$star*bang!",
        "ünïcödé/日本語/🦀",
        "e\u{301} decomposed",
        "...",
        "..hidden",
        "-dash",
        "CON",
    ];
    if context.backend.is_faithful() {
        names.push(&long);
    }
    for name in &names {
        let key = context.key(name)?;
        let text = format!("content of {name}");
        client
            .upload(&key, text.clone(), UploadOptions::default())
            .await?;
        assert_eq!(client.download(&key).await?, text, "{name}");
        ensure!(client.exists(&key).await?);
    }
    let mut listed: Vec<Key> = client
        .list(&context.prefix())
        .map_ok(|listed| listed.key)
        .try_collect()
        .await?;
    let mut expected: Vec<Key> = names
        .iter()
        .map(|name| context.key(name))
        .collect::<Result<_>>()?;
    expected.sort();
    listed.sort();
    assert_eq!(listed, expected);
    for key in listed {
        client.delete(&key).await?;
        ensure!(!client.exists(&key).await?, "{key}");
    }
    Ok(())
}

pub(super) async fn upload_tells_url_etag_and_size(context: Context) -> Result<()> {
    let client = &context.client;
    let key = context.key("a b+ü.tar.gz")?;
    let uploaded = client
        .upload(&key, "1234", UploadOptions::default())
        .await?;
    assert_eq!(uploaded.size, 4);
    ensure!(uploaded.etag.is_some());
    ensure!(
        uploaded.url.ends_with("/a%20b%2B%C3%BC.tar.gz")
            || uploaded.url.ends_with("/a%20b+%C3%BC.tar.gz"),
        "{}",
        uploaded.url
    );
    Ok(())
}
