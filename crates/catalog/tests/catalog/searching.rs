//! Search. What is found and in which order is the same on every database.

use enact_catalog::{SearchQuery, Sees};
use enact_types::Visibility;
use serde_json::json;

use crate::fixture::{Fixture, at, behaviours, name, version};

behaviours![
    finds_words_of_name_tags_and_description,
    ranks_names_over_tags_over_descriptions,
    finds_starts_of_words_and_needs_every_word,
    finds_only_what_is_public_and_not_yanked,
    filters_by_any_of_the_tags_before_paging,
    pages_without_gaps,
    any_text_is_safe,
    follows_the_latest_version,
];

async fn names(f: &Fixture, text: &str) -> Vec<String> {
    let query = SearchQuery {
        text,
        limit: 50,
        ..SearchQuery::default()
    };
    let page = f.catalog.search(&query).await.unwrap();
    assert_eq!(page.total, page.hits.len() as u64, "{text:?}");
    page.hits.iter().map(|tool| tool.name.to_string()).collect()
}

async fn finds_words_of_name_tags_and_description(f: Fixture) {
    let fields = json!({ "description": "Says HELLO, to über-users", "tags": ["Text Tools"] });
    f.publish_as("alice/utils/greeter", "1.0.0", Visibility::Public, fields)
        .await;
    for text in [
        "greeter",
        "alice",
        "utils",
        "hello",
        "Über",
        "text",
        "tools",
        "alice/utils/greeter",
        "hello greeter",
    ] {
        assert_eq!(names(&f, text).await, ["alice/utils/greeter"], "{text}");
    }
    assert_eq!(names(&f, "goodbye").await, Vec::<String>::new());
}

async fn ranks_names_over_tags_over_descriptions(f: Fixture) {
    f.publish_as(
        "a/in-text",
        "1.0.0",
        Visibility::Public,
        json!({ "description": "lint everything" }),
    )
    .await;
    f.publish_as(
        "b/in-tags",
        "1.0.0",
        Visibility::Public,
        json!({ "tags": ["lint"] }),
    )
    .await;
    f.publish("c/lint-py", "1.0.0", "").await;
    f.publish("d/my-lint", "1.0.0", "").await;
    f.publish("e/lint", "1.0.0", "").await;
    assert_eq!(
        names(&f, "lint").await,
        ["e/lint", "c/lint-py", "d/my-lint", "b/in-tags", "a/in-text"]
    );
}

async fn finds_starts_of_words_and_needs_every_word(f: Fixture) {
    f.publish("a/greeter", "1.0.0", "greets people").await;
    f.publish("a/greenhouse", "1.0.0", "grows plants").await;
    assert_eq!(names(&f, "gree").await, ["a/greenhouse", "a/greeter"]);
    assert_eq!(names(&f, "gree people").await, ["a/greeter"]);
    assert_eq!(names(&f, "reet").await, Vec::<String>::new());
}

async fn finds_only_what_is_public_and_not_yanked(f: Fixture) {
    f.publish("a/public", "1.0.0", "zebra").await;
    f.publish("a/yanked", "1.0.0", "zebra").await;
    f.publish_as(
        "a/unlisted",
        "1.0.0",
        Visibility::Unlisted,
        json!({ "description": "zebra" }),
    )
    .await;
    f.publish_as(
        "a/private",
        "1.0.0",
        Visibility::Private,
        json!({ "description": "zebra" }),
    )
    .await;
    let yanked = f
        .catalog
        .tool(&name("a/yanked"), Sees::All)
        .await
        .unwrap()
        .unwrap();
    f.catalog
        .yank(&yanked.id, &version("1.0.0"), None, None, at(2))
        .await
        .unwrap();
    assert_eq!(names(&f, "zebra").await, ["a/public"]);
    assert_eq!(names(&f, "").await, ["a/public"]);
    f.catalog
        .unyank(&yanked.id, &version("1.0.0"), at(3))
        .await
        .unwrap();
    assert_eq!(names(&f, "*").await, ["a/public", "a/yanked"]);
}

async fn filters_by_any_of_the_tags_before_paging(f: Fixture) {
    for n in 0..6 {
        let tag = if n % 2 == 0 { "Even" } else { "odd" };
        f.publish_as(
            &format!("a/t{n}"),
            "1.0.0",
            Visibility::Public,
            json!({ "tags": [tag, "all"] }),
        )
        .await;
    }
    let tags = ["even".to_owned(), "nothing".to_owned()];
    let query = SearchQuery {
        text: "",
        tags: &tags,
        limit: 2,
        offset: 1,
    };
    let page = f.catalog.search(&query).await.unwrap();
    let found: Vec<_> = page.hits.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!((found, page.total), (vec!["a/t2", "a/t4"], 3));
}

async fn pages_without_gaps(f: Fixture) {
    for n in 0..7 {
        f.publish(&format!("a/t{n}"), "1.0.0", "same words").await;
    }
    let mut found = Vec::new();
    for offset in (0..9).step_by(3) {
        let page = f
            .catalog
            .search(&SearchQuery {
                text: "same",
                limit: 3,
                offset,
                ..SearchQuery::default()
            })
            .await
            .unwrap();
        assert_eq!(page.total, 7);
        found.extend(page.hits.iter().map(|tool| tool.name.to_string()));
    }
    assert_eq!(found, (0..7).map(|n| format!("a/t{n}")).collect::<Vec<_>>());
}

async fn any_text_is_safe(f: Fixture) {
    f.publish("a/b", "1.0.0", "it's 100% \"quoted\" _under")
        .await;
    let long = "word ".repeat(10_000);
    for text in [
        "\"",
        "'; DROP TABLE tools; --",
        "%",
        "_",
        "\\",
        "()*:^-",
        "NEAR(a b)",
        "\u{10FFFF}",
        "💥",
        long.as_str(),
    ] {
        names(&f, text).await;
    }
    assert_eq!(names(&f, "100% quoted").await, ["a/b"]);
    assert!(
        f.catalog
            .tool(&name("a/b"), Sees::All)
            .await
            .unwrap()
            .is_some()
    );
}

async fn follows_the_latest_version(f: Fixture) {
    f.publish("a/b", "1.0.0", "apple").await;
    f.publish("a/b", "2.0.0", "banana").await;
    assert_eq!(names(&f, "apple").await, Vec::<String>::new());
    assert_eq!(names(&f, "banana").await, ["a/b"]);
    let tool = f
        .catalog
        .tool(&name("a/b"), Sees::All)
        .await
        .unwrap()
        .unwrap();
    f.catalog
        .yank(&tool.id, &version("2.0.0"), None, None, at(2))
        .await
        .unwrap();
    assert_eq!(names(&f, "apple").await, ["a/b"]);
}
