//! What users and auditors say of tools, and deleting tools with all that was said.

use enact_catalog::{
    AttestationRecord, CatalogErrorKind, Commit, NewAttestation, NewReport, Reserve, ReviewRecord,
    Revocation, Sees,
};
use enact_types::Visibility;
use serde_json::json;

use crate::fixture::{Fixture, at, behaviours, name, version};

behaviours![
    an_auditor_attests_once_to_a_version,
    a_user_reviews_a_tool_once,
    reports_of_one_user_are_bounded,
    a_deleted_tool_is_gone_and_its_name_with_it,
    what_is_said_of_a_tool_that_was_deleted_meanwhile_is_not_kept,
    a_publish_under_way_does_not_bring_a_deleted_tool_back,
];

async fn published(f: &Fixture) -> (String, String) {
    f.publish("alice/x", "1.0.0", "x").await;
    let tool = f
        .catalog
        .tool(&name("alice/x"), Sees::All)
        .await
        .unwrap()
        .unwrap();
    let found = f
        .catalog
        .version(&tool.id, &version("1.0.0"))
        .await
        .unwrap()
        .unwrap();
    (tool.id, found.summary.id)
}

fn record(auditor: &str, seconds: i64) -> AttestationRecord {
    AttestationRecord {
        auditor: auditor.to_owned(),
        auditor_provider: "github".to_owned(),
        signed_at: at(seconds),
        rekor_log_id: "log".to_owned(),
        rekor_log_index: Some(u64::MAX >> 1),
    }
}

async fn an_auditor_attests_once_to_a_version(f: Fixture) {
    let (_, version_id) = published(&f).await;
    let (bob, eve) = (record("bob@example.org", 1), record("eve@example.org", 2));
    let add = async |id: &str, record: &AttestationRecord, bundle: &str| {
        let new = NewAttestation {
            id,
            record,
            bundle,
            submitted_by: &f.alice.id,
        };
        f.catalog.add_attestation(&version_id, &new).await.unwrap()
    };
    assert!(add("1", &bob, "{}").await && add("2", &eve, "{}").await);
    assert!(!add("3", &bob, "{\"other\":1}").await);
    let page = async |limit, offset| {
        f.catalog
            .attestations(&version_id, limit, offset)
            .await
            .unwrap()
    };
    assert_eq!(page(10, 0).await, (vec![eve.clone(), bob.clone()], 2));
    assert_eq!(page(1, 1).await, (vec![bob.clone()], 2));
    assert_eq!(page(10, 2).await, (vec![], 2), "beyond the end");
    let bundle = async |auditor: &str| {
        f.catalog
            .attestation_bundle(&version_id, auditor)
            .await
            .unwrap()
    };
    assert_eq!(bundle("bob@example.org").await.as_deref(), Some("{}"));
    let revoke = async |by: Option<&str>| {
        f.catalog
            .revoke_attestation(&version_id, "bob@example.org", by, at(3))
            .await
            .unwrap()
    };
    assert_eq!(revoke(Some("somebody")).await, Revocation::NotTheirs);
    assert_eq!(page(10, 0).await.1, 2);
    assert_eq!(revoke(Some(&f.alice.id)).await, Revocation::Done);
    assert_eq!(revoke(Some(&f.alice.id)).await, Revocation::Missing);
    assert_eq!(revoke(Some("somebody")).await, Revocation::Missing);
    assert_eq!(
        (page(10, 0).await.1, bundle("bob@example.org").await),
        (1, None)
    );
    assert!(add("4", &record("bob@example.org", 4), "{\"new\":1}").await);
    assert_eq!(
        bundle("bob@example.org").await.as_deref(),
        Some("{\"new\":1}")
    );
    assert_eq!(revoke(None).await, Revocation::Done, "the operator");
}

async fn a_user_reviews_a_tool_once(f: Fixture) {
    let (tool_id, _) = published(&f).await;
    assert_eq!(f.catalog.ratings(&tool_id).await.unwrap(), (0, 0));
    for (rating, seconds) in [(2, 1), (5, 2)] {
        let review = ReviewRecord {
            username: "alice".to_owned(),
            rating,
            version: version("1.0.0"),
            comment: Some("fine".to_owned()),
            created_at: at(seconds),
        };
        f.catalog
            .set_feedback(&tool_id, &f.alice.id, &review)
            .await
            .unwrap();
    }
    assert_eq!(f.catalog.ratings(&tool_id).await.unwrap(), (5, 1));
    let reviews = f.catalog.reviews(&tool_id, 10, 0).await.unwrap();
    assert_eq!(
        (reviews.len(), reviews[0].rating, reviews[0].created_at),
        (1, 5, at(2))
    );
    assert_eq!(f.catalog.reviews(&tool_id, 10, 1).await.unwrap(), []);
}

