//! Reading tools and versions, yanking, visibility.

use enact_catalog::{DownloadCount, Sees, ToolVersions};
use enact_types::{Digest, Visibility};
use serde_json::json;

use crate::fixture::{Fixture, at, behaviours, name, version};

behaviours![
    a_version_reads_back_as_it_was_written,
    versions_come_highest_first,
    yanking_again_changes_the_reason_and_keeps_the_time,
    missing_things_are_told_apart_from_errors,
    visibility_changes_and_a_new_version_sets_it,
    a_profile_is_made_once,
    what_is_private_is_read_by_those_who_see_all,
    downloads_add_up,
];

async fn a_version_reads_back_as_it_was_written(f: Fixture) {
    let fields = json!({
        "name": "alice/x", "version": "1.0.0-rc.1+b5", "description": "déjà vu", "license": "MIT", "tags": ["a", "b"],
        "repository": "https://example.org/r", "homepage": "https://example.org", "env": { "KEY": null },
    });
    f.publish_as(
        "alice/x",
        "1.0.0-rc.1+b5",
        Visibility::Unlisted,
        fields.clone(),
    )
    .await;
    let tool = f
        .catalog
        .tool(&name("alice/x"), Sees::All)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(tool.description, "déjà vu");
    assert_eq!(tool.license.as_deref(), Some("MIT"));
    assert_eq!(tool.repository.as_deref(), Some("https://example.org/r"));
    assert_eq!(tool.homepage.as_deref(), Some("https://example.org"));
    assert_eq!(tool.visibility, Visibility::Unlisted);
    assert_eq!((tool.created_at, tool.updated_at), (at(1), at(1)));
    let found = f
        .catalog
        .version(&tool.id, &version("1.0.0-rc.1+b5"))
        .await
        .unwrap()
        .unwrap();
    let texts = f.catalog.texts(&found.summary.id).await.unwrap().unwrap();
    let described = f.catalog.describe(&tool.name, Sees::NotPrivate, None);
    let described = described.await.unwrap().unwrap();
    assert_eq!(
        described.text_bytes,
        (texts.manifest.len() + "# Text".len()) as u64
    );
    assert_eq!(described.texts.as_ref(), Some(&texts));
    assert!(!described.attested);
    assert_eq!(described.resolved.version.as_ref(), Some(&found));
    assert_eq!(described.resolved.tool, tool);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&texts.manifest).unwrap(),
        fields
    );
    assert_eq!(texts.raw_manifest.as_deref(), Some("# Text"));
    assert_eq!(found.published_by, "alice");
    assert_eq!(found.summary.bundle_path, "bundles/alice/x/1.0.0-rc.1+b5~1");
    assert_eq!(
        found.summary.bundle_hash,
        Digest::of(found.summary.bundle_path.as_bytes())
    );
    assert_eq!(
        (found.summary.bundle_size, found.summary.downloads),
        (42, 0)
    );
    assert_eq!((found.summary.yanked, found.yanked_at), (false, None));
}

async fn versions_come_highest_first(f: Fixture) {
    for number in ["1.9.0", "1.10.0", "2.0.0-rc.1", "1.10.0-rc.1"] {
        f.publish("alice/x", number, "").await;
    }
    let ToolVersions { tool, versions } = whole(&f, "alice/x").await;
    let same = f.catalog.tool(&name("alice/x"), Sees::All).await;
    assert_eq!(same.unwrap(), Some(tool));
    let numbers: Vec<_> = versions
        .iter()
        .map(|summary| summary.version.as_str())
        .collect();
    assert_eq!(numbers, ["2.0.0-rc.1", "1.10.0", "1.10.0-rc.1", "1.9.0"]);
}

async fn yanking_again_changes_the_reason_and_keeps_the_time(f: Fixture) {
    f.publish("alice/x", "1.0.0", "").await;
    let tool = f
        .catalog
        .tool(&name("alice/x"), Sees::All)
        .await
        .unwrap()
        .unwrap();
    let number = version("1.0.0");
    assert_eq!(
        f.catalog
            .yank(&tool.id, &number, Some("old"), Some("2.0.0"), at(5))
            .await
            .unwrap(),
        Some(at(5))
    );
    assert_eq!(
        f.catalog
            .yank(&tool.id, &number, Some("new"), None, at(6))
            .await
            .unwrap(),
        Some(at(5))
    );
    let found = f.catalog.version(&tool.id, &number).await.unwrap().unwrap();
    assert_eq!((found.summary.yanked, found.yanked_at), (true, Some(at(5))));
    assert_eq!(
        (found.yank_reason.as_deref(), found.yank_replacement),
        (Some("new"), None)
    );
    assert!(f.catalog.unyank(&tool.id, &number, at(7)).await.unwrap());
    let found = f.catalog.version(&tool.id, &number).await.unwrap().unwrap();
    assert_eq!(
        (found.summary.yanked, found.yanked_at, found.yank_reason),
        (false, None, None)
    );
}

