//! Reservations and commits.

use enact_catalog::{Catalog, FilesSize, Reserve, Sees};
use enact_types::{Digest, Visibility};
use serde_json::json;

use crate::fixture::{Fixture, at, behaviours, name, version};

behaviours![
    one_of_many_reservations_is_granted,
    a_reservation_keeps_others_out_until_it_expires,
    a_lost_reservation_cannot_commit,
    each_attempt_has_a_higher_number,
    giving_back_says_whether_anything_was_committed,
    a_published_version_cannot_be_reserved,
    an_uncommitted_publish_changes_nothing,
    metadata_is_that_of_the_latest_version,
    a_renewed_reservation_is_not_taken,
    collecting_never_takes_a_live_attempt,
    dead_attempts_are_taken_once,
    an_org_is_made_with_its_first_tool,
    two_openings_migrate_once,
    the_files_of_a_version_are_listed_and_found,
];

async fn one_of_many_reservations_is_granted(f: Fixture) {
    let (name, version) = (name("alice/x"), version("1.0.0"));
    let tasks: Vec<_> = (0..16)
        .map(|n| {
            let (catalog, name, version) = (f.catalog.clone(), name.clone(), version.clone());
            tokio::spawn(async move {
                catalog
                    .reserve(&name, &version, &format!("t{n}"), at(0), at(9))
                    .await
                    .unwrap()
            })
        })
        .collect();
    let mut granted = 0;
    for task in tasks {
        match task.await.unwrap() {
            Reserve::Granted(_) => granted += 1,
            other => assert_eq!(other, Reserve::InProgress),
        }
    }
    assert_eq!(granted, 1);
}

async fn a_reservation_keeps_others_out_until_it_expires(f: Fixture) {
    f.granted("alice/x", "1.0.0", "first", 0).await;
    assert_eq!(
        f.reserve("alice/x", "1.0.0", "second", 99).await,
        Reserve::InProgress
    );
    f.granted("alice/x", "2.0.0", "other", 99).await;
    assert_eq!(f.granted("alice/x", "1.0.0", "third", 100).await.attempt, 2);
    let abandoned = [(name("alice/x"), version("1.0.0"), 1)];
    assert_eq!(f.catalog.abandoned(10).await.unwrap(), abandoned);
}

async fn a_lost_reservation_cannot_commit(f: Fixture) {
    let lost = f.granted("alice/x", "1.0.0", "first", 0).await;
    let held = f.granted("alice/x", "1.0.0", "second", 200).await;
    assert!(!f.commit(&lost, Visibility::Public, json!({}), 201).await);
    assert!(
        f.catalog
            .tool(&name("alice/x"), Sees::All)
            .await
            .unwrap()
            .is_none()
    );
    assert!(f.commit(&held, Visibility::Public, json!({}), 202).await);
    assert!(!f.commit(&held, Visibility::Public, json!({}), 203).await);
}

async fn each_attempt_has_a_higher_number(f: Fixture) {
    for attempt in 1..=3 {
        let reservation = f
            .granted("alice/x", "1.0.0", &format!("t{attempt}"), 0)
            .await;
        assert_eq!(reservation.attempt, attempt);
        assert!(
            f.catalog
                .release(&reservation, "bundles/none")
                .await
                .unwrap()
        );
    }
}

async fn giving_back_says_whether_anything_was_committed(f: Fixture) {
    let committed = f.granted("alice/x", "1.0.0", "a", 0).await;
    assert!(f.commit(&committed, Visibility::Public, json!({}), 1).await);
    let path = "bundles/alice/x/1.0.0~1";
    assert!(!f.catalog.release(&committed, path).await.unwrap());
    assert_eq!(f.catalog.abandoned(10).await.unwrap(), []);
    // Lost to another attempt: its own object is garbage all the same, the other's is not.
    let lost = f.granted("alice/x", "2.0.0", "b", 0).await;
    let held = f.granted("alice/x", "2.0.0", "c", 200).await;
    assert!(f.commit(&held, Visibility::Public, json!({}), 201).await);
    assert!(
        f.catalog
            .release(&lost, "bundles/alice/x/2.0.0~1")
            .await
            .unwrap()
    );
    let abandoned = [(name("alice/x"), version("2.0.0"), 1)];
    assert_eq!(f.catalog.abandoned(10).await.unwrap(), abandoned);
    f.catalog
        .forget_abandoned(&name("alice/x"), &version("2.0.0"), 1)
        .await
        .unwrap();
    assert_eq!(f.catalog.abandoned(10).await.unwrap(), []);
}

