//! What is published under each name, and how much may be.

use std::num::NonZeroU64;

use enact_catalog::{Catalog, Commit, Excess, Quantity, Quota, Reserve, Sees, Usage};
use enact_types::{Namespace, Visibility};
use futures_util::future::join_all;
use serde_json::json;

use crate::fixture::{Fixture, at, behaviours, name};

behaviours![
    what_is_published_under_a_name_is_counted,
    a_deleted_tool_counts_no_more,
    a_refused_commit_counts_nothing,
    many_commits_at_once_do_not_go_beyond_a_quota,
    a_full_namespace_is_told_so_before_anything_is_stored,
    a_quota_that_was_lowered_refuses_what_adds_to_it_alone,
    commits_and_deletions_at_once_count_right,
    what_was_there_before_it_was_counted_is_counted,
];

const ALICE: Namespace<'static> = Namespace::User("alice");

/// The size of the bundles that the fixture commits.
const BUNDLE: u64 = 42;

fn quota(tools: u64, versions: u64, bytes: u64) -> Quota {
    Quota {
        tools: NonZeroU64::new(tools),
        versions: NonZeroU64::new(versions),
        bytes: NonZeroU64::new(bytes),
        orgs: None,
    }
}

/// The same with a quota; 0 is none.
fn with(f: &Fixture, tools: u64, versions: u64, bytes: u64) -> Fixture {
    Fixture {
        catalog: f.catalog.clone().with_quota(quota(tools, versions, bytes)),
        alice: f.alice.clone(),
        fresh_place: f.fresh_place.clone(),
    }
}

async fn usage(catalog: &Catalog, namespace: Namespace<'_>) -> (u64, u64, u64) {
    let Usage {
        tools,
        versions,
        bytes,
    } = catalog.usage(namespace).await.unwrap();
    (tools, versions, bytes)
}

async fn tool_id(f: &Fixture, tool: &str) -> String {
    let found = f.catalog.tool(&name(tool), Sees::All).await.unwrap();
    found.unwrap().id
}

async fn delete(f: &Fixture, tool: &str) {
    let id = tool_id(f, tool).await;
    let deleted = f.catalog.delete_tool(&id, &f.alice.id, at(2)).await;
    assert!(deleted.unwrap());
}

async fn what_is_published_under_a_name_is_counted(f: Fixture) {
    assert_eq!(usage(&f.catalog, ALICE).await, (0, 0, 0));
    f.publish("alice/x", "1.0.0", "").await;
    f.publish("alice/x", "2.0.0", "").await;
    let private = Visibility::Private;
    f.publish_as("alice/utils/y", "1.0.0", private, json!({}))
        .await;
    f.publish("alice2/x", "1.0.0", "").await;
    f.publish("@acme/x", "1.0.0", "").await;
    assert_eq!(usage(&f.catalog, ALICE).await, (2, 3, 3 * BUNDLE));
    let acme = Namespace::Org("acme");
    assert_eq!(usage(&f.catalog, acme).await, (1, 1, BUNDLE));
}

async fn a_deleted_tool_counts_no_more(f: Fixture) {
    let f = with(&f, 1, 0, 0);
    f.publish("alice/x", "1.0.0", "").await;
    f.publish("alice/x", "2.0.0", "").await;
    delete(&f, "alice/x").await;
    assert_eq!(usage(&f.catalog, ALICE).await, (0, 0, 0));
    f.publish("alice/y", "1.0.0", "").await;
    assert_eq!(usage(&f.catalog, ALICE).await, (1, 1, BUNDLE));
}

async fn a_refused_commit_counts_nothing(f: Fixture) {
    let lost = f.granted("alice/x", "1.0.0", "first", 0).await;
    f.granted("alice/x", "1.0.0", "second", 200).await;
    assert!(!f.commit(&lost, Visibility::Public, json!({}), 201).await);
    assert_eq!(usage(&f.catalog, ALICE).await, (0, 0, 0));
}

/// Commits that were all granted before any of them was done, and how many were done.
async fn race(f: &Fixture, targets: &[(&str, &str)]) -> usize {
    let mut granted = Vec::new();
    for (tool, number) in targets {
        let token = format!("{tool} {number}");
        granted.push(f.granted(tool, number, &token, 1).await);
    }
    let commits = granted
        .iter()
        .map(|reservation| f.try_commit(reservation, Visibility::Public, json!({}), 2));
    let mut done = 0;
    for (commit, (tool, number)) in join_all(commits).await.iter().zip(targets) {
        let found = f.catalog.tool(&name(tool), Sees::All).await.unwrap();
        let version = number.parse().unwrap();
        let is_there = match &found {
            Some(found) => f.catalog.version(&found.id, &version).await.unwrap(),
            None => None,
        };
        match commit {
            Commit::Done(_) => {
                done += 1;
                assert!(is_there.is_some(), "{tool}@{number}");
            }
            Commit::OverQuota(_) => assert!(is_there.is_none(), "{tool}@{number}"),
            other => panic!("{tool}@{number}: {other:?}"),
        }
    }
    done
}

