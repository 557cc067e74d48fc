use anyhow::Result;
use enact_storage::UploadOptions;

use crate::backends::Context;

pub(super) async fn copies_content_and_metadata(context: Context) -> Result<()> {
    let client = &context.client;
    let from = context.key("from ü+%/a")?;
    let to = context.key("to/deeper/b")?;
    let options = UploadOptions::default()
        .content_type("application/gzip")
        .metadata("tool", "alice/greeter");
    client.upload(&from, "content", options.clone()).await?;
    client
        .upload(&to, "replaced", UploadOptions::default())
        .await?;
    client.copy(&from, &to).await?;
    assert_eq!(client.download(&to).await?, "content");
    assert_eq!(client.download(&from).await?, "content");
    let metadata = client.get_metadata(&to).await?;
    assert_eq!(metadata.content_type, options.content_type);
    assert_eq!(metadata.metadata, options.metadata);
    Ok(())
}
