//! Bundles that are refused. Each must say why, and change nothing: not on disk, not in the catalog.

use reqwest::Method;
use serde_json::json;

use crate::fixture::{App, archive, bundle, file, form, gzip, manifest, noise, plain_header, send};

behaviours![
    what_is_no_bundle,
    paths_that_leave_the_folder,
    links_and_devices,
    bombs,
    statements_that_differ,
    more_than_50_mib_is_413_and_tells_the_limit,
    a_bundle_of_exactly_50_mib_is_looked_at,
    manifests_that_break_the_rules,
    forms_that_lack_something,
    bodies_that_are_no_form,
];

/// Publishes `bytes` and checks that they are refused for a reason that holds `reason`.
async fn refused(app: &App, what: &str, bytes: Vec<u8>, reason: &str) {
    let before = app.state().await;
    let answer = app.publish(&manifest("a/b", "1.0.0"), bytes).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (422, "VALIDATION_ERROR".to_owned()),
        "{what}: {answer:?}"
    );
    let message = answer.message().to_lowercase();
    assert!(
        message.contains(reason),
        "{what}: {message:?} does not say {reason:?}"
    );
    assert!(
        !message.contains(&app.data.path().display().to_string()),
        "{message:?} names a path of the server"
    );
    assert!(
        app.state().await == before,
        "{what}: something was left behind"
    );
    assert_eq!(app.get("/tools/a/b").await.status, 404, "{what}");
}

/// A tar of one entry whose header is as given.
fn entry(change: impl Fn(&mut tar::Header), content: &[u8]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let skill = b"# Thing";
    let mut header = plain_header();
    header.set_path("SKILL.md").unwrap();
    header.set_size(skill.len() as u64);
    header.set_cksum();
    tar.append(&header, &skill[..]).unwrap();
    let mut header = plain_header();
    header.set_path("x").unwrap();
    header.set_size(content.len() as u64);
    change(&mut header);
    header.set_cksum();
    tar.append(&header, content).unwrap();
    gzip(&tar.into_inner().unwrap())
}

/// A file of that raw name, past every check of a packing library.
fn named(name: &[u8]) -> Vec<u8> {
    entry(
        |header| header.as_old_mut().name[..name.len()].copy_from_slice(name),
        b"x",
    )
}

fn typed(kind: tar::EntryType, target: &str) -> Vec<u8> {
    entry(
        |header| {
            header.set_entry_type(kind);
            if !target.is_empty() {
                header.set_link_name(target).unwrap();
            }
        },
        b"",
    )
}

async fn what_is_no_bundle() {
    let app = App::open().await;
    refused(&app, "empty", Vec::new(), "gzip").await;
    refused(&app, "text", b"hello".to_vec(), "gzip").await;
    refused(&app, "zip", b"PK\x03\x04............".to_vec(), "gzip").await;
    refused(&app, "gzip of a text", gzip(&b"hello ".repeat(1000)), "tar").await;
    refused(&app, "empty tar", gzip(&[0; 1024]), "empty").await;
    refused(
        &app,
        "no manifest",
        archive(&[("README.md", b"x")]),
        "skill.md",
    )
    .await;
    let whole = bundle("a/b", "1.0.0");
    for cut in [10, whole.len() / 2, whole.len() - 1] {
        refused(
            &app,
            &format!("cut at {cut}"),
            whole[..cut].to_vec(),
            "cut off",
        )
        .await;
    }
    let mut trailing = whole.clone();
    trailing.extend_from_slice(b"trailing");
    refused(&app, "trailing bytes", trailing, "gzip data").await;
    let mut flipped = whole;
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    refused(&app, "a flipped byte", flipped, "the ").await;
}

