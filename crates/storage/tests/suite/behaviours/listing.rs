use anyhow::{Result, ensure};
use enact_storage::{Listed, UploadOptions};
use futures_util::{StreamExt as _, TryStreamExt as _};

use crate::backends::Context;

async fn names(context: &Context, prefix: &str) -> Result<Vec<String>> {
    let scope = context.prefix();
    let listed: Vec<Listed> = context
        .client
        .list(&format!("{scope}{prefix}"))
        .try_collect()
        .await?;
    Ok(listed
        .iter()
        .map(|listed| listed.key.as_str()[scope.len()..].to_owned())
        .collect())
}

pub(super) async fn lists_in_order_by_any_prefix(context: Context) -> Result<()> {
    let client = &context.client;
    // By bytes `-` comes before `/` and `0` after it, whatever is a folder.
    let all = ["a-b", "a/1", "a/2/x", "a/b-c", "a/b/c", "a0", "b", "ü/ß"];
    for name in all.iter().rev() {
        client
            .upload(&context.key(name)?, "12345", UploadOptions::default())
            .await?;
    }
    assert_eq!(names(&context, "").await?, all);
    assert_eq!(names(&context, "a").await?, all[..6]);
    assert_eq!(names(&context, "a/").await?, all[1..5]);
    assert_eq!(names(&context, "a/b").await?, ["a/b-c", "a/b/c"]);
    assert_eq!(names(&context, "a/b/").await?, ["a/b/c"]);
    assert_eq!(names(&context, "a/b/c").await?, ["a/b/c"]);
    assert_eq!(names(&context, "ü/").await?, ["ü/ß"]);
    for nothing in ["c", "a/b/cc", "b/", "a//", "../", "a/../", "nowhere/at/all"] {
        ensure!(names(&context, nothing).await?.is_empty(), "{nothing}");
    }
    let first: Listed = client.list(&context.prefix()).try_next().await?.unwrap();
    assert_eq!(first.size, 5);
    let metadata = client.get_metadata(&first.key).await?;
    if context.backend.is_faithful() {
        assert_eq!(first.etag, metadata.etag);
    }
    ensure!(first.last_modified.is_some());
    // Nothing unfinished is ever listed.
    let everything: Vec<Listed> = client.list("").try_collect().await?;
    ensure!(
        !everything
            .iter()
            .any(|listed| listed.key.as_str().contains("enact-tmp"))
    );
    Ok(())
}

pub(super) async fn lists_more_than_a_page(context: Context) -> Result<()> {
    const COUNT: usize = 1_050;
    let client = &context.client;
    futures_util::stream::iter(0..COUNT)
        .map(|index| {
            let key = context.key(&format!("{index:05}"));
            async move {
                client.upload(&key?, "x", UploadOptions::default()).await?;
                anyhow::Ok(())
            }
        })
        .buffer_unordered(32)
        .try_collect::<Vec<()>>()
        .await?;
    let listed = names(&context, "").await?;
    let expected: Vec<String> = (0..COUNT).map(|index| format!("{index:05}")).collect();
    assert_eq!(listed, expected);
    Ok(())
}
