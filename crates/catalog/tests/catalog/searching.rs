//! Search. What is found and in which order is the same on every database.

use enact_catalog::{DownloadCount, SearchQuery, Sees};
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
    finds_words_of_the_text,
    finds_names_first,
    downloads_break_ties,
    one_letter_may_be_wrong,
    a_word_that_is_there_is_not_taken_for_another,
    filters_by_namespace,
    follows_visibility,
    forgets_what_is_deleted,
    an_index_of_an_earlier_schema_is_made_anew,
    what_one_server_changes_the_others_find_at_once,
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

async fn an_index_of_an_earlier_schema_is_made_anew(f: Fixture) {
    let catalog = f.fresh_place.open().await;
    let alice = catalog.ensure_profile("alice", "a", at(0)).await.unwrap();
    let earlier = Fixture {
        alice: alice.unwrap(),
        catalog,
        fresh_place: f.fresh_place.clone(),
    };
    let fields = json!({ "description": "formatting" });
    earlier
        .publish_as("alice/x", "1.0.0", Visibility::Public, fields)
        .await;
    earlier.catalog.close().await;
    // Lists of one word in a row, as before the fifth migration, are no lists now.
    let list = "UPDATE search_lists SET data = CAST('5' AS TEXT)";
    let bytes = "UPDATE search_lists SET data = CAST('5' AS BYTEA)";
    let list = match &f.fresh_place {
        crate::fixture::Place::File(_) => list,
        crate::fixture::Place::Url(_) => bytes,
    };
    let since = "DELETE FROM schema_migrations WHERE version = 5";
    f.fresh_place.execute(&[list, since]).await;

    let later = Fixture {
        catalog: f.fresh_place.open().await,
        ..earlier
    };
    for text in ["formatting", "form", "forma", "f", "x", "formattign"] {
        assert_eq!(names(&later, text).await, ["alice/x"], "{text}");
    }
    later.catalog.close().await;
}

async fn ranks_names_over_tags_over_descriptions(f: Fixture) {
    let nothing = json!({});
    f.publish_text("z/in-text", "1.0.0", Visibility::Public, nothing, "lint")
        .await;
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
        [
            "e/lint",
            "c/lint-py",
            "d/my-lint",
            "b/in-tags",
            "a/in-text",
            "z/in-text"
        ]
    );
}

