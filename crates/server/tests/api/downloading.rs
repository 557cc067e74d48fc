//! Downloads in parts, on conditions, and from the store itself.

use enact_testkit::{S3, s3_env};
use enact_types::Digest;
use reqwest::Method;
use reqwest::redirect::Policy;

use crate::fixture::{Answer, App, bundle, form, manifest, send};

behaviours![
    one_range_of_a_bundle_is_answered_with_that_part,
    a_range_that_is_not_there_is_416_and_what_is_no_range_is_ignored,
    a_resumed_download_is_on_condition_of_the_same_bundle,
    conditions_are_answered_without_a_body,
    a_resumed_download_counts_once_and_what_sends_nothing_does_not,
    a_part_of_an_object_of_another_size_is_refused,
    a_whole_range_is_verified_like_the_whole,
    a_store_without_links_streams_instead,
    a_redirect_leads_to_the_bytes_in_the_store,
    a_server_can_be_set_to_redirect,
    a_private_tool_s_link_is_for_whoever_may_see_it_and_short,
];

const PATH: &str = "/tools/a/b/versions/1.0.0/download";

async fn get(app: &App, headers: &[(&str, &str)]) -> Answer {
    ask(app, Method::GET, headers).await
}

async fn ask(app: &App, method: Method, headers: &[(&str, &str)]) -> Answer {
    let mut request = app.request(method, PATH);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(request).await
}

async fn one_range_of_a_bundle_is_answered_with_that_part() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let bytes = bundle("a/b", "1.0.0");
    let size = bytes.len();
    let whole = get(&app, &[]).await;
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let digest = whole.header("repr-digest").to_owned();
    assert_eq!(digest, repr_digest(&bytes));
    for (range, part) in [
        ("bytes=0-9".to_owned(), 0..10),
        ("bytes=10-".to_owned(), 10..size),
        ("bytes=-7".to_owned(), size - 7..size),
        (format!("bytes={}-{}", size - 1, size + 5), size - 1..size),
        ("bytes=0-".to_owned(), 0..size),
        (format!("bytes=-{}", u128::MAX), 0..size),
    ] {
        let answer = get(&app, &[("range", &range)]).await;
        assert_eq!(answer.status, 206, "{range}");
        assert_eq!(answer.bytes, bytes[part.clone()], "{range}");
        assert_eq!(
            answer.header("content-range"),
            format!("bytes {}-{}/{size}", part.start, part.end - 1)
        );
        assert_eq!(answer.header("content-length"), part.len().to_string());
        for header in ["etag", "repr-digest", "cache-control", "x-bundle-hash"] {
            assert_eq!(answer.header(header), whole.header(header), "{header}");
        }
        assert_eq!(answer.header("content-encoding"), "");
    }
}

async fn a_range_that_is_not_there_is_416_and_what_is_no_range_is_ignored() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let bytes = bundle("a/b", "1.0.0");
    let size = bytes.len();
    for range in [
        format!("bytes={size}-"),
        "bytes=-0".to_owned(),
        format!("bytes={0}-{0}", u128::MAX),
    ] {
        let answer = get(&app, &[("range", &range)]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (416, "RANGE_NOT_SATISFIABLE".to_owned())
        );
        assert_eq!(answer.header("content-range"), format!("bytes */{size}"));
    }
    for range in ["bytes=0-1,3-4", "items=0-1", "bytes=5-2", "bytes=x-", "0-1"] {
        let answer = get(&app, &[("range", range)]).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.bytes),
            (200, &bytes),
            "{range}"
        );
    }
    let twice = get(&app, &[("range", "bytes=0-1"), ("range", "bytes=2-3")]).await;
    assert_eq!(twice.status, 200);
    let head = ask(&app, Method::HEAD, &[("range", "bytes=0-1")]).await;
    assert_eq!(
        (head.status.as_u16(), head.header("content-range")),
        (200, "")
    );
    assert_eq!(head.header("content-length"), size.to_string());
    assert_eq!(head.header("accept-ranges"), "bytes");
}

async fn a_resumed_download_is_on_condition_of_the_same_bundle() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let bytes = bundle("a/b", "1.0.0");
    let etag = get(&app, &[]).await.header("etag").to_owned();
    let weak = format!("W/{etag}");
    let condition =
        |value: &str| [("range", "bytes=5-"), ("if-range", value)].map(|(a, b)| (a, b.to_owned()));
    for (value, status) in [
        (etag.as_str(), 206),
        (&weak, 200),
        ("\"sha256:0\"", 200),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 200),
    ] {
        let [range, if_range] = condition(value);
        let answer = get(&app, &[(range.0, &range.1), (if_range.0, &if_range.1)]).await;
        assert_eq!(answer.status, status, "{value}");
        let part = if status == 206 { &bytes[5..] } else { &bytes };
        assert_eq!(answer.bytes, part);
    }
}

