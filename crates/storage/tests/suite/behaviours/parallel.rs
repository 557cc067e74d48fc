use anyhow::Result;
use enact_storage::UploadOptions;
use futures_util::{StreamExt as _, TryStreamExt as _};

use crate::backends::Context;
use crate::data;

/// More data than all uploads together may hold in memory, so that they have to wait for each
/// other and get through.
pub(super) async fn many_uploads_and_downloads(context: Context) -> Result<()> {
    let client = &context.client;
    let whole = data::bytes(20 * 1024 * 1024);
    let sizes = [1_000, 100_000, 2_000_000, 20_000_000];
    futures_util::stream::iter(0..32)
        .map(|index| {
            let key = context.key(&format!("{index}"));
            let bytes = whole.slice(index..sizes[index % sizes.len()]);
            async move {
                let key = key?;
                let stream = data::stream(&bytes);
                client
                    .upload(&key, stream, UploadOptions::default())
                    .await?;
                assert!(client.download(&key).await? == bytes, "{key}");
                client.delete(&key).await?;
                anyhow::Ok(())
            }
        })
        .buffer_unordered(32)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(())
}
