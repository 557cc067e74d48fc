use std::time::Duration;

use anyhow::{Result, ensure};
use enact_storage::{
    Encryption, Key, StorageClient, StorageConfig, StorageError, StorageErrorCode,
    StorageErrorKind, UploadOptions,
};
use enact_testkit::Tls;
use futures_util::TryStreamExt as _;

use super::{Bench, Fault, Kind, RETRIES};
use crate::data;

async fn run(bench: &Bench, kind: Kind) -> Result<(), StorageError> {
    let Bench { client, key, .. } = bench;
    match kind {
        Kind::Head => client.get_metadata(key).await.map(drop),
        Kind::Delete => client.delete(key).await,
        Kind::Copy => client.copy(key, key).await,
        Kind::List => client.list("").try_next().await.map(drop),
        other => panic!("not one of these operations: {other:?}"),
    }
}

const OPERATIONS: [(Kind, StorageErrorCode); 4] = [
    (Kind::Head, StorageErrorCode::MetadataFailed),
    (Kind::Copy, StorageErrorCode::UploadFailed),
    (Kind::List, StorageErrorCode::ListFailed),
    (Kind::Delete, StorageErrorCode::DeleteFailed),
];

pub(super) async fn each_operation_is_tried_again(bench: Bench) -> Result<()> {
    for (kind, _) in OPERATIONS {
        for fault in [
            Fault::Status(500, "InternalError"),
            Fault::Status(503, "SlowDown"),
            Fault::CutBefore,
            Fault::CutAfter,
            Fault::Silence,
        ] {
            bench.store.put("folder/object", b"x", &[]);
            bench.order(kind, fault);
            let done = run(&bench, kind).await;
            ensure!(done.is_ok(), "{kind:?} {fault:?} {done:?}");
        }
    }
    bench.nothing_left().await
}

pub(super) async fn each_operation_fails_with_its_code(bench: Bench) -> Result<()> {
    for (kind, code) in OPERATIONS {
        for (fault, why, retryable) in [
            (
                Fault::Status(503, "SlowDown"),
                StorageErrorKind::Throttled,
                true,
            ),
            (Fault::CutBefore, StorageErrorKind::Unreachable, true),
            (Fault::Silence, StorageErrorKind::Unreachable, true),
        ] {
            // An answer to HEAD has no code in it.
            let why = match (kind, fault) {
                (Kind::Head, Fault::Status(..)) => StorageErrorKind::ServerError,
                _ => why,
            };
            bench.store.put("folder/object", b"x", &[]);
            bench.store.order_times(RETRIES as usize + 1, kind, fault);
            let error = run(&bench, kind).await.unwrap_err();
            assert_eq!(error.code(), code, "{kind:?} {fault:?}");
            assert_eq!(error.kind(), why, "{kind:?} {fault:?} {error}");
            assert_eq!(error.retryable(), retryable);
        }
    }
    bench.store.order_times(
        RETRIES as usize + 1,
        Kind::Copy,
        Fault::ErrorInSuccess("InternalError"),
    );
    bench.store.put("folder/object", b"x", &[]);
    let error = run(&bench, Kind::Copy).await.unwrap_err();
    assert_eq!(error.kind(), StorageErrorKind::ServerError);
    bench.nothing_left().await
}

pub(super) async fn another_region_is_named(bench: Bench) -> Result<()> {
    for kind in [Kind::Head, Kind::List, Kind::Delete] {
        bench.order(kind, Fault::Elsewhere("eu-west-2"));
        if kind == Kind::Head {
            bench.order(Kind::Get, Fault::Elsewhere("eu-west-2"));
        }
        let error = run(&bench, kind).await.unwrap_err();
        assert_eq!(error.kind(), StorageErrorKind::WrongRegion, "{error}");
        ensure!(error.message().contains("R2_REGION=eu-west-2"), "{error}");
    }
    bench.nothing_left().await
}