async fn conditions_are_answered_without_a_body() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let whole = get(&app, &[]).await;
    let etag = whole.header("etag");
    for method in [Method::GET, Method::HEAD] {
        // The condition comes before the range.
        let known = [("if-none-match", etag), ("range", "bytes=0-1")];
        let answer = ask(&app, method.clone(), &known).await;
        assert_eq!((answer.status.as_u16(), answer.bytes.len()), (304, 0));
        for header in ["etag", "cache-control"] {
            assert_eq!(answer.header(header), whole.header(header), "{header}");
        }
        let other = ask(&app, method, &[("if-match", "\"sha256:0\"")]).await;
        assert_eq!(other.status, 412);
    }
    let other = get(&app, &[("if-match", "\"sha256:0\"")]).await;
    assert_eq!(other.code(), "PRECONDITION_FAILED");
    assert_eq!(get(&app, &[("if-match", etag)]).await.status, 200);
}

/// How often the version was downloaded, after everything has been counted.
async fn downloads(app: App) -> (App, u64) {
    let app = App::start_in(app.stop().await, &[]).await;
    let count = app.get("/tools/a/b").await.json()["total_downloads"].clone();
    (app, count.as_u64().unwrap())
}

async fn a_resumed_download_counts_once_and_what_sends_nothing_does_not() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    assert_eq!(get(&app, &[("range", "bytes=0-9")]).await.status, 206);
    assert_eq!(get(&app, &[("range", "bytes=5-20")]).await.status, 206);
    assert_eq!(ask(&app, Method::HEAD, &[]).await.status, 200);
    assert_eq!(get(&app, &[("if-none-match", "*")]).await.status, 304);
    let (app, count) = downloads(app).await;
    assert_eq!(count, 0);
    assert_eq!(get(&app, &[("range", "bytes=10-")]).await.status, 206);
    let (app, count) = downloads(app).await;
    assert_eq!(count, 1);
    assert_eq!(get(&app, &[]).await.status, 200);
    assert_eq!(downloads(app).await.1, 2);
}

/// The bundle's file in the data folder.
async fn object(app: &App) -> String {
    let state = app.state().await;
    let mut paths = state.into_keys();
    paths.find(|path| path.ends_with("1.0.0.tar.gz")).unwrap()
}

async fn a_part_of_an_object_of_another_size_is_refused() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let object = object(&app).await;
    let good = std::fs::read(&object).unwrap();
    for damaged in [
        &good[..good.len() - 1],
        &good[..3],
        &[good.as_slice(), b"x"].concat(),
    ] {
        std::fs::write(&object, damaged).unwrap();
        for range in ["bytes=0-1", "bytes=5-9", "bytes=-2"] {
            let answer = get(&app, &[("range", range)]).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (500, "INTERNAL_ERROR".to_owned())
            );
        }
    }
    std::fs::remove_file(&object).unwrap();
    assert_eq!(
        get(&app, &[("range", "bytes=0-1")]).await.code(),
        "NOT_FOUND"
    );
    // Neither needs the object.
    assert_eq!(ask(&app, Method::HEAD, &[]).await.status, 200);
    assert_eq!(get(&app, &[("if-none-match", "*")]).await.status, 304);
}

async fn a_whole_range_is_verified_like_the_whole() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let object = object(&app).await;
    let mut bytes = std::fs::read(&object).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&object, bytes).unwrap();
    let request = app.request(Method::GET, PATH).header("range", "bytes=0-");
    let whole = match request.send().await {
        Ok(response) => response.bytes().await,
        Err(error) => Err(error),
    };
    assert!(whole.is_err(), "{whole:?}");
}

async fn a_store_without_links_streams_instead() {
    let app = App::start(&[("ENACT_REDIRECT_DOWNLOADS", "1")]).await;
    app.given("a/b", "1.0.0").await;
    for query in ["", "?redirect=true"] {
        let answer = app.get(&format!("{PATH}{query}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.bytes),
            (200, bundle("a/b", "1.0.0"))
        );
    }
}

/// A server over an S3 store of its own, in this process.
pub(crate) async fn on_s3(more: &[(&str, &str)]) -> (App, S3) {
    // It starts a runtime, which a thread of this one must not.
    let s3 = tokio::task::spawn_blocking(S3::in_process);
    let s3 = s3.await.unwrap().unwrap();
    let env = s3_env(&s3);
    let vars: Vec<_> = env
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .chain(more.iter().copied())
        .collect();
    (App::start(&vars).await, s3)
}

/// Sends a request and does not follow where it leads.
pub(crate) async fn first(app: &App, path: &str, token: Option<&str>) -> Answer {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none());
    let mut request = client.build().unwrap().get(format!("{}{path}", app.url));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    send(request).await
}

