//! Looking into bundles.

use reqwest::Method;
use serde_json::{Value, json};

use crate::fixture::{Answer, App, archive, gzip, manifest, noise, plain_header, send};

behaviours![
    a_listing_names_what_the_bundle_holds,
    a_listing_does_not_need_the_bundle,
    nor_does_the_head_of_a_file,
    a_text_is_shown_as_it_is_and_other_bytes_in_base_64,
    a_path_is_one_segment_or_several_and_only_a_line_of_the_index,
    plain_bytes_are_given_as_something_that_no_browser_runs,
    a_large_file_is_given_as_bytes_alone,
    files_of_a_damaged_bundle_never_arrive_whole,
    a_file_without_a_digest_is_vouched_for_by_the_whole_bundle,
    a_yanked_version_can_still_be_looked_into,
];

const BASE: &str = "/tools/a/b/versions/1.0.0/files";

async fn given(files: &[(&str, &[u8])]) -> App {
    given_bundle(archive(&with_manifest(files))).await
}

fn with_manifest<'f>(files: &[(&'f str, &'f [u8])]) -> Vec<(&'f str, &'f [u8])> {
    let mut all: Vec<(&str, &[u8])> = vec![("SKILL.md", b"# Thing\n")];
    all.extend(files);
    all
}

async fn given_bundle(bundle: Vec<u8>) -> App {
    let app = App::open().await;
    let answer = app.publish(&manifest("a/b", "1.0.0"), bundle).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    app
}

async fn raw(app: &App, path: &str) -> Answer {
    let request = app.request(Method::GET, &format!("{BASE}/{path}"));
    send(request.header("accept", "application/octet-stream")).await
}

async fn a_listing_names_what_the_bundle_holds() {
    let mut tar = tar::Builder::new(Vec::new());
    let files: [(&str, &[u8], u32); 8] = [
        ("./scripts/run.sh", b"#!/bin/sh\n", 0o755),
        ("SKILL.md", b"# Thing\n", 0o644),
        ("Z", b"", 0o644),
        ("a b/\u{fc}.txt", b"x", 0o644),
        ("._SKILL.md", b"x", 0o644),
        ("scripts/._run.sh", b"x", 0o644),
        ("scripts/.DS_Store", b"x", 0o644),
        ("__MACOSX/x", b"x", 0o644),
    ];
    for (path, content, mode) in files {
        let mut header = plain_header();
        header.set_mode(mode);
        header.set_size(content.len() as u64);
        tar.append_data(&mut header, path, content).unwrap();
    }
    let mut header = plain_header();
    header.set_entry_type(tar::EntryType::Directory);
    header.set_size(0);
    tar.append_data(&mut header, "empty/", &[][..]).unwrap();
    let app = given_bundle(gzip(&tar.into_inner().unwrap())).await;

    let row = |path: &str, size: u64, kind: &str, executable: bool| json!({ "path": path, "size": size, "type": kind, "executable": executable });
    let answer = app.get(BASE).await;
    assert_eq!(answer.header("cache-control"), "no-cache");
    assert_eq!(
        answer.json(),
        json!({
            "files": [
                row("SKILL.md", 8, "file", false),
                row("Z", 0, "file", false),
                row("a b/\u{fc}.txt", 1, "file", false),
                row("empty", 0, "directory", false),
                row("scripts/run.sh", 10, "file", true),
            ],
            "total": 5
        })
    );
    for path in [
        "._SKILL.md",
        "scripts/.DS_Store",
        "__MACOSX/x",
        "empty",
        "scripts",
    ] {
        assert_eq!(
            app.get(&format!("{BASE}/{path}")).await.code(),
            "NOT_FOUND",
            "{path}"
        );
    }
    let latest = app.get("/tools/a/b/versions/latest/files").await.json();
    assert_eq!(latest["total"], 5);
    let head = send(app.request(Method::HEAD, BASE)).await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
}

/// The bundle's file in the data folder.
async fn object(app: &App) -> String {
    let state = app.state().await;
    let mut paths = state.into_keys();
    paths.find(|path| path.ends_with("1.0.0.tar.gz")).unwrap()
}

async fn a_listing_does_not_need_the_bundle() {
    let app = given(&[("empty.txt", b""), ("x", b"y")]).await;
    std::fs::remove_file(object(&app).await).unwrap();
    assert_eq!(app.get(BASE).await.json()["total"], 3);
    // Nor does a file that holds nothing.
    assert_eq!(
        app.get(&format!("{BASE}/empty.txt")).await.json()["content"],
        ""
    );
    assert_eq!(app.get(&format!("{BASE}/x")).await.code(), "NOT_FOUND");
}

