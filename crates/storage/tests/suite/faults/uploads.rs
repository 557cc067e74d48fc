use std::io;
use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use enact_storage::{StorageErrorCode, StorageErrorKind, UploadOptions};
use futures_util::StreamExt as _;

use super::{Bench, Fault, Kind, RETRIES};
use crate::data::{self, PART, SINGLE};

const TRANSIENT: [Fault; 8] = [
    Fault::Status(500, "InternalError"),
    Fault::Status(503, "SlowDown"),
    Fault::Status(429, "TooManyRequests"),
    Fault::Status(400, "RequestTimeout"),
    Fault::DoneButStatus(503, "ServiceUnavailable"),
    Fault::CutBefore,
    Fault::CutAfter,
    Fault::Silence,
];

fn create() -> UploadOptions {
    UploadOptions::default().create_only(true)
}

fn large() -> Bytes {
    data::bytes(SINGLE + PART + 10)
}

pub(super) async fn a_put_is_tried_again(bench: Bench) -> Result<()> {
    for fault in TRANSIENT {
        for (form, body) in data::bodies(&data::bytes(100_000))? {
            bench.order(Kind::Put, fault);
            let uploaded = bench
                .client
                .upload(&bench.key, body, UploadOptions::default())
                .await;
            ensure!(uploaded.is_ok(), "{fault:?} {form} {uploaded:?}");
            let stored = bench.store.object("folder/object").unwrap();
            ensure!(stored == data::bytes(100_000), "{fault:?} {form}");
        }
    }
    bench.nothing_left().await
}

pub(super) async fn a_put_gives_up_within_its_limits(bench: Bench) -> Result<()> {
    let cases = [
        (
            Fault::Status(500, "InternalError"),
            StorageErrorKind::ServerError,
            Some(500),
        ),
        (
            Fault::Status(503, "SlowDown"),
            StorageErrorKind::Throttled,
            Some(503),
        ),
        (
            Fault::Status(429, "TooManyRequests"),
            StorageErrorKind::Throttled,
            Some(429),
        ),
        (Fault::CutBefore, StorageErrorKind::Unreachable, None),
        (Fault::Silence, StorageErrorKind::Unreachable, None),
    ];
    for (index, (fault, kind, status)) in cases.into_iter().enumerate() {
        for options in [UploadOptions::default(), create()] {
            let before = bench.store.seen(Kind::Put);
            bench
                .store
                .order_times(RETRIES as usize + 1, Kind::Put, fault);
            let error = bench
                .client
                .upload(&bench.key, "x", options)
                .await
                .unwrap_err();
            assert_eq!(error.kind(), kind, "{fault:?} {error}");
            assert_eq!(error.code(), StorageErrorCode::UploadFailed);
            assert_eq!(error.status_code(), status);
            ensure!(error.retryable());
            assert_eq!(
                bench.store.seen(Kind::Put) - before,
                RETRIES as usize + 1,
                "{index}"
            );
        }
    }
    ensure!(bench.store.object("folder/object").is_none());
    bench.nothing_left().await
}

pub(super) async fn a_put_that_no_retry_can_mend_is_not_tried_again(bench: Bench) -> Result<()> {
    for (status, code, kind) in [
        (403, "AccessDenied", StorageErrorKind::NotAllowed),
        (403, "RequestTimeTooSkewed", StorageErrorKind::NotAllowed),
        (400, "EntityTooLarge", StorageErrorKind::Other),
        (501, "NotImplemented", StorageErrorKind::Unsupported),
    ] {
        let before = bench.store.seen(Kind::Put);
        bench.order(Kind::Put, Fault::Status(status, code));
        let error = bench
            .client
            .upload(&bench.key, "x", UploadOptions::default())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(error.status_code(), Some(status));
        ensure!(error.message().contains(code), "{error}");
        assert_eq!(bench.store.seen(Kind::Put) - before, 1);
    }
    Ok(())
}

/// The PUT landed and its answer did not come: the retry meets our own object.
pub(super) async fn a_create_whose_answer_was_lost_succeeds(bench: Bench) -> Result<()> {
    for fault in [
        Fault::CutAfter,
        Fault::DoneButStatus(500, "InternalError"),
        Fault::DoneButStatus(503, "SlowDown"),
    ] {
        bench.order(Kind::Put, fault);
        bench.client.upload(&bench.key, "ours", create()).await?;
        assert_eq!(bench.store.object("folder/object").unwrap(), b"ours");
        let metadata = bench.client.get_metadata(&bench.key).await?;
        ensure!(
            metadata.metadata.is_empty(),
            "the mark is not the caller's business"
        );
        bench.client.delete(&bench.key).await?;
    }
    // Even if no answer ever comes.
    bench
        .store
        .order_times(RETRIES as usize + 1, Kind::Put, Fault::CutAfter);
    bench.client.upload(&bench.key, "ours", create()).await?;
    bench.nothing_left().await
}

