use anyhow::{Result, ensure};
use enact_storage::{Key, StorageErrorCode, UploadOptions};
use enact_types::{Digest, ToolName, Version};

use crate::backends::Context;
use crate::data;

/// A version that no other behaviour publishes, and that no earlier run left.
async fn version(context: &Context, text: &str) -> Result<(ToolName, Version)> {
    let tool = ToolName::parse("alice/utils/greeter")?;
    let version = Version::parse(text)?;
    remove(context, &tool, &version).await?;
    Ok((tool, version))
}

/// Removes what a behaviour stored: keys of bundles are the same in every run.
async fn remove(context: &Context, tool: &ToolName, version: &Version) -> Result<()> {
    for attempt in [1, 2] {
        let key = Key::bundle(tool, version, attempt);
        context.client.delete(&key).await?;
    }
    Ok(())
}

/// The integration flow: upload, exists, metadata, download and verify, delete, gone.
pub(super) async fn six_steps(context: Context) -> Result<()> {
    let client = &context.client;
    let (tool, version) = version(&context, "1.0.0-six+steps").await?;
    let bytes = data::bytes(100_000);

    let stored = client.upload_bundle(&tool, &version, bytes.clone()).await?;
    assert_eq!(
        stored.path,
        "bundles/alice/utils/greeter/1.0.0-six+steps.tar.gz"
    );
    assert_eq!(stored.path, enact_storage::bundle_key(&tool, &version));
    assert_eq!(stored.hash, Digest::of(&bytes));
    assert_eq!(stored.size, 100_000);

    ensure!(client.bundle_exists(&tool, &version).await?);

    let metadata = client.get_metadata(&Key::parse(&stored.path)?).await?;
    assert_eq!(metadata.size, 100_000);
    assert_eq!(metadata.content_type.as_deref(), Some("application/gzip"));
    let expected = [("tool", tool.as_str()), ("version", version.as_str())];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(metadata.metadata, expected.into());

    let read = client
        .download_bundle(&tool, &version, &stored.hash)
        .await?;
    assert_eq!(read, bytes);

    client.delete_bundle(&tool, &version).await?;
    ensure!(!client.bundle_exists(&tool, &version).await?);
    Ok(())
}

pub(super) async fn the_same_bundle_again_succeeds(context: Context) -> Result<()> {
    let client = &context.client;
    let (tool, version) = version(&context, "1.0.0-same").await?;
    let bytes = data::bytes(70_000);
    let first = client.upload_bundle(&tool, &version, bytes.clone()).await?;
    for (form, body) in data::bodies(&bytes)? {
        let again = client.upload_bundle(&tool, &version, body).await?;
        assert_eq!(again, first, "{form}");
    }
    let second = client
        .upload_bundle_attempt(&tool, &version, 2, bytes.clone())
        .await?;
    assert_ne!(second.path, first.path);
    remove(&context, &tool, &version).await
}

pub(super) async fn another_bundle_under_the_same_key_is_refused(context: Context) -> Result<()> {
    let client = &context.client;
    let (tool, version) = version(&context, "1.0.0-other").await?;
    let first = client.upload_bundle(&tool, &version, "first").await?;
    for other in ["other", "another length"] {
        let error = client
            .upload_bundle(&tool, &version, other)
            .await
            .unwrap_err();
        assert_eq!(error.code(), StorageErrorCode::AlreadyExists);
    }
    let read = client.download_bundle(&tool, &version, &first.hash).await?;
    assert_eq!(read, "first");
    remove(&context, &tool, &version).await
}

pub(super) async fn a_damaged_bundle_is_not_given_out(context: Context) -> Result<()> {
    let client = &context.client;
    let (tool, version) = version(&context, "1.0.0-damaged").await?;
    let stored = client.upload_bundle(&tool, &version, "published").await?;
    let key = Key::bundle(&tool, &version, 1);
    client
        .upload(&key, "publishee", UploadOptions::default())
        .await?;
    let error = client
        .download_bundle(&tool, &version, &stored.hash)
        .await
        .unwrap_err();
    assert_eq!(error.code(), StorageErrorCode::IntegrityFailed);
    remove(&context, &tool, &version).await
}
