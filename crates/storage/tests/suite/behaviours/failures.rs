use anyhow::{Result, ensure};
use enact_storage::{
    Key, StorageClient, StorageConfig, StorageError, StorageErrorKind, UploadOptions,
};
use futures_util::TryStreamExt as _;

use crate::backends::Context;
use crate::data;

/// What every operation fails with, in order, with the code that it should have.
async fn failures(client: &StorageClient, key: &Key) -> Result<Vec<StorageError>> {
    let options = UploadOptions::default();
    let created = options.clone().create_only(true);
    let all = [
        (
            "UPLOAD_FAILED",
            client.upload(key, "x", options.clone()).await.err(),
        ),
        (
            "UPLOAD_FAILED",
            client.upload(key, "x", created).await.err(),
        ),
        (
            "UPLOAD_FAILED",
            client
                .upload(key, data::bytes(data::SINGLE + 1), options)
                .await
                .err(),
        ),
        ("DOWNLOAD_FAILED", client.download(key).await.err()),
        ("DELETE_FAILED", client.delete(key).await.err()),
        ("EXISTS_CHECK_FAILED", client.exists(key).await.err()),
        ("METADATA_FAILED", client.get_metadata(key).await.err()),
        ("LIST_FAILED", client.list("").try_next().await.err()),
        ("UPLOAD_FAILED", client.copy(key, key).await.err()),
    ];
    let mut errors = Vec::new();
    for (code, error) in all {
        let Some(error) = error else {
            anyhow::bail!("{code}: it succeeded");
        };
        assert_eq!(error.code().as_str(), code, "{error}");
        errors.push(error);
    }
    Ok(errors)
}

async fn all_fail(
    context: Context,
    change: impl FnOnce(&mut StorageConfig),
    kind: StorageErrorKind,
    message: &str,
) -> Result<Vec<StorageError>> {
    let key = context.key("object")?;
    context
        .client
        .upload(&key, "x", UploadOptions::default())
        .await?;
    let mut config = context.backend.config()?;
    change(&mut config);
    let secret = config.secret_access_key.expose().to_owned();
    let client = StorageClient::new(config)?;
    let errors = failures(&client, &key).await?;
    for error in &errors {
        assert_eq!(error.kind(), kind, "{error} {error:?}");
        ensure!(error.message().contains(message), "{error}");
        ensure!(!format!("{error} {error:?}").contains(&secret));
        assert_eq!(error.retryable(), kind == StorageErrorKind::Unreachable);
    }
    Ok(errors)
}

pub(super) async fn wrong_secret(context: Context) -> Result<()> {
    let errors = all_fail(
        context,
        |config| config.secret_access_key = "not-the-secret".into(),
        StorageErrorKind::NotAllowed,
        "R2_SECRET_ACCESS_KEY",
    )
    .await?;
    for error in errors {
        assert_eq!(error.status_code(), Some(403), "{error}");
    }
    Ok(())
}

pub(super) async fn wrong_access_key(context: Context) -> Result<()> {
    let key = context.key("object")?;
    let mut config = context.backend.config()?;
    "nobody".clone_into(&mut config.access_key_id);
    let errors = failures(&StorageClient::new(config)?, &key).await?;
    for error in errors {
        assert_eq!(error.kind(), StorageErrorKind::NotAllowed, "{error}");
    }
    Ok(())
}

pub(super) async fn wrong_bucket(context: Context) -> Result<()> {
    let errors = all_fail(
        context,
        |config| "no-such-bucket".clone_into(&mut config.bucket),
        StorageErrorKind::BucketNotFound,
        "R2_BUCKET",
    )
    .await?;
    ensure!(errors.iter().all(|error| !error.is_not_found()));
    Ok(())
}

pub(super) async fn wrong_region(context: Context) -> Result<()> {
    all_fail(
        context,
        |config| "mars-north-1".clone_into(&mut config.region),
        StorageErrorKind::WrongRegion,
        "R2_REGION=us-east-1",
    )
    .await?;
    Ok(())
}

pub(super) async fn nothing_listens(context: Context) -> Result<()> {
    // Bound and given back: nothing is behind it.
    let port = std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port();
    let errors = all_fail(
        context,
        |config| config.endpoint = Some(format!("http://127.0.0.1:{port}")),
        StorageErrorKind::Unreachable,
        "check that it is running",
    )
    .await?;
    for error in errors {
        assert_eq!(error.status_code(), None);
        ensure!(error.message().contains(&port.to_string()), "{error}");
    }
    Ok(())
}

pub(super) async fn host_does_not_resolve(context: Context) -> Result<()> {
    all_fail(
        context,
        // Never resolves: RFC 6761.
        |config| config.endpoint = Some("http://minio.invalid:9000".to_owned()),
        StorageErrorKind::Unreachable,
        "minio.invalid",
    )
    .await?;
    Ok(())
}

pub(super) async fn a_description_holds_no_secret(context: Context) -> Result<()> {
    let text = format!("{:?} {}", context.client, context.client.describe());
    if let Ok(config) = context.backend.config() {
        ensure!(!text.contains(config.secret_access_key.expose()));
        ensure!(text.contains(&config.bucket));
    } else {
        ensure!(text.contains("local folder /"));
    }
    Ok(())
}
