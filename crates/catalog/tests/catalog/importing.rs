//! Versions, people and organisations with a past, and what a database tells of itself.

use enact_catalog::{
    Catalog, Commit, Database, ImportedOrg, ImportedProfile, Member, NewVersion, Owner, Past,
    SchemaState, Sees, VisibilityRight, Yank,
};
use enact_types::{Digest, Manifest, Namespace, Visibility};
use serde_json::json;

use crate::fixture::{Fixture, Place, at, behaviours, name, version};

behaviours![
    a_version_with_a_past_reads_back_as_it_was,
    a_lost_reservation_takes_nothing_over,
    what_is_taken_over_is_counted,
    a_person_is_taken_over_once_and_under_a_free_name,
    an_organisation_is_taken_over_whole_or_left_as_it_is,
    a_fresh_database_is_told_from_one_that_is_up_to_date,
];

/// Takes over `alice/x` in a version that was published at second 10 of a tool from second 5 to 20.
async fn take_over(f: &Fixture, number: &str, yank: Option<Yank>, lost: bool) -> bool {
    let token = format!("token-{number}");
    let reservation = f.granted("alice/x", number, &token, 1).await;
    if lost {
        let released = f.catalog.release(&reservation, "nowhere").await;
        assert!(released.unwrap());
    }
    let path = format!("bundles/alice/x/{number}");
    let new = NewVersion {
        id: &format!("id-{number}"),
        tool_id: &format!("tool-of-{number}"),
        publisher: &f.alice,
        owner: Owner::User {
            username: "alice",
            id: "o",
        },
        checksum_manifest: None,
        sigstore_bundle: None,
        attestation: None,
        visibility: Visibility::Unlisted,
        visibility_right: VisibilityRight::MayNot,
        manifest: &Manifest::from_value(json!({ "description": number })).unwrap(),
        raw_manifest: None,
        bundle_hash: Digest::of(number.as_bytes()),
        bundle_size: 1,
        bundle_path: &path,
        files: &[],
        now: at(10),
    };
    let past = Past {
        created_at: at(5),
        updated_at: at(20),
        downloads: 3,
        yank,
    };
    let done = f.catalog.commit_imported(&reservation, &new, &past).await;
    matches!(done.unwrap(), Commit::Done(_))
}

async fn a_version_with_a_past_reads_back_as_it_was(f: Fixture) {
    let yank = Yank {
        reason: Some("rude".to_owned()),
        replacement: Some(version("1.0.0")),
        at: at(15),
    };
    assert!(take_over(&f, "2.0.0", Some(yank), false).await);
    assert!(take_over(&f, "1.0.0", None, false).await);
    let tool = f.catalog.tool(&name("alice/x"), Sees::All).await.unwrap();
    let tool = tool.unwrap();
    assert_eq!(tool.latest_version, version("1.0.0"));
    assert_eq!((&*tool.description, tool.downloads), ("1.0.0", 6));
    assert_eq!(tool.visibility, Visibility::Unlisted);
    assert_eq!((tool.created_at, tool.updated_at), (at(5), at(20)));
    let old = f.catalog.version(&tool.id, &version("2.0.0")).await;
    let old = old.unwrap().unwrap();
    assert_eq!(old.summary.published_at, at(10));
    assert_eq!((old.summary.yanked, old.summary.downloads), (true, 3));
    assert_eq!(old.yank_reason.as_deref(), Some("rude"));
    assert_eq!(old.yank_replacement.as_deref(), Some("1.0.0"));
    assert_eq!(old.yanked_at, Some(at(15)));

    // What happens here later counts from there.
    f.publish("alice/x", "3.0.0", "later").await;
    let tool = f.catalog.tool(&name("alice/x"), Sees::All).await.unwrap();
    assert_eq!(tool.unwrap().latest_version, version("3.0.0"));
}

async fn what_is_taken_over_is_counted(f: Fixture) {
    f.publish("alice/x", "0.1.0", "").await;
    for number in ["1.0.0", "2.0.0"] {
        assert!(take_over(&f, number, None, false).await);
    }
    let usage = f.catalog.usage(Namespace::User("alice")).await.unwrap();
    // The bundles of those that were taken over have a byte each.
    let counted = (usage.tools, usage.versions, usage.bytes);
    assert_eq!(counted, (1, 3, 42 + 2));
}

