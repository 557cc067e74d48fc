//! What browsers are told, and what they are let do.

use reqwest::Method;

use crate::backend::Data;
use crate::fixture::{Answer, App, bundle, form, manifest, send};

behaviours![
    every_answer_tells_browsers_to_refrain,
    a_file_of_a_bundle_never_becomes_a_page_of_this_site,
    the_operator_chooses_whose_pages_may_read,
    what_was_answered_to_one_caller_is_not_kept_for_another,
    no_page_is_ever_allowed_credentials,
    a_server_that_is_open_to_all_says_yes_to_all_but_pages_of_other_sites,
];

async fn with_origin(app: &App, method: Method, path: &str, origin: &str) -> Answer {
    send(app.request(method, path).header("origin", origin)).await
}

async fn every_answer_tells_browsers_to_refrain() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    for path in [
        "/health",
        "/docs",
        "/tools/a/b",
        "/tools/a/b/versions/1.0.0/download",
        "/tools/missing/tool",
        "/no/such/route",
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("script-src"), "{path}: {policy}");
        // Over plain HTTP it would be ignored, and a proxy in front knows better.
        assert_eq!(answer.header("strict-transport-security"), "", "{path}");
    }
}

async fn a_file_of_a_bundle_never_becomes_a_page_of_this_site() {
    use crate::fixture::archive;
    let app = App::open().await;
    let page = b"<script>fetch('/auth/me')</script>";
    let bundle = archive(&[("SKILL.md", b"x"), ("page.html", page)]);
    assert_eq!(
        app.publish(&manifest("a/b", "1.0.0"), bundle).await.status,
        201
    );
    let path = "/tools/a/b/versions/1.0.0/files/page.html";
    for accept in ["application/octet-stream", "text/html", "*/*"] {
        let answer = send(app.request(Method::GET, path).header("accept", accept)).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.header("content-type").starts_with("text/html"));
        assert!(answer.header("content-security-policy").contains("sandbox"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

async fn the_operator_chooses_whose_pages_may_read() {
    let (ours, other) = ("https://app.example", "https://other.example");
    let app = App::start(&[("ENACT_CORS_ORIGINS", ours)]).await;
    let read = with_origin(&app, Method::GET, "/health", ours).await;
    assert_eq!(read.header("access-control-allow-origin"), ours);
    assert!(read.header("vary").contains("Origin"));
    let read = with_origin(&app, Method::GET, "/health", other).await;
    assert_eq!(read.header("access-control-allow-origin"), "");
    assert!(read.header("vary").contains("Origin"));
    let preflight = with_origin(&app, Method::OPTIONS, "/tools/a/b", other).await;
    assert_eq!(preflight.header("access-control-allow-methods"), "");
    let preflight = with_origin(&app, Method::OPTIONS, "/tools/a/b", ours).await;
    assert!(
        preflight
            .header("access-control-allow-methods")
            .contains("PATCH")
    );

    let app = App::start(&[("ENACT_CORS_ORIGINS", "none")]).await;
    let read = with_origin(&app, Method::GET, "/health", ours).await;
    assert_eq!(read.status, 200);
    assert_eq!(read.header("access-control-allow-origin"), "");
}

async fn what_was_answered_to_one_caller_is_not_kept_for_another() {
    const KEY: &str = "a-key-that-is-long-enough";
    let app = App::start(&[("ENACT_REGISTRY_API_KEY", KEY)]).await;
    let form = form(&manifest("a/b", "1.0.0"), bundle("a/b", "1.0.0"));
    let publish = app.request(Method::POST, "/tools/a/b/versions");
    let form = form.text("visibility", "public");
    let answer = send(publish.multipart(form).bearer_auth(KEY)).await;
    assert_eq!(answer.status, 201);
    let kept = |answer: &Answer| {
        let [cache, vary] = ["cache-control", "vary"].map(|name| answer.header(name).to_owned());
        (cache, vary)
    };
    let is = |cache: &str, vary: &str| (cache.to_owned(), vary.to_owned());
    for path in [
        "/auth/me",
        "/tools/a/b",
        "/tools/a/missing",
        "/tools/search?q=x",
        "/tools/users/a/tools?include_private=true",
        "/auth/tokens",
    ] {
        let own = send(app.request(Method::GET, path).bearer_auth(KEY)).await;
        assert_eq!(
            kept(&own),
            is("private, no-store", "Authorization"),
            "{path}"
        );
        let anybodys = app.get(path).await;
        assert_eq!(kept(&anybodys), is("", "Authorization"), "{path}");
    }
    // What is the same for all may be shared.
    let path = "/tools/a/b/versions/1.0.0/download";
    let bytes = send(app.request(Method::GET, path).bearer_auth(KEY)).await;
    assert_eq!(kept(&bytes), is("public, max-age=31536000, immutable", ""));

    let open = App::open().await;
    assert_eq!(kept(&open.get("/auth/me").await), is("", "Origin"));
}

async fn no_page_is_ever_allowed_credentials() {
    for setting in ["*", "https://app.example", "none"] {
        let app = App::start(&[("ENACT_CORS_ORIGINS", setting)]).await;
        for method in [Method::GET, Method::OPTIONS, Method::POST] {
            let answer = with_origin(&app, method, "/tools/a/b", "https://app.example").await;
            assert_eq!(answer.header("access-control-allow-credentials"), "");
        }
    }
}

async fn a_server_that_is_open_to_all_says_yes_to_all_but_pages_of_other_sites() {
    let app = App::start_with(Data::new(), &[], |options| {
        options.host = "0.0.0.0".parse().unwrap();
        options.open = true;
    })
    .await;
    app.given("a/b", "1.0.0").await;
    let body = r#"{"visibility":"private"}"#;
    let change = || {
        app.request(Method::PATCH, "/tools/a/b/visibility")
            .body(body)
    };
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        let answer = send(change().header("origin", origin)).await;
        assert_eq!(answer.status, 403, "{origin}");
    }
    assert_eq!(send(change()).await.status, 200);
    let read = with_origin(&app, Method::GET, "/tools/a/b", "https://evil.example").await;
    assert_eq!(read.status, 404, "it is private");
    let read = with_origin(&app, Method::GET, "/tools/a/b", &app.url).await;
    assert_eq!(read.status, 200, "a page of the registry itself");
}