async fn paths_that_leave_the_folder() {
    let app = App::open().await;
    for (name, reason) in [
        ("../x", "\"..\" component"),
        ("a/../../x", "\"..\" component"),
        ("..", "\"..\" component"),
        ("/etc/passwd", "absolute"),
        ("a//b", "empty or \".\" component"),
        ("a/./b", "empty or \".\" component"),
        ("a\\..\\b", "backslash"),
        ("C:x", "drive"),
        ("a\nb", "control character"),
        ("a\x1bb", "control character"),
        ("\u{7f}x", "control character"),
    ] {
        refused(&app, name, named(name.as_bytes()), reason).await;
    }
    refused(&app, "not UTF-8", named(b"a\xff\xfeb"), "utf-8").await;
    refused(
        &app,
        "the same path twice",
        archive(&[("SKILL.md", b"a"), ("SKILL.md", b"b")]),
        "skill.md",
    )
    .await;
    refused(
        &app,
        "the same path twice, written differently",
        archive(&[("SKILL.md", b"a"), ("./SKILL.md", b"b")]),
        "skill.md",
    )
    .await;
    refused(
        &app,
        "a file that is a folder",
        archive(&[("SKILL.md", b"a"), ("a", b"x"), ("a/b", b"y")]),
        "for a file and for a folder",
    )
    .await;
}

async fn links_and_devices() {
    let app = App::open().await;
    for (kind, target, reason) in [
        (tar::EntryType::Symlink, "/etc/passwd", "symbolic link"),
        (tar::EntryType::Symlink, "SKILL.md", "symbolic link"),
        (tar::EntryType::Link, "SKILL.md", "hard link"),
        (tar::EntryType::Char, "", "device"),
        (tar::EntryType::Block, "", "device"),
        (tar::EntryType::Fifo, "", "pipe"),
    ] {
        refused(
            &app,
            &format!("{kind:?} {target}"),
            typed(kind, target),
            reason,
        )
        .await;
    }
}

async fn bombs() {
    let app = App::open().await;
    let declared = entry(|header| header.set_size(600 * 1024 * 1024), b"");
    refused(&app, "600 MiB declared", declared, "unpack").await;
    let enormous = entry(|header| header.set_size(u64::MAX / 2), b"");
    refused(&app, "8 EiB declared", enormous, "unpack").await;
    let names: Vec<String> = (0..10_001).map(|n| format!("f{n}")).collect();
    let mut files: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), b"".as_slice()))
        .collect();
    files.push(("SKILL.md", b"x"));
    refused(&app, "10,002 entries", archive(&files), "10000 entries").await;
}

async fn statements_that_differ() {
    let app = App::open().await;
    refused(
        &app,
        "another name",
        bundle("bob/other", "1.0.0"),
        "bob/other",
    )
    .await;
    refused(&app, "another version", bundle("a/b", "2.0.0"), "2.0.0").await;
    refused(
        &app,
        "a version that is a path",
        bundle("a/b", "\"../../x\""),
        "version",
    )
    .await;
    refused(
        &app,
        "no YAML",
        archive(&[("skill.package.yml", b"a: [")]),
        "skill.package.yml",
    )
    .await;
    refused(
        &app,
        "front matter of another",
        archive(&[("SKILL.md", b"---\nname: bob/other\n---\n")]),
        "bob/other",
    )
    .await;
}

async fn more_than_50_mib_is_413_and_tells_the_limit() {
    let app = App::open().await;
    let before = app.state().await;
    let answer = app
        .publish(&manifest("a/b", "1.0.0"), noise(52_428_801))
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (413, "BUNDLE_TOO_LARGE".to_owned())
    );
    assert_eq!(answer.json()["error"]["details"]["maxSize"], 52_428_800);
    assert!(app.state().await == before);
    // Refused by its announced length, before the body is looked at.
    let answer = app
        .publish(&manifest("a/b", "1.0.0"), noise(70 * 1024 * 1024))
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (413, "BUNDLE_TOO_LARGE".to_owned())
    );
    assert!(app.state().await == before);
}

async fn a_bundle_of_exactly_50_mib_is_looked_at() {
    let app = App::open().await;
    let answer = app
        .publish(&manifest("a/b", "1.0.0"), noise(52_428_800))
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (422, "VALIDATION_ERROR".to_owned())
    );
}