async fn reports_of_one_user_are_bounded(f: Fixture) {
    let (_, version_id) = published(&f).await;
    for n in 0..4 {
        let report = NewReport {
            id: &n.to_string(),
            version_id: &version_id,
            reporter_id: &f.alice.id,
            severity: "high",
            category: "security",
            description: "It phones home",
            evidence: None,
            now: at(n),
        };
        assert_eq!(f.catalog.add_report(&report, 3).await.unwrap(), n < 3);
    }
}

async fn a_deleted_tool_is_gone_and_its_name_with_it(f: Fixture) {
    let (tool_id, version_id) = published(&f).await;
    let new = NewAttestation {
        id: "1",
        record: &record("b", 1),
        bundle: "{}",
        submitted_by: &f.alice.id,
    };
    f.catalog.add_attestation(&version_id, &new).await.unwrap();
    assert!(
        f.catalog
            .delete_tool(&tool_id, &f.alice.id, at(2))
            .await
            .unwrap()
    );
    assert!(
        !f.catalog
            .delete_tool(&tool_id, &f.alice.id, at(2))
            .await
            .unwrap()
    );
    assert_eq!(
        f.catalog.tool(&name("alice/x"), Sees::All).await.unwrap(),
        None
    );
    assert_eq!(
        f.catalog.attestations(&version_id, 9, 0).await.unwrap().1,
        0
    );
    assert_eq!(
        f.reserve("alice/x", "2.0.0", "t", 3).await,
        Reserve::Deleted
    );
    assert!(f.catalog.is_deleted(&name("alice/x")).await.unwrap());
    assert!(!f.catalog.is_deleted(&name("alice/y")).await.unwrap());
    let doomed = f.catalog.doomed_bundles(9).await.unwrap();
    assert_eq!(doomed, ["bundles/alice/x/1.0.0~1"]);
    f.catalog.forget_doomed(&doomed[0]).await.unwrap();
    assert_eq!(
        f.catalog.doomed_bundles(9).await.unwrap(),
        Vec::<String>::new()
    );
}

async fn what_is_said_of_a_tool_that_was_deleted_meanwhile_is_not_kept(f: Fixture) {
    let (tool_id, version_id) = published(&f).await;
    let deleted = f.catalog.delete_tool(&tool_id, &f.alice.id, at(2)).await;
    assert!(deleted.unwrap());
    let review = ReviewRecord {
        username: "alice".to_owned(),
        rating: 5,
        version: version("1.0.0"),
        comment: None,
        created_at: at(3),
    };
    let report = NewReport {
        id: "1",
        version_id: &version_id,
        reporter_id: &f.alice.id,
        severity: "high",
        category: "security",
        description: "It phones home",
        evidence: None,
        now: at(3),
    };
    let attestation = NewAttestation {
        id: "1",
        record: &record("b", 3),
        bundle: "{}",
        submitted_by: &f.alice.id,
    };
    let refused = [
        f.catalog
            .set_feedback(&tool_id, &f.alice.id, &review)
            .await
            .unwrap_err(),
        f.catalog.add_report(&report, 3).await.unwrap_err(),
        f.catalog
            .add_attestation(&version_id, &attestation)
            .await
            .unwrap_err(),
    ];
    for error in refused {
        assert_eq!(error.kind(), CatalogErrorKind::Gone, "{error:?}");
    }
}

async fn a_publish_under_way_does_not_bring_a_deleted_tool_back(f: Fixture) {
    let (tool_id, _) = published(&f).await;
    let reservation = f.granted("alice/x", "2.0.0", "t", 1).await;
    assert!(
        f.catalog
            .delete_tool(&tool_id, &f.alice.id, at(2))
            .await
            .unwrap()
    );
    let commit = f
        .try_commit(&reservation, Visibility::Public, json!({}), 3)
        .await;
    assert_eq!(commit, Commit::Deleted);
    assert_eq!(
        f.catalog.tool(&name("alice/x"), Sees::All).await.unwrap(),
        None
    );
    // Its object is found and removed like that of every attempt that failed.
    assert!(
        f.catalog
            .release(&reservation, "bundles/alice/x/2.0.0~1")
            .await
            .unwrap()
    );
}