async fn a_renewed_reservation_is_not_taken(f: Fixture) {
    let held = f.granted("alice/x", "1.0.0", "a", 0).await;
    assert!(f.catalog.renew(&held, at(500)).await.unwrap());
    assert_eq!(f.catalog.take_expired(at(200), 10).await.unwrap(), 0);
    assert_eq!(
        f.reserve("alice/x", "1.0.0", "b", 200).await,
        Reserve::InProgress
    );
    assert_eq!(f.catalog.take_expired(at(500), 10).await.unwrap(), 1);
    assert!(!f.catalog.renew(&held, at(900)).await.unwrap());
}

/// A collector and a new attempt meet at one expired reservation, many times: the new attempt, if
/// it was granted, must still hold what it was granted.
async fn collecting_never_takes_a_live_attempt(f: Fixture) {
    for n in 0..25 {
        let number = format!("1.0.{n}");
        f.granted("alice/x", &number, &format!("dead-{n}"), 0).await;
        let token = format!("live-{n}");
        let (collected, reserved) = tokio::join!(
            f.catalog.take_expired(at(200), 10),
            f.reserve("alice/x", &number, &token, 200)
        );
        collected.unwrap();
        let Reserve::Granted(live) = reserved else {
            panic!("{number}: {reserved:?}")
        };
        assert!(
            f.catalog.renew(&live, at(400)).await.unwrap(),
            "{number} was taken"
        );
        assert!(f.catalog.release(&live, "bundles/none").await.unwrap());
    }
}

async fn a_published_version_cannot_be_reserved(f: Fixture) {
    f.publish("alice/x", "1.0.0", "").await;
    assert_eq!(
        f.reserve("alice/x", "1.0.0", "again", 500).await,
        Reserve::Exists
    );
    let tool = f
        .catalog
        .tool(&name("alice/x"), Sees::All)
        .await
        .unwrap()
        .unwrap();
    f.catalog
        .yank(&tool.id, &version("1.0.0"), None, None, at(501))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        f.reserve("alice/x", "1.0.0", "again", 502).await,
        Reserve::Exists
    );
}

async fn an_uncommitted_publish_changes_nothing(f: Fixture) {
    f.publish("alice/x", "1.0.0", "before").await;
    let before = f.catalog.tool(&name("alice/x"), Sees::All).await.unwrap();
    let reservation = f.granted("alice/x", "2.0.0", "r", 10).await;
    f.catalog
        .release(&reservation, "bundles/none")
        .await
        .unwrap();
    assert!(
        !f.commit(
            &reservation,
            Visibility::Private,
            json!({ "description": "after" }),
            11
        )
        .await
    );
    assert_eq!(
        f.catalog.tool(&name("alice/x"), Sees::All).await.unwrap(),
        before
    );
}

async fn metadata_is_that_of_the_latest_version(f: Fixture) {
    f.publish("alice/x", "2.0.0", "two").await;
    f.publish_as(
        "alice/x",
        "1.9.0",
        Visibility::Unlisted,
        json!({ "description": "back-port", "tags": ["old"] }),
    )
    .await;
    f.publish("alice/x", "3.0.0-rc.1", "candidate").await;
    let tool = f
        .catalog
        .tool(&name("alice/x"), Sees::All)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (tool.latest_version.as_str(), tool.description.as_str()),
        ("2.0.0", "two")
    );
    assert_eq!(tool.visibility, Visibility::Public);
    f.catalog
        .yank(
            &tool.id,
            &version("2.0.0"),
            Some("broken"),
            Some("1.9.0"),
            at(5),
        )
        .await
        .unwrap()
        .unwrap();
    let tool = f
        .catalog
        .tool(&name("alice/x"), Sees::All)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (tool.latest_version.as_str(), tool.description.as_str()),
        ("1.9.0", "back-port")
    );
    assert_eq!(tool.tags, ["old"]);
}