pub(super) async fn a_create_that_met_another_is_refused(bench: Bench) -> Result<()> {
    bench.store.put("folder/object", b"theirs", &[]);
    for fault in [None, Some(Fault::CutAfter)] {
        if let Some(fault) = fault {
            bench.order(Kind::Put, fault);
        }
        let error = bench
            .client
            .upload(&bench.key, "ours", create())
            .await
            .unwrap_err();
        assert_eq!(error.code(), StorageErrorCode::AlreadyExists);
        assert_eq!(error.status_code(), Some(412));
    }
    assert_eq!(bench.store.object("folder/object").unwrap(), b"theirs");
    bench.nothing_left().await
}

/// 409 `ConditionalRequestConflict`: two writers met, and neither need have landed.
pub(super) async fn a_conflict_without_an_object_is_tried_again(bench: Bench) -> Result<()> {
    bench.order(Kind::Put, Fault::Status(409, "ConditionalRequestConflict"));
    bench.client.upload(&bench.key, "ours", create()).await?;
    assert_eq!(bench.store.object("folder/object").unwrap(), b"ours");
    bench.nothing_left().await
}

pub(super) async fn a_part_is_tried_again(bench: Bench) -> Result<()> {
    for fault in TRANSIENT {
        bench.order(Kind::Part, fault);
        bench
            .client
            .upload(&bench.key, large(), UploadOptions::default())
            .await?;
        ensure!(
            bench.store.object("folder/object").unwrap() == large(),
            "{fault:?}"
        );
    }
    bench.nothing_left().await
}

pub(super) async fn a_part_that_fails_aborts_the_upload(_: Bench) -> Result<()> {
    for (form, body) in data::bodies(&large())? {
        // A store for each: a part that was under way at the abort may be met later.
        let bench = Bench::new().await?;
        bench.order(Kind::Part, Fault::Status(403, "AccessDenied"));
        let error = bench
            .client
            .upload(&bench.key, body, UploadOptions::default())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), StorageErrorKind::NotAllowed, "{form}");
        // By the time the caller knows, it is done.
        assert_eq!(bench.store.unfinished(), 0, "{form}");
        ensure!(bench.store.object("folder/object").is_none());
        bench.nothing_left().await?;
    }
    Ok(())
}

/// A source that yields no more must not keep a failed upload waiting.
pub(super) async fn a_part_that_fails_ends_a_waiting_upload(bench: Bench) -> Result<()> {
    bench.order(Kind::Part, Fault::Status(403, "AccessDenied"));
    let first = data::bytes(SINGLE + 1);
    let stream = futures_util::stream::once(async move { Ok(first) })
        .chain(futures_util::stream::pending::<io::Result<Bytes>>());
    let error = bench
        .client
        .upload(&bench.key, stream.boxed(), UploadOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StorageErrorKind::NotAllowed);
    bench.nothing_left().await
}

pub(super) async fn an_error_inside_a_success_is_an_error(bench: Bench) -> Result<()> {
    bench.order(Kind::Complete, Fault::ErrorInSuccess("InternalError"));
    bench
        .client
        .upload(&bench.key, large(), UploadOptions::default())
        .await?;
    ensure!(bench.store.object("folder/object").unwrap() == large());
    bench.client.delete(&bench.key).await?;

    bench.store.order_times(
        RETRIES as usize + 1,
        Kind::Complete,
        Fault::ErrorInSuccess("SlowDown"),
    );
    let error = bench
        .client
        .upload(&bench.key, large(), UploadOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StorageErrorKind::Throttled);
    assert_eq!(error.status_code(), Some(200));
    ensure!(bench.store.object("folder/object").is_none());
    bench.nothing_left().await
}

/// The retry of a completion that landed meets an upload that is not there any more.
pub(super) async fn a_completion_whose_answer_was_lost_succeeds(bench: Bench) -> Result<()> {
    for options in [UploadOptions::default(), create()] {
        for fault in [Fault::CutAfter, Fault::DoneButStatus(500, "InternalError")] {
            bench.order(Kind::Complete, fault);
            bench
                .client
                .upload(&bench.key, large(), options.clone())
                .await?;
            ensure!(bench.store.object("folder/object").unwrap() == large());
            bench.client.delete(&bench.key).await?;
        }
    }
    bench.nothing_left().await
}

pub(super) async fn a_lost_upload_is_no_absent_object(bench: Bench) -> Result<()> {
    bench.order(Kind::Complete, Fault::Status(404, "NoSuchUpload"));
    let error = bench
        .client
        .upload(&bench.key, large(), UploadOptions::default())
        .await
        .unwrap_err();
    ensure!(!error.is_not_found(), "{error}");
    ensure!(error.retryable());
    bench.nothing_left().await
}

