use std::ops::Range;

use anyhow::Result;
use bytes::Bytes;
use enact_storage::{ByteRange, StorageErrorCode, StorageErrorKind, UploadOptions};
use futures_util::TryStreamExt as _;

use crate::backends::Context;
use crate::data;

pub(super) async fn parts_of_an_object(context: Context) -> Result<()> {
    const SIZE: u64 = 200_000;
    let client = &context.client;
    let key = context.key("object")?;
    let bytes = data::bytes(usize::try_from(SIZE)?);
    client
        .upload(&key, bytes.clone(), UploadOptions::default())
        .await?;
    let mut cases: Vec<(ByteRange, Range<u64>)> = vec![
        ((0..1).into(), 0..1),
        ((0..100_000).into(), 0..100_000),
        ((70_000..140_001).into(), 70_000..140_001),
        ((SIZE - 1..SIZE).into(), SIZE - 1..SIZE),
        ((SIZE - 10..SIZE + 500).into(), SIZE - 10..SIZE),
        (ByteRange::From(0), 0..SIZE),
        (ByteRange::From(SIZE - 7), SIZE - 7..SIZE),
        (ByteRange::Suffix(65_537), SIZE - 65_537..SIZE),
    ];
    if context.backend.is_faithful() {
        cases.push((ByteRange::Suffix(SIZE * 2), 0..SIZE));
    }
    for (range, expected) in cases {
        let download = client.download_stream(&key, Some(range)).await?;
        assert_eq!(download.range, expected, "{range:?}");
        assert_eq!(download.metadata.size, SIZE, "{range:?}");
        let read: Vec<Bytes> = download.stream.try_collect().await?;
        let expected = usize::try_from(expected.start)?..usize::try_from(expected.end)?;
        assert!(read.concat() == bytes[expected], "{range:?}");
    }
    Ok(())
}

pub(super) async fn ranges_past_the_end_fail(context: Context) -> Result<()> {
    let client = &context.client;
    let (key, empty) = (context.key("object")?, context.key("empty")?);
    client
        .upload(&key, "0123456789", UploadOptions::default())
        .await?;
    client.upload(&empty, "", UploadOptions::default()).await?;
    let cases = [
        (&key, ByteRange::From(10)),
        (&key, (10..20).into()),
        (&key, (5..5).into()),
        (&key, ByteRange::Bounded { start: 7, end: 3 }),
        (&key, ByteRange::Suffix(0)),
        (&empty, ByteRange::From(0)),
        (&empty, (0..1).into()),
    ];
    for (key, range) in cases {
        let error = client.download_stream(key, Some(range)).await.unwrap_err();
        assert_eq!(
            error.kind(),
            StorageErrorKind::RangeNotSatisfiable,
            "{range:?} {error}"
        );
        assert_eq!(error.code(), StorageErrorCode::DownloadFailed);
    }
    Ok(())
}