async fn a_lost_reservation_takes_nothing_over(f: Fixture) {
    assert!(!take_over(&f, "1.0.0", None, true).await);
    let tool = f.catalog.tool(&name("alice/x"), Sees::All).await.unwrap();
    assert!(tool.is_none());
}

fn person(username: &str) -> ImportedProfile {
    ImportedProfile {
        username: username.to_owned(),
        display_name: Some("Somebody".to_owned()),
        avatar_url: None,
        created_at: at(-1),
    }
}

fn acme() -> (ImportedOrg, Vec<Member>) {
    let org = ImportedOrg {
        name: "acme".to_owned(),
        display_name: Some("Acme".to_owned()),
        description: None,
        avatar_url: None,
        created_by: "alice".to_owned(),
        created_at: at(0),
    };
    let member = |username: &str, role| Member {
        username: username.to_owned(),
        role,
        added_at: at(0),
        added_by: Some("alice".to_owned()),
    };
    (
        org,
        vec![member("alice", "owner"), member("nobody", "member")],
    )
}

async fn a_person_is_taken_over_once_and_under_a_free_name(f: Fixture) {
    let bob = person("bob");
    assert_eq!(
        f.catalog.import_profile("b1", &bob).await.unwrap(),
        Some(true)
    );
    assert_eq!(
        f.catalog.import_profile("b2", &bob).await.unwrap(),
        Some(false)
    );
    let found = f.catalog.profile("bob").await.unwrap().unwrap();
    assert_eq!((&*found.id, found.created_at), ("b1", at(-1)));
    let (org, members) = acme();
    f.catalog.import_org("o1", &org, &members).await.unwrap();
    let taken = f.catalog.import_profile("x", &person("acme")).await;
    assert_eq!(taken.unwrap(), None);
}

async fn an_organisation_is_taken_over_whole_or_left_as_it_is(f: Fixture) {
    let (org, members) = acme();
    let made = f.catalog.import_org("o1", &org, &members).await.unwrap();
    assert_eq!(made, Some(true));
    f.catalog
        .import_profile("b1", &person("bob"))
        .await
        .unwrap();
    let more = [Member {
        username: "bob".to_owned(),
        role: "owner",
        added_at: at(0),
        added_by: None,
    }];
    let again = f.catalog.import_org("o2", &org, &more).await.unwrap();
    assert_eq!(again, Some(false));
    assert_eq!(
        f.catalog
            .org(&"acme".parse().unwrap())
            .await
            .unwrap()
            .unwrap()
            .id,
        "o1"
    );
    let of = |id: &'static str| f.catalog.org_names_of(id);
    assert_eq!(of("id-of-alice").await.unwrap(), ["acme"]);
    assert!(
        of("b1").await.unwrap().is_empty(),
        "the wrong people own it now"
    );
    let name_of_a_person = ImportedOrg {
        name: "bob".to_owned(),
        ..org
    };
    let taken = f.catalog.import_org("o3", &name_of_a_person, &members);
    assert_eq!(taken.await.unwrap(), None);
}

async fn a_fresh_database_is_told_from_one_that_is_up_to_date(f: Fixture) {
    let (database, before) = match &f.fresh_place {
        Place::File(path) => (Database::Sqlite(path.clone()), SchemaState::Missing),
        Place::Url(url) => (Database::Postgres(url.clone()), SchemaState::Empty),
    };
    let status = Catalog::status(&database).await.unwrap();
    assert_eq!((status.state, status.applied), (before, 0));
    let migrated = Catalog::migrate(&database).await.unwrap();
    assert_eq!((migrated.from, &migrated.applied), (0, &status.pending));
    let again = Catalog::migrate(&database).await.unwrap();
    assert_eq!((again.from, again.applied), (status.known, Vec::new()));

    let catalog = f.fresh_place.open().await;
    // While it is open, so on SQLite with a log.
    catalog.ensure_profile("alice", "a1", at(0)).await.unwrap();
    let status = Catalog::status(&database).await.unwrap();
    assert_eq!(status.state, SchemaState::Current);
    assert_eq!(status.pending, Vec::<i64>::new());
    let counts = status.counts;
    assert_eq!((counts.tools, counts.versions), (Some(0), Some(0)));
    assert_eq!((counts.reservations, counts.abandoned), (Some(0), Some(0)));
    catalog.close().await;
}