async fn missing_things_are_told_apart_from_errors(f: Fixture) {
    f.publish("alice/x", "1.0.0", "").await;
    let tool = f
        .catalog
        .tool(&name("alice/x"), Sees::All)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        f.catalog.tool(&name("alice/y"), Sees::All).await.unwrap(),
        None
    );
    assert_eq!(
        f.catalog
            .version(&tool.id, &version("1.0.1"))
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        f.catalog
            .yank(&tool.id, &version("1.0.1"), None, None, at(2))
            .await
            .unwrap(),
        None
    );
    assert!(
        !f.catalog
            .unyank(&tool.id, &version("1.0.1"), at(2))
            .await
            .unwrap()
    );
    assert!(
        !f.catalog
            .set_visibility("nobody", Visibility::Public, at(2))
            .await
            .unwrap()
    );
    assert_eq!(f.catalog.org(&"acme".parse().unwrap()).await.unwrap(), None);
    assert_eq!(f.catalog.profile("bob").await.unwrap(), None);
}

async fn visibility_changes_and_a_new_version_sets_it(f: Fixture) {
    f.publish("alice/x", "1.0.0", "").await;
    let tool = f
        .catalog
        .tool(&name("alice/x"), Sees::All)
        .await
        .unwrap()
        .unwrap();
    assert!(
        f.catalog
            .set_visibility(&tool.id, Visibility::Private, at(9))
            .await
            .unwrap()
    );
    let tool = f
        .catalog
        .tool(&name("alice/x"), Sees::All)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (tool.visibility, tool.updated_at),
        (Visibility::Private, at(9))
    );
    f.publish_as("alice/x", "0.9.0", Visibility::Unlisted, json!({}))
        .await;
    assert_eq!(
        f.catalog
            .tool(&name("alice/x"), Sees::All)
            .await
            .unwrap()
            .unwrap()
            .visibility,
        Visibility::Unlisted
    );
}

async fn a_profile_is_made_once(f: Fixture) {
    let again = f
        .catalog
        .ensure_profile("alice", "another-id", at(5))
        .await
        .unwrap();
    assert_eq!(again, Some(f.alice));
    let (a, b) = tokio::join!(
        f.catalog.ensure_profile("bob", "bob-1", at(1)),
        f.catalog.ensure_profile("bob", "bob-2", at(2))
    );
    assert_eq!(a.unwrap(), b.unwrap());
}

async fn downloads_add_up(f: Fixture) {
    f.publish("alice/x", "1.0.0", "").await;
    f.publish("alice/x", "2.0.0", "").await;
    let ToolVersions { tool, versions } = whole(&f, "alice/x").await;
    let (two, one) = (versions[0].id.clone(), versions[1].id.clone());
    let count = |version_id: &str, downloads| DownloadCount {
        tool_id: tool.id.clone(),
        version_id: version_id.to_owned(),
        downloads,
    };
    let first = [count(&one, 2), count(&two, 5)];
    f.catalog.add_downloads(&first, at(1)).await.unwrap();
    f.catalog
        .add_downloads(&[count(&one, 1)], at(90_000))
        .await
        .unwrap();
    let ToolVersions { tool, versions } = whole(&f, "alice/x").await;
    assert_eq!((versions[0].downloads, versions[1].downloads), (5, 3));
    assert_eq!(tool.downloads, 8);
}

async fn what_is_private_is_read_by_those_who_see_all(f: Fixture) {
    for (visibility, seen) in [
        (Visibility::Public, true),
        (Visibility::Unlisted, true),
        (Visibility::Private, false),
    ] {
        let tool = format!("alice/{visibility}");
        f.publish_as(&tool, "1.0.0", visibility, json!({})).await;
        let found = f
            .catalog
            .tool(&name(&tool), Sees::NotPrivate)
            .await
            .unwrap();
        assert_eq!(found.is_some(), seen, "{visibility}");
        let found = f
            .catalog
            .tool_with_versions(&name(&tool), Sees::NotPrivate)
            .await
            .unwrap();
        assert_eq!(found.is_some(), seen, "{visibility}");
        assert!(
            f.catalog
                .tool(&name(&tool), Sees::All)
                .await
                .unwrap()
                .is_some()
        );
    }
}

async fn whole(f: &Fixture, tool: &str) -> ToolVersions {
    let found = f.catalog.tool_with_versions(&name(tool), Sees::All).await;
    found.unwrap().unwrap()
}