async fn dead_attempts_are_taken_once(f: Fixture) {
    f.granted("alice/dead", "1.0.0", "a", 0).await;
    f.granted("alice/alive", "1.0.0", "b", 50).await;
    let released = f.granted("alice/released", "1.0.0", "c", 0).await;
    f.catalog.release(&released, "bundles/none").await.unwrap();
    f.catalog
        .forget_abandoned(&name("alice/released"), &version("1.0.0"), 1)
        .await
        .unwrap();
    assert_eq!(f.catalog.take_expired(at(120), 10).await.unwrap(), 1);
    assert_eq!(
        f.catalog.abandoned(10).await.unwrap(),
        [(name("alice/dead"), version("1.0.0"), 1)]
    );
    assert_eq!(f.catalog.take_expired(at(120), 10).await.unwrap(), 0);
    assert_eq!(f.granted("alice/dead", "1.0.0", "d", 121).await.attempt, 2);
}

async fn an_org_is_made_with_its_first_tool(f: Fixture) {
    f.publish("@acme/hammer", "1.0.0", "").await;
    f.publish("@acme/saw", "1.0.0", "").await;
    let org = f
        .catalog
        .org(&"acme".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    for tool in ["@acme/hammer", "@acme/saw"] {
        assert_eq!(
            f.catalog
                .tool(&name(tool), Sees::All)
                .await
                .unwrap()
                .unwrap()
                .org_id,
            Some(org.id.clone())
        );
    }
    assert_eq!(f.catalog.org_names_of(&f.alice.id).await.unwrap(), ["acme"]);
}

async fn two_openings_migrate_once(f: Fixture) {
    let place = f.fresh_place.clone();
    let openings = std::array::from_fn::<_, 4, _>(|_| {
        let place = place.clone();
        tokio::spawn(async move { place.open().await })
    });
    for opening in openings {
        let catalog: Catalog = opening.await.unwrap();
        assert!(
            catalog
                .tool(&name("alice/x"), Sees::All)
                .await
                .unwrap()
                .is_none()
        );
        catalog.close().await;
    }
}

async fn the_files_of_a_version_are_listed_and_found(f: Fixture) {
    f.publish("alice/x", "1.0.0", "").await;
    let tool = f.catalog.tool(&name("alice/x"), Sees::All).await.unwrap();
    let tool = tool.unwrap().id;
    let found = f.catalog.version(&tool, &version("1.0.0")).await.unwrap();
    let id = found.unwrap().summary.id;
    let size = f.catalog.files_size(&id).await.unwrap();
    // The paths "SKILL.md" and "empty".
    assert_eq!((size.count, size.path_bytes), (2, 13));
    let files = f.catalog.files(&id).await.unwrap();
    let facts: Vec<_> = files
        .iter()
        .map(|file| (file.path.as_str(), file.folder, file.size, file.sha256))
        .collect();
    assert_eq!(
        facts,
        [
            ("SKILL.md", false, 6, Some(Digest::of(b"# Text"))),
            ("empty", true, 0, None)
        ]
    );
    for file in &files {
        assert_eq!(
            f.catalog.file(&id, &file.path).await.unwrap().as_ref(),
            Some(file)
        );
    }
    assert_eq!(f.catalog.file(&id, "skill.md").await.unwrap(), None);
    assert_eq!(f.catalog.file("nobody", "SKILL.md").await.unwrap(), None);
    assert_eq!(
        f.catalog.files_size("nobody").await.unwrap(),
        FilesSize::default()
    );
}
