use std::time::Duration;

use anyhow::{Result, ensure};
use enact_storage::{
    MAX_PRESIGN_EXPIRY, PresignGetOptions, PresignPutOptions, StorageClient, StorageErrorCode,
    StorageErrorKind, UploadOptions,
};

use crate::backends::Context;

const MINUTE: Duration = Duration::from_mins(1);

/// A client that knows nothing of S3.
fn plain() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().build()?)
}

pub(super) async fn presigned_get(context: Context) -> Result<()> {
    let key = context.key("a ü+b.tar.gz")?;
    let options = UploadOptions::default().content_type("application/gzip");
    context.client.upload(&key, "content", options).await?;
    let url = context.client.presign_get(&key, MINUTE).await?;
    let answer = plain()?.get(url.clone()).send().await?;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/gzip");
    assert_eq!(answer.text().await?, "content");

    let mut other = url;
    other.set_path(&other.path().replace(".tar.gz", ".tar"));
    let answer = plain()?.get(other).send().await?;
    assert_eq!(answer.status(), 403, "a link is for one object only");
    Ok(())
}

pub(super) async fn a_link_can_say_how_its_answer_is_labelled(context: Context) -> Result<()> {
    let key = context.key("object")?;
    context
        .client
        .upload(&key, "content", UploadOptions::default())
        .await?;
    let options = PresignGetOptions::default()
        .content_type("application/gzip")
        .content_disposition("attachment; filename=\"a-b-1.0.0+c.tar.gz\"");
    let url = context
        .client
        .presign_get_as(&key, MINUTE, options.clone())
        .await?;
    // The in-process store accepts the parameters and does nothing with them.
    let answer = plain()?.get(url.clone()).send().await?;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.text().await?, "content");
    let mut other = url.clone();
    other.set_query(Some(
        &url.query().unwrap_or_default().replace("gzip", "html"),
    ));
    assert_eq!(plain()?.get(other).send().await?.status(), 403);

    let hostile = options.content_disposition("attachment\r\nx: y");
    let refused = context.client.presign_get_as(&key, MINUTE, hostile).await;
    assert_eq!(refused.unwrap_err().kind(), StorageErrorKind::InvalidInput);
    Ok(())
}

pub(super) async fn presigned_put(context: Context) -> Result<()> {
    let key = context.key("object")?;
    let options = PresignPutOptions::default().content_type("application/gzip");
    let url = context.client.presign_put(&key, MINUTE, options).await?;
    let send = |content_type: &'static str| {
        let request = plain().map(|client| client.put(url.clone()).body("from outside"));
        async move {
            let request = request?.header("content-type", content_type);
            anyhow::Ok(request.send().await?.status())
        }
    };
    assert_eq!(send("text/html").await?, 403);
    ensure!(!context.client.exists(&key).await?);
    assert_eq!(send("application/gzip").await?, 200);
    assert_eq!(context.client.download(&key).await?, "from outside");
    Ok(())
}

pub(super) async fn an_expired_link_is_refused(context: Context) -> Result<()> {
    let key = context.key("object")?;
    context
        .client
        .upload(&key, "content", UploadOptions::default())
        .await?;
    let url = context
        .client
        .presign_get(&key, Duration::from_secs(1))
        .await?;
    // The shortest expiry there is; links are dated to the second.
    for _ in 0..100 {
        let status = plain()?.get(url.clone()).send().await?.status();
        if status == 403 {
            return Ok(());
        }
        ensure!(status == 200, "{status}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("the link still works after five seconds")
}

pub(super) async fn links_are_made_for_the_public_endpoint(context: Context) -> Result<()> {
    let mut config = context.backend.config()?;
    config.public_endpoint = Some("https://s3.example.org/base".to_owned());
    let bucket = config.bucket.clone();
    let client = StorageClient::new(config)?;
    let key = context.key("object")?;
    let get = client.presign_get(&key, MINUTE).await?;
    let put = client
        .presign_put(&key, MINUTE, PresignPutOptions::default())
        .await?;
    for url in [get, put] {
        assert_eq!(url.host_str(), Some("s3.example.org"));
        assert_eq!(url.path(), format!("/base/{bucket}/{key}"));
    }
    // Everything else still goes to the endpoint.
    client
        .upload(&key, "content", UploadOptions::default())
        .await?;
    Ok(())
}

pub(super) async fn the_expiry_is_bounded(context: Context) -> Result<()> {
    let key = context.key("object")?;
    for expiry in [
        Duration::ZERO,
        Duration::from_millis(999),
        MAX_PRESIGN_EXPIRY + Duration::from_secs(1),
    ] {
        let error = context.client.presign_get(&key, expiry).await.unwrap_err();
        assert_eq!(error.code(), StorageErrorCode::PresignFailed);
        assert_eq!(error.kind(), StorageErrorKind::InvalidInput);
    }
    let options = PresignPutOptions::default().content_type("text/ü");
    let put = context.client.presign_put(&key, MINUTE, options).await;
    assert_eq!(put.unwrap_err().kind(), StorageErrorKind::InvalidInput);
    Ok(())
}

pub(super) async fn a_folder_has_no_links(context: Context) -> Result<()> {
    let key = context.key("object")?;
    let error = context.client.presign_get(&key, MINUTE).await.unwrap_err();
    assert_eq!(error.code(), StorageErrorCode::PresignFailed);
    assert_eq!(error.kind(), StorageErrorKind::Unsupported);
    Ok(())
}
