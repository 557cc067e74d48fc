//! Who may do what.

use reqwest::{Method, RequestBuilder};

use crate::fixture::{App, bundle, form, manifest, send};

behaviours![
    with_a_key_writes_need_it_and_reads_do_not,
    a_private_tool_looks_missing_to_everybody_else,
    in_open_mode_every_token_may_write,
    in_open_mode_pages_of_other_sites_may_read_but_not_write,
    in_open_mode_others_do_not_see_what_is_private,
    the_data_folder_is_its_owner_s_alone,
];

const KEY: &str = "a-key-that-is-long-enough";

async fn with_key() -> App {
    App::start(&[("ENACT_REGISTRY_API_KEY", KEY), ("ENACT_LIMITS", "off")]).await
}

fn publish(app: &App, name: &str, visibility: &'static str) -> RequestBuilder {
    let form = form(&manifest(name, "1.0.0"), bundle(name, "1.0.0")).text("visibility", visibility);
    app.request(Method::POST, &format!("/tools/{name}/versions"))
        .multipart(form)
}

/// What the registry with [`KEY`] does not know.
const TOKENS: [Option<&str>; 5] = [
    None,
    Some("wrong"),
    Some(""),
    Some("a-key-that-is-long-enoug"),
    Some("a-key-that-is-long-enough2"),
];

fn with_token(request: RequestBuilder, token: Option<&str>) -> RequestBuilder {
    match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    }
}

