//! `enact search` and `enact info`, and what all commands have in common.

use std::net::TcpListener;

use serde_json::json;

use crate::bundles::Bundle;
use crate::registry::{Answer, Registry};
use crate::sandbox::Sandbox;
use crate::served::Served;

fn search_page(description: &str) -> serde_json::Value {
    json!({
        "tools": [{
            "name": "alice/greeter", "description": description, "tags": ["hello"],
            "version": "1.0.0", "author": {"username": "alice"}, "downloads": 3,
            "trust_status": {"auditor_count": 0}, "visibility": "public",
        }],
        "total": 2, "limit": 1, "offset": 0, "search_type": "text",
    })
}

#[test]
fn search_sends_the_query_and_prints_a_table_or_json() {
    let sandbox = Sandbox::new();
    let registry = Registry::start(|_| Answer::json(200, &search_page("Greets")));
    let args = [
        "search", "a&b", "ü", "--tags", "x,y", "-l", "500", "-o", "7",
    ];
    let text = sandbox.enact(&registry.url, &args).success().stdout;
    assert_eq!(
        text,
        "NAME           VERSION  DESCRIPTION  TAGS   DOWNLOADS\n\
         alice/greeter  1.0.0    Greets       hello  3\n"
    );
    assert_eq!(
        registry.log(),
        ["GET /tools/search?q=a%26b+%C3%BC&limit=100&offset=7&tags=x%2Cy"]
    );
    let json = sandbox
        .enact(&registry.url, &["--json", "search", "x"])
        .success()
        .json();
    assert_eq!(
        json,
        json!({
            "query": "x",
            "results": [{
                "name": "alice/greeter", "description": "Greets", "tags": ["hello"],
                "version": "1.0.0", "author": {"username": "alice", "avatarUrl": null},
                "downloads": 3, "trustStatus": {"auditorCount": 0},
            }],
            "total": 2, "limit": 1, "offset": 0, "hasMore": true, "searchType": "text",
        })
    );
}

#[test]
fn search_by_tags_needs_no_words() {
    let sandbox = Sandbox::new();
    let registry = Registry::start(|_| Answer::json(200, &search_page("Greets")));
    let args = ["search", "--tags", "hello"];
    sandbox.enact(&registry.url, &args).success();
    assert_eq!(
        registry.log(),
        ["GET /tools/search?q=&limit=20&offset=0&tags=hello"]
    );
}

#[test]
fn text_from_the_registry_does_not_control_the_terminal() {
    let sandbox = Sandbox::new();
    let hostile = "a\u{1b}]0;title\u{7}\u{9b}2J\r\nb";
    let registry = Registry::start(move |request| {
        if request.path.starts_with("/tools/search") {
            Answer::json(200, &search_page(hostile))
        } else {
            Answer::error(404, "NOT_FOUND", hostile)
        }
    });
    for args in [
        &["search", "x"][..],
        &["search", "x", "--json"],
        &["info", "a/b", "--json"],
    ] {
        let ended = sandbox.enact(&registry.url, args);
        let text = ended.stdout + &ended.stderr;
        let bad = text.chars().find(|char| char.is_control() && *char != '\n');
        assert_eq!(bad, None, "{text:?}");
        assert!(text.contains("]0;title"), "{text:?}");
    }
}

#[test]
fn info_shows_a_skill_and_a_version() {
    let (sandbox, bundle) = (Sandbox::new(), Bundle::greeter("1.0.0"));
    let registry = Registry::with(&bundle, |_| None);
    let text = sandbox
        .enact(&registry.url, &["info", "alice/greeter"])
        .success()
        .stdout;
    assert!(text.contains("Latest version  1.0.0"), "{text}");
    let json = sandbox
        .enact(&registry.url, &["get", "alice/greeter", "--json"])
        .success()
        .json();
    assert_eq!(json["latestVersion"], "1.0.0");
    assert_eq!(json["versions"][0]["bundleSize"], bundle.bytes.len());
    let args = ["info", "alice/greeter", "--ver", "1.0.0", "--json"];
    let json = sandbox.enact(&registry.url, &args).success().json();
    assert_eq!(json["bundle"]["downloadUrl"], "/x");
    assert_eq!(json["yankReason"], json!(null));

    let args = ["info", "alice/greeter@1.0.0", "--json"];
    assert_eq!(sandbox.enact(&registry.url, &args).success().json(), json);

    let missing = sandbox.enact(&registry.url, &["info", "bob/x", "--json"]);
    assert_eq!(missing.code, 1);
    let expected = json!({"error": {"code": "NOT_FOUND", "message": "the registry answered: no such thing", "hints": []}});
    assert_eq!(missing.json(), expected);
}