pub(super) async fn a_missing_bucket_is_no_missing_object(bench: Bench) -> Result<()> {
    bench.order(Kind::Head, Fault::Status(404, ""));
    bench.order(Kind::Get, Fault::Status(404, "NoSuchBucket"));
    let error = bench.client.exists(&bench.key).await.unwrap_err();
    assert_eq!(error.kind(), StorageErrorKind::BucketNotFound);
    assert_eq!(error.code(), StorageErrorCode::ExistsCheckFailed);
    bench.order(Kind::Delete, Fault::Status(404, "NoSuchBucket"));
    let error = bench.client.delete(&bench.key).await.unwrap_err();
    assert_eq!(error.kind(), StorageErrorKind::BucketNotFound);
    ensure!(!bench.client.exists(&bench.key).await?);
    // Also when it went missing after it had been seen.
    bench.order(Kind::Head, Fault::Status(404, ""));
    bench.order(Kind::Get, Fault::Status(404, "NoSuchBucket"));
    let error = bench.client.exists(&bench.key).await.unwrap_err();
    assert_eq!(error.kind(), StorageErrorKind::BucketNotFound);
    // A store that says 404 for deleting what is not there.
    bench.order(Kind::Delete, Fault::Status(404, "NoSuchKey"));
    bench.client.delete(&bench.key).await?;
    bench.nothing_left().await
}

/// `versitygw` answers 404 to an access key that it does not know, and any website does to any path.
/// Taken for an absent object, that would be a bundle lost, or one deleted that is still there.
pub(super) async fn a_404_of_another_kind_is_no_missing_object(bench: Bench) -> Result<()> {
    use StorageErrorKind::{NotAllowed, Other};
    bench.store.put("folder/object", b"x", &[]);
    for (fault, kind, message) in [
        (
            Fault::Status(404, "XAdminUserNotFound"),
            NotAllowed,
            "R2_ACCESS_KEY_ID",
        ),
        (Fault::Status(404, "Whatever"), Other, "404 Whatever"),
        (Fault::NonsenseStatus(404), Other, "be an S3 API"),
    ] {
        for operation in [Kind::Get, Kind::Head, Kind::Delete, Kind::Copy] {
            bench.order(operation, fault);
            if operation == Kind::Head {
                bench.order(Kind::Get, fault);
            }
            let error = match operation {
                Kind::Get => bench.client.download(&bench.key).await.map(drop),
                Kind::Head => bench.client.exists(&bench.key).await.map(drop),
                _ => run(&bench, operation).await,
            };
            let error = error.unwrap_err();
            assert_eq!(error.kind(), kind, "{operation:?} {fault:?} {error}");
            ensure!(error.message().contains(message), "{error}");
        }
    }
    bench.nothing_left().await
}

/// What a store says ends up in terminals, logs and commands to copy.
pub(super) async fn a_hostile_answer_is_not_repeated_as_it_is(bench: Bench) -> Result<()> {
    bench.order(Kind::Delete, Fault::Elsewhere("x;rm${IFS}-rf"));
    let error = run(&bench, Kind::Delete).await.unwrap_err();
    assert_eq!(error.kind(), StorageErrorKind::WrongRegion);
    ensure!(!format!("{error} {error:?}").contains("rm$"), "{error:?}");
    let long = Box::leak("A".repeat(1000).into_boxed_str());
    for code in ["\u{1b}[2J", "Two\nlines", "$(reboot)", long] {
        bench.order(Kind::Delete, Fault::Status(400, code));
        let error = run(&bench, Kind::Delete).await.unwrap_err();
        assert_eq!(error.store_code(), None, "{code:?}");
        ensure!(!error.to_string().contains(code), "{error}");
        ensure!(!error.to_string().chars().any(char::is_control));
    }
    bench.nothing_left().await
}

pub(super) async fn a_forbidden_head_says_why(bench: Bench) -> Result<()> {
    for (code, message) in [
        ("SignatureDoesNotMatch", "R2_SECRET_ACCESS_KEY"),
        ("InvalidAccessKeyId", "R2_ACCESS_KEY_ID"),
        ("RequestTimeTooSkewed", "clock"),
        ("AccessDenied", "s3:ListBucket"),
    ] {
        bench.order(Kind::Head, Fault::Status(403, ""));
        bench.order(Kind::Get, Fault::Status(403, code));
        let error = bench.client.exists(&bench.key).await.unwrap_err();
        assert_eq!(error.kind(), StorageErrorKind::NotAllowed);
        assert_eq!(error.status_code(), Some(403));
        ensure!(error.message().contains(message), "{error}");
    }
    bench.nothing_left().await
}

pub(super) async fn what_is_no_s3_is_told(bench: Bench) -> Result<()> {
    bench.order(Kind::List, Fault::Nonsense);
    let error = run(&bench, Kind::List).await.unwrap_err();
    ensure!(
        error.message().contains("does not seem to be an S3 API"),
        "{error}"
    );
    assert_eq!(error.kind(), StorageErrorKind::Other);
    Ok(())
}