async fn with_a_key_writes_need_it_and_reads_do_not() {
    let app = with_key().await;
    assert_eq!(
        send(publish(&app, "a/b", "public").bearer_auth(KEY))
            .await
            .status,
        201
    );
    let before = app.state().await;
    for token in TOKENS {
        let signed = |request| with_token(request, token);
        for write in [
            publish(&app, "a/c", "public"),
            app.request(Method::POST, "/tools/a/b/versions/1.0.0/yank"),
            app.request(Method::POST, "/tools/a/b/versions/1.0.0/unyank"),
            app.request(Method::PATCH, "/tools/a/b/visibility")
                .body(r#"{"visibility":"private"}"#),
            app.request(Method::GET, "/auth/me"),
            app.request(Method::GET, "/auth/v1/user"),
            app.request(Method::DELETE, "/tools/a/b"),
            app.request(Method::POST, "/orgs")
                .body(r#"{"name":"acme"}"#),
            app.request(Method::PUT, "/users/me/trust")
                .body(r#"{"trusted_auditors":[]}"#),
            app.request(Method::POST, "/tools/a/b/feedback")
                .body(r#"{"rating":1,"version":"1.0.0"}"#),
            app.request(Method::POST, "/tools/a/b/versions/1.0.0/reports")
                .body(r#"{"severity":"low","category":"x","description":"y"}"#),
            app.request(Method::POST, "/tools/a/b/versions/1.0.0/attestations")
                .body(r#"{"bundle":{}}"#),
            app.request(
                Method::DELETE,
                "/tools/a/b/versions/1.0.0/attestations?auditor=x",
            ),
        ] {
            let answer = send(signed(write)).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (401, "UNAUTHORIZED".to_owned()),
                "{token:?}"
            );
        }
    }
    assert!(
        app.state().await == before,
        "a refused write left something"
    );
    // A foreign token reads like none. Not before: what is downloaded is counted a little later.
    for token in TOKENS {
        for read in [
            "/tools/a/b",
            "/tools/search?q=b",
            "/tools/a/b/versions/1.0.0/download",
        ] {
            let request = with_token(app.request(Method::GET, read), token);
            assert_eq!(send(request).await.status, 200, "{token:?} {read}");
        }
    }
    assert_eq!(
        send(app.request(Method::GET, "/auth/me").bearer_auth(KEY))
            .await
            .json()["username"],
        "admin"
    );
}

async fn a_private_tool_looks_missing_to_everybody_else() {
    let app = with_key().await;
    assert_eq!(
        send(publish(&app, "a/secret", "private").bearer_auth(KEY))
            .await
            .status,
        201
    );
    for suffix in [
        "",
        "/versions/1.0.0",
        "/versions/latest",
        "/versions/9.9.9",
        "/versions/1.0.0/download",
        "/versions/1.0.0/download?acknowledge_yanked=true",
        "/versions/1.0.0/attestations",
        "/versions/1.0.0/trust/attestations/x",
        "/versions",
        "/feedback",
        "/feedback/reviews",
        "/versions/1.0.0/download?redirect=true",
        "/versions/1.0.0/files",
        "/versions/9.9.9/files",
        "/versions/1.0.0/files/SKILL.md",
        "/versions/latest/files/no%2Fsuch",
    ] {
        let path = |name: &str| format!("/tools/a/{name}{suffix}");
        let private = app.get(&path("secret")).await;
        let missing = app.get(&path("absent")).await;
        assert_eq!(private.status, 404, "{suffix}");
        let said = |text: Vec<u8>| {
            String::from_utf8(text)
                .unwrap()
                .replace("a/secret", "a/absent")
        };
        assert_eq!(said(private.bytes), said(missing.bytes), "{suffix}");
        let names = |headers: &reqwest::header::HeaderMap| {
            headers.keys().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(names(&private.headers), names(&missing.headers), "{suffix}");
    }
    for listing in [
        "/tools/users/a/tools?include_private=true",
        "/tools/users/a",
    ] {
        let body = String::from_utf8(app.get(listing).await.bytes).unwrap();
        assert!(!body.contains("secret"), "{listing}: {body}");
    }
    assert_eq!(app.get("/tools/search?q=secret").await.json()["total"], 0);
    let download = app
        .request(Method::GET, "/tools/a/secret/versions/1.0.0/download")
        .bearer_auth(KEY);
    let download = send(download).await;
    assert_eq!(
        (download.status.as_u16(), download.header("cache-control")),
        (200, "private, no-store")
    );
}

async fn in_open_mode_every_token_may_write() {
    let app = App::open().await;
    assert_eq!(
        send(publish(&app, "a/b", "public").bearer_auth("of.another.registry"))
            .await
            .status,
        201
    );
    assert_eq!(send(publish(&app, "a/c", "private")).await.status, 201);
    assert_eq!(app.get("/tools/a/c").await.status, 200);
}

async fn in_open_mode_pages_of_other_sites_may_read_but_not_write() {
    let app = App::open().await;
    for origin in [
        "https://evil.example",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "null",
        "http://127.0.0.1@evil.example",
        "http://localhost:80@evil.example",
        "http://[::1].evil.example",
        "x",
    ] {
        let answer = send(publish(&app, "a/b", "public").header("origin", origin)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (403, "FORBIDDEN".to_owned()),
            "{origin}"
        );
    }
    for (n, origin) in [
        "http://localhost:5173",
        "http://127.0.0.1:8080",
        "http://[::1]:1",
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("a/b{n}");
        assert_eq!(
            send(publish(&app, &name, "public").header("origin", origin))
                .await
                .status,
            201,
            "{origin}"
        );
    }
    let read = send(
        app.request(Method::GET, "/tools/a/b0")
            .header("origin", "https://evil.example"),
    )
    .await;
    assert_eq!(
        (
            read.status.as_u16(),
            read.header("access-control-allow-origin")
        ),
        (200, "*")
    );
    let preflight = app
        .request(Method::OPTIONS, "/tools/a/b0")
        .header("origin", "https://page.example");
    let preflight = send(preflight.header("access-control-request-method", "PATCH")).await;
    assert_eq!(preflight.status, 204);
    assert!(
        preflight
            .header("access-control-allow-methods")
            .contains("PATCH")
    );
    assert_eq!(preflight.header("access-control-allow-credentials"), "");
}

async fn in_open_mode_others_do_not_see_what_is_private() {
    let app = App::open().await;
    assert_eq!(send(publish(&app, "a/secret", "private")).await.status, 201);
    assert_eq!(send(publish(&app, "a/open", "public")).await.status, 201);
    let cases = [
        ("origin", "https://evil.example", 404),
        ("origin", "http://localhost:5173", 200),
        // A name that a page's owner points at the loopback address.
        ("host", "evil.example:3000", 404),
        ("host", "127.0.0.1.evil.example", 404),
        ("host", "localhost:3000", 200),
        ("host", "[::1]:3000", 200),
        ("host", "siikwkfgsmouioodghho.supabase.co", 200),
        // A proxy on this machine asks for others.
        ("x-forwarded-for", "203.0.113.7", 404),
        ("x-forwarded-for", "127.0.0.1, 203.0.113.7", 404),
        ("x-forwarded-for", "unknown", 404),
        ("x-real-ip", "203.0.113.7", 404),
        ("forwarded", "for=203.0.113.7", 404),
        ("x-forwarded-for", "127.0.0.1, ::1", 200),
    ];
    for (header, value, status) in cases {
        let private = app
            .request(Method::GET, "/tools/a/secret")
            .header(header, value);
        assert_eq!(send(private).await.status, status, "{header}: {value}");
        let public = app
            .request(Method::GET, "/tools/a/open")
            .header(header, value);
        assert_eq!(send(public).await.status, 200, "{header}: {value}");
        let write = app
            .request(Method::POST, "/tools/a/open/versions/1.0.0/yank")
            .header(header, value);
        let expected = if status == 200 { 200 } else { 403 };
        assert_eq!(send(write).await.status, expected, "{header}: {value}");
    }
}

async fn the_data_folder_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("new/data");
    let options = enact_server::Options {
        host: "127.0.0.1".parse().unwrap(),
        port: 0,
        data_dir: data.clone(),
        redirect_downloads: false,
        open: false,
        tls_cert: None,
        tls_key: None,
    };
    let config = enact_server::Config::resolve(options, |_| None).unwrap();
    enact_server::Server::bind(config).await.unwrap();
    let mode = std::fs::metadata(data).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