async fn nor_does_the_head_of_a_file() {
    let app = given(&[("x", b"y")]).await;
    std::fs::remove_file(object(&app).await).unwrap();
    let head = send(app.request(Method::HEAD, &format!("{BASE}/x"))).await;
    assert_eq!(head.status, 200);
    for (header, value) in [
        ("content-type", "application/json"),
        ("cache-control", "no-cache"),
        ("vary", "Accept"),
        // That of GET is not known without its work.
        ("content-length", ""),
    ] {
        assert_eq!(head.header(header), value, "{header}");
    }
    let head = send(app.request(Method::HEAD, &format!("{BASE}/missing"))).await;
    assert_eq!(head.status, 404);
}

async fn a_text_is_shown_as_it_is_and_other_bytes_in_base_64() {
    let long = "grüße\n".repeat(50_000);
    let files: [(&str, &[u8]); 6] = [
        ("notes", "grüße \"x\"\r\n".as_bytes()),
        ("empty", b""),
        ("nul.md", b"a\0b"),
        ("nul.bin", b"a\0b"),
        ("latin-1.txt", b"gr\xfc\xdfe"),
        ("long.txt", long.as_bytes()),
    ];
    let app = given(&files).await;
    for (path, content, size, encoding) in [
        ("SKILL.md", "# Thing\n", 8, "utf-8"),
        ("notes", "grüße \"x\"\r\n", 13, "utf-8"),
        ("empty", "", 0, "utf-8"),
        ("nul.md", "a\0b", 3, "utf-8"),
        ("nul.bin", "YQBi", 3, "base64"),
        ("latin-1.txt", "Z3L832U=", 5, "base64"),
        ("long.txt", &long, long.len(), "utf-8"),
    ] {
        let answer = app.get(&format!("{BASE}/{path}")).await;
        assert_eq!(
            answer.json(),
            json!({ "path": path, "content": content, "size": size, "encoding": encoding })
        );
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("vary"), "Accept");
    }
}

async fn a_path_is_one_segment_or_several_and_only_a_line_of_the_index() {
    let deep = "versions/1.0.0/files/100% \u{fc}+.txt";
    let app = given(&[(deep, b"deep")]).await;
    for path in [
        "versions/1.0.0/files/100%25%20%C3%BC+.txt",
        "versions%2F1.0.0%2Ffiles%2F100%25%20%C3%BC%2B.txt",
        "versions%2f1.0.0/files/100%25%20%c3%bc+.txt",
    ] {
        assert_eq!(
            app.get(&format!("{BASE}/{path}")).await.json()["path"],
            deep,
            "{path}"
        );
    }
    let long = "x".repeat(20_000);
    for path in [
        "none",
        "skill.md",
        "SKILL.md%2F",
        "SKILL.md%00",
        "%00",
        ".%2FSKILL.md",
        "%2FSKILL.md",
        "x%2F..%2FSKILL.md",
        "..%2f..%2f..%2fregistry.db",
        "%2Fetc%2Fpasswd",
        "%5C..%5Cx",
        "%252e%252e%252fSKILL.md",
        "%E2%80%AE",
        "versions",
        "versions%2F1.0.0",
        "%25",
        "'%20OR%20''='",
        &long,
    ] {
        for accept in ["application/json", "application/octet-stream"] {
            let request = app.request(Method::GET, &format!("{BASE}/{path}"));
            let answer = send(request.header("accept", accept)).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (404, "NOT_FOUND".to_owned()),
                "{path}"
            );
        }
    }
    let malformed = app.get(&format!("{BASE}/%ff")).await;
    assert_eq!(
        (malformed.status.as_u16(), malformed.code()),
        (400, "BAD_REQUEST".to_owned())
    );
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let answer = send(app.request(method, &format!("{BASE}/SKILL.md"))).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (405, "METHOD_NOT_ALLOWED".to_owned())
        );
    }
}

