//! The publish protocol where it goes wrong: a store that cannot be reached, objects that nobody
//! knows of, attempts that died. The catalog is a SQLite file, the store a folder, and the time is
//! what the test says.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit;
mod bundle;
mod fixture;
mod identities;
mod import;
mod publishers;
mod roles;

use enact_catalog::Reserve;
use enact_registry::ErrorKind;
use enact_storage::{Body, Key, StorageClient, StorageConfig, UploadOptions};
use fixture::{Fixture, bundle, name, version};

#[tokio::test]
async fn a_publish_that_worked_leaves_nothing_to_recover() {
    let f = Fixture::new().await;
    f.publish("a/b", "1.0.0").await.unwrap();
    f.clock.advance_secs(3600);
    assert_eq!(f.registry.recover().await.unwrap(), 0);
    assert_eq!(f.objects(), ["bundles/a/b/1.0.0.tar.gz"]);
}

#[tokio::test]
async fn what_a_dead_attempt_left_is_collected_and_its_number_is_not_used_again() {
    let f = Fixture::new().await;
    // An attempt that reserved and uploaded, and then died.
    let now = f.now();
    let expires = now.plus(std::time::Duration::from_mins(1));
    let reserved = f
        .catalog
        .reserve(&name("a/b"), &version("1.0.0"), "dead", now, expires)
        .await;
    assert!(matches!(reserved.unwrap(), Reserve::Granted(_)));
    let key = Key::bundle(&name("a/b"), &version("1.0.0"), 1);
    f.storage
        .upload(&key, Body::from("half a story"), UploadOptions::default())
        .await
        .unwrap();

    // While it may still live, it is in the way and is left alone.
    assert_eq!(
        *f.publish("a/b", "1.0.0").await.unwrap_err().kind(),
        ErrorKind::Conflict
    );
    assert_eq!(f.registry.recover().await.unwrap(), 0);
    f.clock.advance_secs(61);
    f.publish("a/b", "1.0.0").await.unwrap();
    assert_eq!(f.registry.recover().await.unwrap(), 1);
    assert_eq!(f.objects(), ["bundles/a/b/1.0.0~2.tar.gz"]);
    assert_eq!(f.download("a/b", "1.0.0").await, bundle("a/b", "1.0.0"));
}

#[tokio::test]
async fn an_expired_attempt_is_recovered_without_a_new_one() {
    let f = Fixture::new().await;
    let now = f.now();
    let expires = now.plus(std::time::Duration::from_mins(1));
    f.catalog
        .reserve(&name("a/b"), &version("1.0.0"), "dead", now, expires)
        .await
        .unwrap();
    let key = Key::bundle(&name("a/b"), &version("1.0.0"), 1);
    f.storage
        .upload(&key, Body::from("half a story"), UploadOptions::default())
        .await
        .unwrap();
    f.clock.advance_secs(61);
    assert_eq!(f.registry.recover().await.unwrap(), 1);
    assert_eq!(f.objects(), Vec::<String>::new());
    assert_eq!(f.registry.recover().await.unwrap(), 0);
}

/// A catalog that was restored from an older copy, over a store that is newer.
#[tokio::test]
async fn an_object_that_the_catalog_does_not_know_is_kept_and_passed_by() {
    let f = Fixture::new().await;
    let key = Key::bundle(&name("a/b"), &version("1.0.0"), 1);
    f.storage
        .upload(&key, Body::from("somebody's"), UploadOptions::default())
        .await
        .unwrap();
    f.publish("a/b", "1.0.0").await.unwrap();
    assert_eq!(f.storage.download(&key).await.unwrap(), "somebody's");
    assert_eq!(f.download("a/b", "1.0.0").await, bundle("a/b", "1.0.0"));
    f.clock.advance_secs(3600);
    assert_eq!(f.registry.recover().await.unwrap(), 0);
    assert_eq!(f.storage.download(&key).await.unwrap(), "somebody's");
}

#[tokio::test]
async fn a_store_that_cannot_be_reached_is_a_reason_to_retry_and_changes_nothing() {
    // A port that was free a moment ago; nothing listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut config = StorageConfig::new("id", "secret", "bucket");
    config = config
        .with_endpoint(format!("http://127.0.0.1:{port}"))
        .with_region("us-east-1");
    config.retries.max = 0;
    let f = Fixture::over(StorageClient::new(config).unwrap()).await;
    let error = f.publish("a/b", "1.0.0").await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Unavailable { .. }),
        "{error:?}"
    );
    assert!(
        !error.to_string().contains("127.0.0.1"),
        "{error} names an address of the inside"
    );
    assert!(
        f.catalog
            .tool(&name("a/b"), enact_catalog::Sees::All)
            .await
            .unwrap()
            .is_none()
    );
    // The reservation was given back: the next attempt need not wait.
    let again = f.publish("a/b", "1.0.0").await.unwrap_err();
    assert!(
        matches!(again.kind(), ErrorKind::Unavailable { .. }),
        "{again:?}"
    );
    // What it may have left is remembered until the store can be asked.
    assert_eq!(f.catalog.abandoned(10).await.unwrap().len(), 2);
    assert!(f.registry.recover().await.is_err());
    assert_eq!(f.catalog.abandoned(10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_refused_publish_does_not_reserve() {
    let f = Fixture::new().await;
    let error = f
        .publish_bytes("a/b", "1.0.0", b"no bundle")
        .await
        .unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Invalid);
    let now = f.now();
    let reserved = f
        .catalog
        .reserve(&name("a/b"), &version("1.0.0"), "mine", now, now)
        .await
        .unwrap();
    assert!(matches!(reserved, Reserve::Granted(reservation) if reservation.attempt == 1));
}