async fn finds_starts_of_words_and_needs_every_word(f: Fixture) {
    f.publish("a/greeter", "1.0.0", "greets people").await;
    f.publish("a/greenhouse", "1.0.0", "grows plants").await;
    // Equally good, so the older one comes first.
    assert_eq!(names(&f, "gree").await, ["a/greeter", "a/greenhouse"]);
    for start in ["g", "gr", "gre"] {
        assert_eq!(names(&f, start).await, ["a/greeter", "a/greenhouse"]);
    }
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
        ..SearchQuery::default()
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

async fn finds_words_of_the_text(f: Fixture) {
    let long: Vec<_> = (0..5_000).map(|n| format!("filler{n}")).collect();
    let long = long.join(" ");
    let text = format!("# Usage\nCalls the `frobnicate` API. {long}");
    let fields = json!({ "description": "short" });
    f.publish_text("a/b", "1.0.0", Visibility::Public, fields, &text)
        .await;
    for text in ["frobnicate", "frob", "usage", "short api"] {
        assert_eq!(names(&f, text).await, ["a/b"], "{text}");
    }
    f.publish("a/b", "2.0.0", "short").await;
    assert_eq!(names(&f, "frobnicate").await, Vec::<String>::new());
}

async fn finds_names_first(f: Fixture) {
    let tags = json!({ "description": "lint py lint py", "tags": ["lint", "py"] });
    f.publish_as("a/tags", "1.0.0", Visibility::Public, tags)
        .await;
    f.publish("a/py-for-lint", "1.0.0", "").await;
    f.publish("a/lint-python", "1.0.0", "").await;
    f.publish("a/lint-py", "1.0.0", "").await;
    let expected = ["a/lint-py", "a/lint-python", "a/py-for-lint", "a/tags"];
    for text in ["lint py", "Lint-Py", "lint_py", "lint/py"] {
        assert_eq!(names(&f, text).await, expected, "{text}");
    }
    assert_eq!(names(&f, "a/lint-py").await[0], "a/lint-py");
    assert_eq!(names(&f, "A/lint-python").await[0], "a/lint-python");
}

async fn what_one_server_changes_the_others_find_at_once(f: Fixture) {
    let catalog = f.fresh_place.open().await;
    let alice = catalog.ensure_profile("alice", "a", at(0)).await.unwrap();
    let one = Fixture {
        alice: alice.unwrap(),
        catalog,
        fresh_place: f.fresh_place.clone(),
    };
    let other = Fixture {
        alice: one.alice.clone(),
        catalog: f.fresh_place.open().await,
        fresh_place: f.fresh_place.clone(),
    };
    assert_eq!(names(&other, "same").await, Vec::<String>::new());
    one.publish("a/one", "1.0.0", "same").await;
    one.publish("a/two", "1.0.0", "same").await;
    assert_eq!(names(&other, "same").await, ["a/one", "a/two"]);
    download(&one, "a/two", 3).await;
    assert_eq!(names(&other, "same").await, ["a/two", "a/one"]);
    let two = one.catalog.tool(&name("a/two"), Sees::All).await.unwrap();
    let (two, private) = (two.unwrap().id, Visibility::Private);
    let hidden = one.catalog.set_visibility(&two, private, at(3));
    hidden.await.unwrap();
    assert_eq!(names(&other, "same").await, ["a/one"]);
    assert_eq!(names(&other, "*").await, ["a/one"]);
    one.catalog.close().await;
    other.catalog.close().await;
}

async fn download(f: &Fixture, tool: &str, downloads: u64) {
    let found = f.catalog.tool_with_versions(&name(tool), Sees::All).await;
    let mut found = found.unwrap().unwrap();
    let count = DownloadCount {
        tool_id: found.tool.id,
        version_id: found.versions.remove(0).id,
        downloads,
    };
    f.catalog.add_downloads(&[count], at(5)).await.unwrap();
}

async fn downloads_break_ties(f: Fixture) {
    for tool in ["a/one", "a/two", "a/three", "a/same-in-name"] {
        f.publish(tool, "1.0.0", "same").await;
    }
    for (tool, downloads) in [("a/two", 300), ("a/three", 299), ("a/one", 7)] {
        download(&f, tool, downloads).await;
    }
    let expected = ["a/same-in-name", "a/two", "a/three", "a/one"];
    assert_eq!(names(&f, "same").await, expected);
    let by_downloads = ["a/two", "a/three", "a/one", "a/same-in-name"];
    assert_eq!(names(&f, "*").await, by_downloads);
    // Publishing again keeps them.
    f.publish("a/two", "1.1.0", "same").await;
    assert_eq!(names(&f, "same").await, expected);
}

async fn one_letter_may_be_wrong(f: Fixture) {
    let fields = json!({ "description": "Formats markdown", "tags": ["kubernetes"] });
    let text = "uses prettier";
    f.publish_text("alice/greeter", "1.0.0", Visibility::Public, fields, text)
        .await;
    f.publish("alice/other", "1.0.0", "something else").await;
    for text in [
        "greter",
        "greeeter",
        "greater",
        "rgeeter",
        "greetre",
        "greeetr",
        "xgreeter",
        "greeters",
        "markdwon",
        "kubernets",
        "pretier",
        "greter formts",
        "alise greeter",
    ] {
        assert_eq!(names(&f, text).await, ["alice/greeter"], "{text}");
    }
    for text in ["gretr", "gerter", "mrakdwon", "greeter zzz", "greter zzz"] {
        assert_eq!(names(&f, text).await, Vec::<String>::new(), "{text}");
    }
    f.publish("alice/other", "2.0.0", "greets").await;
    assert_eq!(
        names(&f, "greetr").await,
        ["alice/greeter", "alice/other"],
        "names over descriptions here too"
    );
}

async fn a_word_that_is_there_is_not_taken_for_another(f: Fixture) {
    f.publish("a/form", "1.0.0", "").await;
    f.publish("a/from", "1.0.0", "").await;
    f.publish("a/farm", "1.0.0", "").await;
    assert_eq!(names(&f, "form").await, ["a/form"]);
    assert_eq!(names(&f, "frm").await, ["a/form", "a/from", "a/farm"]);
    let tool = f.catalog.tool(&name("a/form"), Sees::All).await.unwrap();
    let id = tool.unwrap().id;
    f.catalog
        .set_visibility(&id, Visibility::Private, at(3))
        .await
        .unwrap();
    // What nobody may see is no word: a search does not tell that it exists.
    assert_eq!(names(&f, "form").await, ["a/from", "a/farm"]);
}

async fn filters_by_namespace(f: Fixture) {
    for tool in [
        "alice/one",
        "alice/sub/two",
        "@acme/one",
        "acmes/one",
        "alicia/one",
    ] {
        f.publish(tool, "1.0.0", "words").await;
    }
    for (author, text, expected) in [
        ("alice", "", vec!["alice/one", "alice/sub/two"]),
        ("ALICE", "words", vec!["alice/one", "alice/sub/two"]),
        ("@Acme", "one", vec!["@acme/one"]),
        ("acmes", "one", vec!["acmes/one"]),
        ("acme", "one", vec![]),
        ("acme", "two", vec![]),
        ("", "one", vec![]),
        ("bob", "*", vec![]),
    ] {
        let query = SearchQuery {
            text,
            author: Some(author),
            limit: 10,
            ..SearchQuery::default()
        };
        let page = f.catalog.search(&query).await.unwrap();
        let found: Vec<_> = page.hits.iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!(page.total, expected.len() as u64, "{author:?} {text:?}");
        assert_eq!(found, expected, "{author:?} {text:?}");
    }
}

async fn follows_visibility(f: Fixture) {
    f.publish("a/b", "1.0.0", "zebra").await;
    let tool = f.catalog.tool(&name("a/b"), Sees::All).await.unwrap();
    let id = tool.unwrap().id;
    for (visibility, found) in [
        (Visibility::Private, 0),
        (Visibility::Public, 1),
        (Visibility::Unlisted, 0),
        (Visibility::Public, 1),
    ] {
        f.catalog
            .set_visibility(&id, visibility, at(3))
            .await
            .unwrap();
        for text in ["zebra", "zeb", "zebar", "*", "a/b"] {
            assert_eq!(names(&f, text).await.len(), found, "{visibility} {text}");
        }
    }
}

async fn forgets_what_is_deleted(f: Fixture) {
    f.publish("a/gone", "1.0.0", "zebra").await;
    f.publish("a/stays", "1.0.0", "zebra").await;
    let tool = f.catalog.tool(&name("a/gone"), Sees::All).await.unwrap();
    let id = tool.unwrap().id;
    assert!(
        f.catalog
            .delete_tool(&id, &f.alice.id, at(3))
            .await
            .unwrap()
    );
    for text in ["zebra", "ze", "zebar", "*", "a/gone", "gone"] {
        let found = names(&f, text).await;
        assert!(!found.contains(&"a/gone".to_owned()), "{text}: {found:?}");
    }
    assert_eq!(names(&f, "zebra").await, ["a/stays"]);
}