async fn manifests_that_break_the_rules() {
    let app = App::open().await;
    for (manifest, reason) in [
        (json!({ "name": "a/b" }), "version"),
        (json!({ "version": "1.0.0" }), "name"),
        (json!({ "name": "a/b", "version": "../../x" }), "version"),
        (json!({ "name": "a/b", "version": "1.0" }), "version"),
        (json!({ "name": "a/b", "version": "v1.0.0" }), "version"),
        (json!({ "name": "a/b", "version": 1 }), "version"),
        (json!({ "name": "a/c", "version": "1.0.0" }), "a/c"),
        (json!({ "name": "../b", "version": "1.0.0" }), "name"),
        (
            json!({ "name": "a/b", "version": "1.0.0", "tags": "x" }),
            "tags",
        ),
        (
            json!({ "name": "a/b", "version": "1.0.0", "description": "x".repeat(1025) }),
            "description",
        ),
        (
            json!({ "name": "a/b", "version": "1.0.0", "repository": { "url": "a\0b" } }),
            "repository",
        ),
        (json!([]), "object"),
    ] {
        let before = app.state().await;
        let answer = app
            .publish_form("a/b", form(&manifest, bundle("a/b", "1.0.0")))
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (422, "VALIDATION_ERROR".to_owned()),
            "{manifest}"
        );
        assert!(
            answer.message().contains(reason),
            "{manifest}: {}",
            answer.message()
        );
        assert!(app.state().await == before, "{manifest}");
    }
}

async fn forms_that_lack_something() {
    use reqwest::multipart::Form;
    let app = App::open().await;
    let good = || manifest("a/b", "1.0.0").to_string();
    let bytes = || file(bundle("a/b", "1.0.0"));
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for (what, form) in [
        ("no manifest", Form::new().part("bundle", bytes())),
        ("no bundle", Form::new().text("manifest", good())),
        ("nothing", Form::new().text("other", "x")),
        (
            "manifest that is no JSON",
            Form::new().text("manifest", "{").part("bundle", bytes()),
        ),
        (
            "manifest that nests for ever",
            Form::new().text("manifest", deep).part("bundle", bytes()),
        ),
        (
            "manifest of 2 MiB",
            Form::new()
                .text("manifest", " ".repeat(2 << 20))
                .part("bundle", bytes()),
        ),
        (
            "manifest twice",
            Form::new()
                .text("manifest", good())
                .text("manifest", good())
                .part("bundle", bytes()),
        ),
        (
            "bundle twice",
            Form::new()
                .text("manifest", good())
                .part("bundle", bytes())
                .part("bundle", bytes()),
        ),
        (
            "visibility",
            Form::new()
                .text("manifest", good())
                .part("bundle", bytes())
                .text("visibility", "secret"),
        ),
        (
            "half a signature",
            Form::new()
                .text("manifest", good())
                .part("bundle", bytes())
                .text("sigstore_bundle", "{}"),
        ),
        (
            "NUL in a text",
            Form::new()
                .text("manifest", good())
                .part("bundle", bytes())
                .text("raw_manifest", "a\0b"),
        ),
        (
            "33 parts",
            (0..33).fold(Form::new(), |form, n| form.text(format!("p{n}"), "x")),
        ),
    ] {
        let before = app.state().await;
        let answer = app.publish_form("a/b", form).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (422, "VALIDATION_ERROR".to_owned()),
            "{what}"
        );
        assert!(app.state().await == before, "{what}");
    }
}

async fn bodies_that_are_no_form() {
    let app = App::open().await;
    let endless = format!(
        "--x\r\nContent-Disposition: form-data; name=\"{}",
        "a".repeat(4 << 20)
    );
    for (what, content_type, body) in [
        ("no type", "", String::new()),
        ("JSON", "application/json", "{}".to_owned()),
        ("no boundary", "multipart/form-data", "x".to_owned()),
        ("empty", "multipart/form-data; boundary=x", String::new()),
        (
            "cut off",
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"manifest\"\r\n\r\n{".to_owned(),
        ),
        (
            "another boundary",
            "multipart/form-data; boundary=x",
            "--y\r\n\r\n--y--\r\n".to_owned(),
        ),
        (
            "a header that never ends",
            "multipart/form-data; boundary=x",
            endless,
        ),
    ] {
        let before = app.state().await;
        let request = app
            .request(Method::POST, "/tools/a/b/versions")
            .header("content-type", content_type)
            .body(body);
        let answer = send(request).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (400, "BAD_REQUEST".to_owned()),
            "{what}: {answer:?}"
        );
        assert!(app.state().await == before, "{what}");
    }
}