pub(super) async fn a_large_create_that_met_another_is_refused(bench: Bench) -> Result<()> {
    bench.store.put("folder/object", b"theirs", &[]);
    let error = bench
        .client
        .upload(&bench.key, large(), create())
        .await
        .unwrap_err();
    assert_eq!(error.code(), StorageErrorCode::AlreadyExists);
    assert_eq!(bench.store.object("folder/object").unwrap(), b"theirs");
    bench.nothing_left().await
}

pub(super) async fn a_store_without_conditional_completion_is_used_without(
    bench: Bench,
) -> Result<()> {
    bench.order(Kind::Complete, Fault::Status(501, "NotImplemented"));
    bench.client.upload(&bench.key, large(), create()).await?;
    ensure!(bench.store.object("folder/object").unwrap() == large());

    bench.order(Kind::Complete, Fault::Status(501, "NotImplemented"));
    let error = bench
        .client
        .upload(&bench.key, large(), create())
        .await
        .unwrap_err();
    assert_eq!(error.code(), StorageErrorCode::AlreadyExists);
    bench.nothing_left().await
}

/// A second start would leave the first one lying around, unknown to anybody.
pub(super) async fn starting_an_upload_is_not_repeated_blindly(bench: Bench) -> Result<()> {
    for fault in [Fault::CutBefore, Fault::Silence] {
        let before = bench.store.seen(Kind::Start);
        bench.order(Kind::Start, fault);
        let error = bench
            .client
            .upload(&bench.key, large(), UploadOptions::default())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), StorageErrorKind::Unreachable);
        ensure!(error.retryable());
        assert_eq!(bench.store.seen(Kind::Start) - before, 1);
    }
    // An error that was answered is another matter.
    bench.order(Kind::Start, Fault::Status(503, "SlowDown"));
    bench
        .client
        .upload(&bench.key, large(), UploadOptions::default())
        .await?;
    bench.nothing_left().await
}

/// What nobody can know of is swept by its age, by the store's clock.
pub(super) async fn an_upload_whose_start_was_lost_is_swept(bench: Bench) -> Result<()> {
    bench.order(Kind::Start, Fault::CutAfter);
    let error = bench
        .client
        .upload(&bench.key, large(), UploadOptions::default())
        .await
        .unwrap_err();
    ensure!(error.retryable());
    assert_eq!(bench.store.unfinished(), 1);
    let age = Duration::from_mins(61);
    assert_eq!(bench.client.abort_stale_uploads(age).await?, 0);
    let age = Duration::from_mins(59);
    assert_eq!(bench.client.abort_stale_uploads(age).await?, 1);
    bench.nothing_left().await
}

pub(super) async fn a_dropped_upload_is_aborted(bench: Bench) -> Result<()> {
    let first = data::bytes(SINGLE + PART);
    let (told, stopped) = tokio::sync::oneshot::channel::<()>();
    let stream = futures_util::stream::once(async move { Ok(first) }).chain(
        futures_util::stream::once(async move {
            let _ = told.send(());
            std::future::pending::<io::Result<Bytes>>().await
        }),
    );
    let upload = bench
        .client
        .upload(&bench.key, stream.boxed(), UploadOptions::default());
    tokio::select! {
        result = upload => anyhow::bail!("it ended: {result:?}"),
        _ = stopped => {}
    }
    bench.nothing_left().await?;
    assert_eq!(bench.store.seen(Kind::Abort), 1);
    Ok(())
}

pub(super) async fn parts_are_bounded_in_number(bench: Bench) -> Result<()> {
    let bytes = data::bytes(6 * PART);
    bench
        .client
        .upload(&bench.key, data::stream(&bytes), UploadOptions::default())
        .await?;
    assert_eq!(bench.store.seen(Kind::Part), 6);
    ensure!(bench.store.most_parts_in_flight() <= 3);
    Ok(())
}

/// Limits are on standing still. The client's own sending counts as moving.
pub(super) async fn a_slow_upload_that_moves_is_not_cut_off(bench: Bench) -> Result<()> {
    let started = tokio::time::Instant::now();
    let piece = data::bytes(200_000);
    let stream = futures_util::stream::repeat_with(move || piece.clone())
        .take(12)
        .then(|piece| async move {
            tokio::time::sleep(Duration::from_millis(30)).await;
            io::Result::Ok(piece)
        });
    bench
        .client
        .upload(&bench.key, stream.boxed(), UploadOptions::default())
        .await?;
    ensure!(started.elapsed() > Duration::from_millis(300));
    assert_eq!(
        bench.store.object("folder/object").unwrap().len(),
        2_400_000
    );
    Ok(())
}