/// What anybody gets from a link.
async fn follow(answer: &Answer) -> Answer {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    send(client.get(answer.header("location"))).await
}

async fn a_redirect_leads_to_the_bytes_in_the_store() {
    let (app, s3) = on_s3(&[]).await;
    app.given("a/b", "1.0.0").await;
    let bytes = bundle("a/b", "1.0.0");
    let answer = first(&app, &format!("{PATH}?redirect=true"), None).await;
    assert_eq!((answer.status.as_u16(), answer.bytes.len()), (302, 0));
    assert!(answer.header("location").starts_with(&s3.endpoint));
    assert_eq!(answer.header("cache-control"), "private, no-store");
    assert_eq!(answer.header("etag"), "");
    assert_eq!(
        answer.header("x-bundle-hash"),
        Digest::of(&bytes).to_string()
    );
    let stored = follow(&answer).await;
    assert_eq!((stored.status.as_u16(), &stored.bytes), (200, &bytes));
    assert_eq!(stored.header("content-type"), "application/gzip");
    // What needs no bytes leads nowhere, and without being asked the server streams.
    assert_eq!(ask(&app, Method::HEAD, &[]).await.status, 200);
    let head = app.request(Method::HEAD, &format!("{PATH}?redirect=true"));
    assert_eq!(send(head).await.header("location"), "");
    let known = app.request(Method::GET, &format!("{PATH}?redirect=true"));
    assert_eq!(send(known.header("if-none-match", "*")).await.status, 304);
    for path in [
        PATH,
        &format!("{PATH}?redirect=false"),
        &format!("{PATH}?redirect=x"),
    ] {
        let answer = first(&app, path, None).await;
        assert_eq!((answer.status.as_u16(), &answer.bytes), (200, &bytes));
    }
    // A yanked version gives no link either.
    app.post("/tools/a/b/versions/1.0.0/yank", "{}").await;
    let yanked = first(&app, &format!("{PATH}?redirect=true"), None).await;
    assert_eq!(
        (yanked.status.as_u16(), yanked.header("location")),
        (410, "")
    );
}

async fn a_server_can_be_set_to_redirect() {
    let (app, s3) = on_s3(&[("ENACT_REDIRECT_DOWNLOADS", "1")]).await;
    app.given("a/b", "1.0.0").await;
    assert_eq!(first(&app, PATH, None).await.status, 302);
    assert_eq!(
        first(&app, &format!("{PATH}?redirect=false"), None)
            .await
            .status,
        200
    );
    // Each of them counts, though nobody here sees the bytes of the first.
    let data = app.stop().await;
    let env = s3_env(&s3);
    let vars: Vec<_> = env
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let app = App::start_in(data, &vars).await;
    assert_eq!(app.get("/tools/a/b").await.json()["total_downloads"], 2);
}

async fn a_private_tool_s_link_is_for_whoever_may_see_it_and_short() {
    const KEY: &str = "a-key-that-is-long-enough";
    let (app, _s3) = on_s3(&[("ENACT_REGISTRY_API_KEY", KEY)]).await;
    for (name, visibility) in [("a/b", "private"), ("a/open", "public")] {
        let form = form(&manifest(name, "1.0.0"), bundle(name, "1.0.0"));
        let request = app
            .request(Method::POST, &format!("/tools/{name}/versions"))
            .multipart(form.text("visibility", visibility));
        assert_eq!(send(request.bearer_auth(KEY)).await.status, 201);
    }
    let path = format!("{PATH}?redirect=true");
    for token in [None, Some("wrong")] {
        let refused = first(&app, &path, token).await;
        assert_eq!(
            (refused.status.as_u16(), refused.header("location")),
            (404, "")
        );
    }
    let answer = first(&app, &path, Some(KEY)).await;
    assert_eq!(answer.status, 302);
    let stored = follow(&answer).await;
    assert_eq!(
        (stored.status.as_u16(), stored.bytes),
        (200, bundle("a/b", "1.0.0"))
    );
    let life = |answer: &Answer| {
        let url = reqwest::Url::parse(answer.header("location")).unwrap();
        let life = url.query_pairs().find(|(name, _)| name == "X-Amz-Expires");
        life.unwrap().1.parse::<u64>().unwrap()
    };
    assert_eq!(life(&answer), 60);
    let open = first(
        &app,
        "/tools/a/open/versions/1.0.0/download?redirect=true",
        None,
    )
    .await;
    assert_eq!(life(&open), 300);
}

fn repr_digest(bytes: &[u8]) -> String {
    use base64::Engine as _;
    let digest = base64::prelude::BASE64_STANDARD.encode(Digest::of(bytes).as_bytes());
    format!("sha-256=:{digest}:")
}