async fn many_commits_at_once_do_not_go_beyond_a_quota(f: Fixture) {
    let names: Vec<_> = (0..8).map(|n| format!("tool-{n}")).collect();
    let tools = |owner: &str| -> Vec<_> {
        let of_owner = |name| format!("{owner}/{name}");
        names.iter().map(of_owner).collect()
    };
    // As the first of all that is published under a name, and again when there is something.
    let of_alice = tools("alice");
    let targets: Vec<_> = of_alice.iter().map(|tool| (&**tool, "1.0.0")).collect();
    let limited = with(&f, 3, 0, 0);
    assert_eq!(race(&limited, &targets).await, 3);
    assert_eq!(usage(&f.catalog, ALICE).await, (3, 3, 3 * BUNDLE));

    let of_bob = tools("bob");
    let targets: Vec<_> = of_bob.iter().map(|tool| (&**tool, "1.0.0")).collect();
    let limited = with(&f, 0, 0, 2 * BUNDLE + 1);
    assert_eq!(race(&limited, &targets).await, 2);
    assert_eq!(
        usage(&f.catalog, Namespace::User("bob")).await,
        (2, 2, 2 * BUNDLE)
    );

    let versions = ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4", "1.0.5"];
    let targets = versions.map(|version| ("carol/x", version));
    let limited = with(&f, 0, 4, 0);
    assert_eq!(race(&limited, &targets).await, 4);
    assert_eq!(
        usage(&f.catalog, Namespace::User("carol")).await,
        (1, 4, 4 * BUNDLE)
    );
}

async fn a_full_namespace_is_told_so_before_anything_is_stored(f: Fixture) {
    let limited = with(&f, 1, 2, 3 * BUNDLE);
    let over = |quantity, used, max| {
        Reserve::OverQuota(Excess {
            quantity,
            used,
            max,
        })
    };
    limited.publish("alice/x", "1.0.0", "").await;
    let other_tool = limited.reserve("alice/y", "1.0.0", "a", 1).await;
    assert_eq!(other_tool, over(Quantity::Tools, 1, 1));
    limited.publish("alice/x", "2.0.0", "").await;
    let third = limited.reserve("alice/x", "3.0.0", "b", 1).await;
    assert_eq!(third, over(Quantity::Versions, 2, 2));
    // What is there is there, full or not.
    let again = limited.reserve("alice/x", "2.0.0", "c", 1).await;
    assert_eq!(again, Reserve::Exists);
    // By the size of the bundle, which is looked at before it is stored.
    let (tool, number) = (name("alice/x"), "3.0.0".parse().unwrap());
    let bytes = with(&f, 0, 0, 3 * BUNDLE).catalog;
    let reserve = |token, size| {
        let catalog = bytes.clone();
        let (tool, number) = (&tool, &number);
        async move {
            let reserved = catalog.reserve_for(tool, number, token, at(1), at(9), size);
            reserved.await.unwrap()
        }
    };
    let too_large = reserve("d", BUNDLE + 1).await;
    assert_eq!(too_large, over(Quantity::Bytes, 2 * BUNDLE, 3 * BUNDLE));
    let fits = reserve("e", BUNDLE).await;
    // The refusals before left no reservation that would be in the way.
    assert!(matches!(fits, Reserve::Granted(first) if first.attempt == 1));
    // Elsewhere there is room.
    limited.publish("bob/y", "1.0.0", "").await;
}

async fn a_quota_that_was_lowered_refuses_what_adds_to_it_alone(f: Fixture) {
    f.publish("alice/x", "1.0.0", "").await;
    f.publish("alice/y", "1.0.0", "").await;
    let limited = with(&f, 1, 0, 0);
    limited.publish("alice/x", "2.0.0", "").await;
    let reserved = limited.reserve("alice/z", "1.0.0", "a", 1).await;
    let used_more = Excess {
        quantity: Quantity::Tools,
        used: 2,
        max: 1,
    };
    assert_eq!(reserved, Reserve::OverQuota(used_more));
}

async fn commits_and_deletions_at_once_count_right(f: Fixture) {
    for round in 0..5 {
        let tool = format!("alice/deleted-{round}");
        f.publish(&tool, "1.0.0", "words that many have").await;
        let kept = format!("alice/kept-{round}");
        let token = format!("kept {round}");
        let reservation = f.granted(&kept, "1.0.0", &token, 1).await;
        let fields = json!({ "description": "words that many have" });
        let (commit, ()) = tokio::join!(
            f.try_commit(&reservation, Visibility::Public, fields, 2),
            delete(&f, &tool)
        );
        assert_eq!(commit, Commit::Done(Visibility::Public));
    }
    assert_eq!(usage(&f.catalog, ALICE).await, (5, 5, 5 * BUNDLE));
}

async fn what_was_there_before_it_was_counted_is_counted(f: Fixture) {
    let at = "'2026-01-01T00:00:00.000Z'";
    let tool = |id: &str, name: &str| {
        format!(
            "INSERT INTO tools (id, owner_id, name, short_name, visibility, latest_version, created_at, updated_at) \
             VALUES ('{id}', 'p', '{name}', 'x', 'private', '1.0.0', {at}, {at})"
        )
    };
    let version = |tool: &str, number: &str, size: u64| {
        format!(
            "INSERT INTO tool_versions (id, tool_id, version, manifest, bundle_hash, bundle_size, bundle_path, \
             published_by, published_at) VALUES ('{tool} {number}', '{tool}', '{number}', '{{}}', \
             'sha256:{:064}', {size}, '{tool} {number}', 'p', {at})",
            0
        )
    };
    let profile =
        format!("INSERT INTO profiles (id, username, created_at) VALUES ('p', 'admin', {at})");
    let statements = [
        profile,
        tool("1", "alice/x"),
        tool("2", "alice/utils/y"),
        tool("3", "@acme/x"),
        version("1", "1.0.0", 10),
        version("1", "1.1.0", 20),
        version("2", "1.0.0", 40),
        version("3", "1.0.0", 5_000_000_000),
    ];
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    f.fresh_place.make_first_schema(&statements).await;
    let catalog = f.fresh_place.open().await;
    assert_eq!(usage(&catalog, ALICE).await, (2, 3, 70));
    let acme = Namespace::Org("acme");
    assert_eq!(usage(&catalog, acme).await, (1, 1, 5_000_000_000));
    catalog.close().await;
}