#[test]
fn what_is_missing_decides_what_to_do() {
    let served = Served::with_example("greeter").0;
    let told = |args: &[&str]| {
        let ended = served.enact(args);
        assert_eq!(ended.code, 1, "{ended:?}");
        ended.stderr
    };
    let name = "alice/utils/greeter";
    for args in [
        &["yank", "alice/utils/greeter@7.7.7"][..],
        &["files", "alice/utils/greeter@7.7.7"],
    ] {
        let told = told(args);
        assert!(told.contains(&format!("enact info {name}")), "{told}");
        assert!(!told.contains("private"), "{told}");
    }
    // It is open, so that there is nobody to sign in as.
    for args in [&["info", "bob/missing"][..], &["cat", name, "missing"]] {
        let told = told(args);
        assert!(
            !told.contains("login") && !told.contains("private"),
            "{told}"
        );
    }
    let missing = "alice/wrong-name";
    for args in [
        &["info", missing][..],
        &["learn", missing],
        &["delete", missing, "--yes"],
    ] {
        let told = told(args);
        assert!(told.contains("enact search wrong-name"), "{told}");
    }
    assert!(told(&["org", "info", "acme"]).contains("enact search acme"));
    let elsewhere = format!("{}/elsewhere", served.server.url);
    let told = served.sandbox.enact(&elsewhere, &["info", name]).stderr;
    assert!(told.contains("the registry's own address?"), "{told}");
}

#[test]
fn answers_are_bounded_and_must_be_json() {
    let sandbox = Sandbox::new();
    let endless = "x".repeat(9 * 1024 * 1024);
    let registry = Registry::start(move |request| match request.path.as_str() {
        "/tools/a/long" => Answer::json(200, &json!(endless)),
        "/tools/a/long-error" => Answer::error(500, "X", &endless),
        _ => Answer::bytes(200, b"<html>"),
    });
    let info = |name: &str| sandbox.enact(&registry.url, &["info", name]);
    let long = info("a/long");
    assert!(long.stderr.contains("more than 8388608 bytes"), "{long:?}");
    let error = info("a/long-error");
    assert!(error.stderr.contains("HTTP status 500"), "{error:?}");
    let html = info("a/html");
    assert!(
        html.stderr.contains("Enact registry at that URL?"),
        "{html:?}"
    );
}

#[test]
fn no_registry_names_the_url_and_where_it_comes_from() {
    let sandbox = Sandbox::new();
    // Nobody listens on a port that was just given back.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("http://127.0.0.1:{port}");
    let from_env = sandbox.enact(&url, &["info", "a/b", "--json"]);
    assert_eq!(from_env.code, 1);
    assert_eq!(from_env.json()["error"]["code"], "CONNECTION_FAILED");
    assert!(
        from_env
            .stderr
            .contains(&format!("{url} (from ENACT_REGISTRY_URL)")),
        "{from_env:?}"
    );
    assert!(from_env.stderr.contains("--registry"), "{from_env:?}");
    assert_eq!(sandbox.enact(&url, &["install", "a/b"]).code, 105);

    sandbox.write(
        "home/.enact/config.yaml",
        &format!("registry:\n  url: {url}\n"),
    );
    let from_config = sandbox.enact_with(&[], &["info", "a/b"]);
    assert!(
        from_config.stderr.contains("config.yaml"),
        "{from_config:?}"
    );
}

#[test]
fn reading_works_without_a_token_and_never_prints_one() {
    let sandbox = Sandbox::new();
    let registry = Registry::start(|_| Answer::error(401, "UNAUTHORIZED", "Unauthorized"));
    let without = sandbox.enact_with(&[("ENACT_REGISTRY_URL", &registry.url)], &["info", "a/b"]);
    assert!(
        without.stderr.contains("set ENACT_AUTH_TOKEN"),
        "{without:?}"
    );
    assert_eq!(registry.requests()[0].header("authorization"), None);
    let with = sandbox.enact(&registry.url, &["info", "a/b"]);
    assert!(!format!("{with:?}").contains("t0ken"), "{with:?}");
}

#[test]
fn a_plain_http_registry_needs_no_certificates_on_this_machine() {
    let (sandbox, nowhere) = (Sandbox::new(), "/nonexistent");
    let registry = Registry::with(&Bundle::greeter("1.0.0"), |_| None);
    let vars = [("SSL_CERT_FILE", nowhere), ("SSL_CERT_DIR", nowhere)];
    let args = ["info", "alice/greeter", "--registry"];
    sandbox
        .enact_with(&vars, &[&args[..], &[&registry.url]].concat())
        .success();
    let https = sandbox.enact_with(&vars, &[&args[..], &["https://127.0.0.1:1"]].concat());
    assert!(https.stderr.contains("SSL_CERT_FILE"), "{https:?}");
}

#[test]
fn wrong_usage_ends_with_2_and_asks_nobody() {
    let sandbox = Sandbox::new();
    let registry = Registry::start(|_| Answer::json(200, &json!({})));
    for args in [
        &["install", "../x"][..],
        &["install", "alice/greeter@next"],
        &["install", "alice/greeter@1.0.0.0"],
        &["yank", "alice/greeter"],
        &["yank", "alice/greeter@^1"],
        &["search"],
        &["visibility", "alice/greeter", "secret"],
        &["publish", "--public", "--private"],
        &["nonsense"],
    ] {
        assert_eq!(sandbox.enact(&registry.url, args).code, 2, "{args:?}");
    }
    let json = sandbox
        .enact(&registry.url, &["install", "x", "--json"])
        .json();
    assert_eq!(json["error"]["code"], "USAGE");
    assert!(registry.log().is_empty());
}