async fn plain_bytes_are_given_as_something_that_no_browser_runs() {
    let page = b"<script>alert(1)</script>";
    let app = given(&[("page.html", page), ("empty", b"")]).await;
    let answer = raw(&app, "page.html").await;
    assert_eq!(
        (answer.status.as_u16(), answer.bytes.as_slice()),
        (200, page.as_slice())
    );
    for (header, value) in [
        ("content-type", "application/octet-stream"),
        ("x-content-type-options", "nosniff"),
        ("content-disposition", "attachment"),
        ("content-length", "25"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("vary", "Accept"),
    ] {
        assert_eq!(answer.header(header), value, "{header}");
    }
    assert!(answer.header("repr-digest").starts_with("sha-256=:"));
    let request = |method| {
        app.request(method, &format!("{BASE}/page.html"))
            .header("accept", "application/octet-stream")
    };
    let etag = answer.header("etag");
    assert_eq!(etag, format!("\"{}\"", enact_types::Digest::of(page)));
    let known = send(request(Method::GET).header("if-none-match", etag)).await;
    assert_eq!((known.status.as_u16(), known.bytes.len()), (304, 0));
    let head = send(request(Method::HEAD)).await;
    assert_eq!((head.header("content-length"), head.bytes.len()), ("25", 0));
    let empty = raw(&app, "empty").await;
    assert_eq!(
        (empty.status.as_u16(), empty.header("content-length")),
        (200, "0")
    );
    // The page itself is never a page.
    let shown = app.request(Method::GET, &format!("{BASE}/page.html"));
    let shown = send(shown.header("accept", "text/html,*/*;q=0.8")).await;
    assert_eq!(shown.header("content-type"), "application/json");
}

async fn a_large_file_is_given_as_bytes_alone() {
    let large = noise(3 * 1024 * 1024 + 17);
    let app = given(&[("a/large.bin", &large), ("z", b"behind it")]).await;
    let refused = app.get(&format!("{BASE}/a/large.bin")).await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (413, "FILE_TOO_LARGE".to_owned())
    );
    assert!(
        refused
            .message()
            .contains("Accept: application/octet-stream")
    );
    let answer = raw(&app, "a/large.bin").await;
    assert_eq!(answer.status, 200);
    assert!(answer.bytes == large);
    assert_eq!(
        app.get(&format!("{BASE}/z")).await.json()["content"],
        "behind it"
    );
    // Clients that go away give their turns back: there are fewer of those than this.
    for _ in 0..40 {
        let request = app.request(Method::GET, &format!("{BASE}/a/large.bin"));
        let mut response = request
            .header("accept", "application/octet-stream")
            .send()
            .await
            .unwrap();
        assert!(response.chunk().await.unwrap().is_some());
    }
    assert!(raw(&app, "a/large.bin").await.bytes == large);
}

/// A request for plain bytes, whose answer may break off.
async fn whole(app: &App, path: &str) -> Option<Vec<u8>> {
    let request = app.request(Method::GET, &format!("{BASE}/{path}"));
    let response = request
        .header("accept", "application/octet-stream")
        .send()
        .await
        .ok()?;
    if response.status() != 200 {
        return None;
    }
    Some(response.bytes().await.ok()?.to_vec())
}

async fn files_of_a_damaged_bundle_never_arrive_whole() {
    let large = noise(2 * 1024 * 1024);
    let files: [(&str, &[u8]); 3] = [("a", b"first"), ("large", &large), ("z", b"last")];
    let app = given(&files).await;
    let object = object(&app).await;
    let good = std::fs::read(&object).unwrap();
    let other = |files: &[(&str, &[u8])]| archive(&with_manifest(files));
    let mut flipped = large.clone();
    flipped[large.len() - 1] ^= 1;
    for (damaged, hit) in [
        (b"not gzip".to_vec(), ["a", "large", "z"].as_slice()),
        (Vec::new(), &["a", "large", "z"]),
        (good[..good.len() / 2].to_vec(), &["large", "z"]),
        // Well-formed, and not what was published.
        (
            other(&[("a", b"First"), ("large", &flipped), ("z", b"lasts")]),
            &["a", "large", "z"],
        ),
        (
            other(&[("a", b"firs"), ("large", &large[1..])]),
            &["a", "large", "z"],
        ),
        (
            other(&[("a", b"first"), ("a", b"evil!"), ("large", &large)]),
            &["large", "z"],
        ),
    ] {
        std::fs::write(&object, damaged).unwrap();
        for path in hit {
            assert_eq!(whole(&app, path).await, None, "{path}");
            let shown = app.get(&format!("{BASE}/{path}")).await;
            assert!(!shown.status.is_success(), "{path}: {shown:?}");
        }
    }
    std::fs::write(&object, &good).unwrap();
    assert_eq!(whole(&app, "a").await.unwrap(), b"first");
    assert!(whole(&app, "large").await.unwrap() == large);
}

async fn a_file_without_a_digest_is_vouched_for_by_the_whole_bundle() {
    let large = noise(2 * 1024 * 1024);
    let files: [(&str, &[u8]); 3] = [("a", b"first"), ("large", &large), ("z", b"last")];
    let app = given(&files).await;
    app.data
        .execute("UPDATE version_files SET sha256 = NULL")
        .await;
    assert_eq!(
        app.get(&format!("{BASE}/a")).await.json()["content"],
        "first"
    );
    assert!(raw(&app, "large").await.bytes == large);
    assert_eq!(raw(&app, "a").await.header("etag"), "");
    let object = object(&app).await;
    let files: [(&str, &[u8]); 3] = [("a", b"First"), ("large", &large), ("z", b"last")];
    std::fs::write(&object, archive(&with_manifest(&files))).unwrap();
    for path in ["a", "large", "z"] {
        assert_eq!(whole(&app, path).await, None, "{path}");
        let shown: Value = app.get(&format!("{BASE}/{path}")).await.json();
        assert!(shown["error"].is_object(), "{path}: {shown}");
    }
}

async fn a_yanked_version_can_still_be_looked_into() {
    let app = given(&[]).await;
    app.post("/tools/a/b/versions/1.0.0/yank", "{}").await;
    assert_eq!(app.get(BASE).await.json()["total"], 1);
    assert_eq!(app.get(&format!("{BASE}/SKILL.md")).await.status, 200);
}
