use anyhow::{Result, ensure};
use enact_storage::{ByteRange, StorageErrorCode, StorageErrorKind};
use futures_util::TryStreamExt as _;

use super::{Bench, Fault, Kind, RETRIES};
use crate::data;

const SIZE: usize = 300_000;

fn stored(bench: &Bench) -> bytes::Bytes {
    let bytes = data::bytes(SIZE);
    bench.store.put("folder/object", &bytes, &[]);
    bytes
}

pub(super) async fn a_get_is_tried_again(bench: Bench) -> Result<()> {
    let bytes = stored(&bench);
    for fault in [
        Fault::Status(500, "InternalError"),
        Fault::Status(503, "SlowDown"),
        Fault::Status(429, "TooManyRequests"),
        Fault::CutBefore,
        Fault::Silence,
    ] {
        bench.order(Kind::Get, fault);
        ensure!(
            bench.client.download(&bench.key).await? == bytes,
            "{fault:?}"
        );
    }
    bench.nothing_left().await
}

pub(super) async fn a_get_gives_up_within_its_limits(bench: Bench) -> Result<()> {
    stored(&bench);
    for (fault, kind) in [
        (
            Fault::Status(500, "InternalError"),
            StorageErrorKind::ServerError,
        ),
        (Fault::Status(503, "SlowDown"), StorageErrorKind::Throttled),
        (Fault::CutBefore, StorageErrorKind::Unreachable),
        (Fault::Silence, StorageErrorKind::Unreachable),
    ] {
        let before = bench.store.seen(Kind::Get);
        bench
            .store
            .order_times(RETRIES as usize + 1, Kind::Get, fault);
        let error = bench.client.download(&bench.key).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.code(), StorageErrorCode::DownloadFailed);
        ensure!(error.retryable() && !error.is_not_found());
        assert_eq!(bench.store.seen(Kind::Get) - before, RETRIES as usize + 1);
    }
    bench.nothing_left().await
}

pub(super) async fn a_cut_body_is_resumed(bench: Bench) -> Result<()> {
    let bytes = stored(&bench);
    for length in [0, 1, 100_000, SIZE - 1] {
        bench.order(Kind::Get, Fault::CutBody(length));
        ensure!(
            bench.client.download(&bench.key).await? == bytes,
            "{length}"
        );
    }
    // Twice in a row.
    bench.order(Kind::Get, Fault::CutBody(70_000));
    bench.order(Kind::Get, Fault::CutBody(70_000));
    ensure!(bench.client.download(&bench.key).await? == bytes);
    bench.nothing_left().await
}

pub(super) async fn a_cut_range_is_resumed(bench: Bench) -> Result<()> {
    let bytes = stored(&bench);
    for range in [
        ByteRange::From(1_000),
        ByteRange::Bounded {
            start: 1_000,
            end: 290_000,
        },
    ] {
        bench.order(Kind::Get, Fault::CutBody(100_000));
        let download = bench
            .client
            .download_stream(&bench.key, Some(range))
            .await?;
        let expected = usize::try_from(download.range.start)?..usize::try_from(download.range.end)?;
        let read: Vec<bytes::Bytes> = download.stream.try_collect().await?;
        ensure!(read.concat() == bytes[expected], "{range:?}");
    }
    bench.nothing_left().await
}

pub(super) async fn a_stalled_body_is_resumed(bench: Bench) -> Result<()> {
    let bytes = stored(&bench);
    bench.order(Kind::Get, Fault::Stall(100_000));
    ensure!(bench.client.download(&bench.key).await? == bytes);
    bench.nothing_left().await
}

pub(super) async fn a_body_that_is_always_cut_fails(bench: Bench) -> Result<()> {
    stored(&bench);
    let before = bench.store.seen(Kind::Get);
    bench
        .store
        .order_times(RETRIES as usize + 1, Kind::Get, Fault::CutBody(1_000));
    let error = bench.client.download(&bench.key).await.unwrap_err();
    assert_eq!(error.kind(), StorageErrorKind::Unreachable);
    assert_eq!(error.code(), StorageErrorCode::DownloadFailed);
    assert_eq!(bench.store.seen(Kind::Get) - before, RETRIES as usize + 1);
    bench.nothing_left().await
}

pub(super) async fn a_body_that_never_comes_fails(bench: Bench) -> Result<()> {
    stored(&bench);
    bench
        .store
        .order_times(RETRIES as usize + 1, Kind::Get, Fault::Stall(0));
    let error = bench.client.download(&bench.key).await.unwrap_err();
    assert_eq!(error.kind(), StorageErrorKind::Unreachable);
    ensure!(error.message().contains("no byte came"), "{error}");
    bench.nothing_left().await
}

pub(super) async fn an_object_that_was_replaced_is_not_mixed(bench: Bench) -> Result<()> {
    stored(&bench);
    bench.order(Kind::Get, Fault::ReplaceThenCut(100_000));
    let error = bench.client.download(&bench.key).await.unwrap_err();
    assert_eq!(error.code(), StorageErrorCode::IntegrityFailed);
    bench.nothing_left().await
}

pub(super) async fn a_slow_drip_comes_through(bench: Bench) -> Result<()> {
    let bytes = stored(&bench);
    // In all longer than the idle limit, and never standing still for as long as that.
    bench.order(Kind::Get, Fault::Drip(20_000));
    ensure!(bench.client.download(&bench.key).await? == bytes);
    assert_eq!(bench.store.seen(Kind::Get), 1);
    bench.nothing_left().await
}

/// A store that closes the connection after each answer, as S3 does with idle ones.
pub(super) async fn a_closed_idle_connection_goes_unnoticed(bench: Bench) -> Result<()> {
    let bytes = stored(&bench);
    for _ in 0..3 {
        bench.order(Kind::Get, Fault::CutBody(SIZE));
        ensure!(bench.client.download(&bench.key).await? == bytes);
        ensure!(bench.client.exists(&bench.key).await?);
    }
    bench.nothing_left().await
}