pub(super) async fn foreign_metadata_does_not_hide_an_object(bench: Bench) -> Result<()> {
    let headers = [("x-amz-meta-name", "grüße"), ("x-amz-meta-plain", "text")];
    bench.store.put("folder/object", b"content", &headers);
    assert_eq!(bench.client.download(&bench.key).await?, "content");
    let metadata = bench.client.get_metadata(&bench.key).await?;
    assert_eq!(
        metadata.metadata,
        [("plain".to_owned(), "text".to_owned())].into()
    );
    Ok(())
}

pub(super) async fn a_listing_that_never_gets_on_ends(bench: Bench) -> Result<()> {
    bench.order(
        Kind::List,
        Fault::Document("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"),
    );
    let error = run(&bench, Kind::List).await.unwrap_err();
    assert_eq!(error.code(), StorageErrorCode::ListFailed);
    let page = "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>";
    bench
        .store
        .order_times(2, Kind::List, Fault::Document(page));
    let error = run(&bench, Kind::List).await.unwrap_err();
    assert_eq!(error.code(), StorageErrorCode::ListFailed);
    bench.nothing_left().await
}

/// Some stores refuse headers that they do not know.
pub(super) async fn only_what_is_configured_is_asked_for(bench: Bench) -> Result<()> {
    const SSE: &str = "x-amz-server-side-encryption";
    let kms = Encryption::SseKms {
        key_id: "key-1".to_owned(),
    };
    let cases = [
        (Encryption::None, vec![]),
        (Encryption::SseS3, vec![format!("{SSE}: AES256")]),
        (
            kms,
            vec![
                format!("{SSE}: aws:kms"),
                format!("{SSE}-aws-kms-key-id: key-1"),
            ],
        ),
    ];
    for (encryption, expected) in cases {
        let mut config = Bench::config(&bench.store);
        config.encryption = encryption;
        let client = StorageClient::new(config)?;
        for size in [10, data::SINGLE + 1] {
            client
                .upload(&bench.key, data::bytes(size), UploadOptions::default())
                .await?;
            let headers = bench.store.headers("folder/object");
            let encryption: Vec<_> = headers
                .iter()
                .filter(|line| line.starts_with(SSE))
                .collect();
            assert_eq!(encryption, expected.iter().collect::<Vec<_>>(), "{size}");
            let checks = [
                "content-md5",
                "x-amz-checksum",
                "x-amz-sdk",
                "x-amz-trailer",
            ];
            let check = headers
                .iter()
                .find(|line| checks.iter().any(|name| line.starts_with(name)));
            assert_eq!(check, None);
        }
    }
    Ok(())
}

/// Building a client for TLS must not panic for want of a provider of cryptography.
pub(super) async fn https_needs_no_setup(_: Bench) -> Result<()> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port();
    let mut config = StorageConfig::new("enact", "enact123456", "bundles")
        .with_endpoint(format!("https://127.0.0.1:{port}"));
    config.retries.max = 0;
    config.timeouts.connect = Duration::from_secs(1);
    for _ in 0..2 {
        let client = StorageClient::new(config.clone())?;
        let error = client.download(&Key::parse("a")?).await.unwrap_err();
        assert_eq!(error.kind(), StorageErrorKind::Unreachable);
    }
    Ok(())
}

/// A store under an authority that this machine does not know, as in many a company.
pub(super) async fn an_untrusted_certificate_is_named_and_not_tried_again(
    bench: Bench,
) -> Result<()> {
    let endpoint = bench.store.endpoint.clone();
    // It has a runtime of its own, which may not be ended inside of this one.
    let tls = tokio::task::spawn_blocking(move || Tls::in_front_of(&endpoint)).await??;
    let mut config = Bench::config(&bench.store);
    config.endpoint = Some(format!("https://localhost:{}", tls.port));
    // So long that a retry would be a failure of its own.
    config.retries.initial_backoff = Duration::from_secs(100);
    config.retries.max_backoff = Duration::from_secs(100);
    let client = StorageClient::new(config)?;
    let error = client.exists(&bench.key).await.unwrap_err();
    assert_eq!(error.kind(), StorageErrorKind::Unreachable);
    assert_eq!(error.code(), StorageErrorCode::ExistsCheckFailed);
    for part in ["is not trusted", "SSL_CERT_FILE"] {
        ensure!(error.message().contains(part), "{error}");
    }
    bench.nothing_left().await
}
