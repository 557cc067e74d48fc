//! `enact publish`, and the other commands that change something.

use enact_types::Digest;
use serde_json::{Value, json};

use crate::published::Published;
use crate::registry::{Answer, Registry, Request};
use crate::sandbox::Sandbox;

const SKILL_MD: &str = "---\r\nname: greeter\r\ndescription: Greets\r\n---\r\n# Greeter\r\n";

/// With a skill in the project's folder.
pub(crate) fn author() -> Sandbox {
    let sandbox = Sandbox::new();
    let manifest = "name: alice/greeter\nversion: 1.0.0\ndescription: Greets\nx-extra: 1\n";
    sandbox.write("project/skill.package.yml", manifest);
    sandbox.write("project/SKILL.md", SKILL_MD);
    sandbox.write("project/scripts/greet.sh", "echo hello\n");
    sandbox.write("project/.env", "SECRET=1\n");
    sandbox
}

/// The parts of a multipart body as (head, content).
pub(crate) fn parts(content_type: &str, body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let boundary = content_type.split("boundary=").nth(1).unwrap();
    let (open, next) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}"));
    let find = |bytes: &[u8], text: &str| {
        bytes
            .windows(text.len())
            .position(|window| window == text.as_bytes())
            .unwrap()
    };
    let mut rest = body.strip_prefix(open.as_bytes()).unwrap();
    let mut parts = Vec::new();
    loop {
        let head_end = find(rest, "\r\n\r\n");
        let end = find(rest, &next);
        let head = String::from_utf8(rest[..head_end].to_vec()).unwrap();
        parts.push((head, rest[head_end + 4..end].to_vec()));
        rest = &rest[end + next.len()..];
        match rest.strip_prefix(b"\r\n") {
            Some(more) if !more.is_empty() => rest = more,
            _ => break,
        }
    }
    assert!(rest.starts_with(b"--"), "the body has no end");
    parts
}

/// What a registry answers to a publish, about the bundle that it got.
pub(crate) fn accept(content_type: &str, body: &[u8]) -> Answer {
    Answer::json(201, &published(content_type, body))
}

fn published(content_type: &str, body: &[u8]) -> Value {
    let bundle = &parts(content_type, body)[1].1;
    json!({
        "name": "alice/greeter", "version": "1.0.0", "bundle_hash": Digest::of(bundle),
        "published_at": "2026-01-01T00:00:00.000Z",
    })
}

/// A registry without any skill, which takes every publish.
fn accepting() -> Registry {
    refusing(|request| accept(request.header("content-type").unwrap(), &request.body))
}

/// A registry without any skill, which answers so to a publish.
fn refusing(answer: impl Fn(&Request) -> Answer + Send + 'static) -> Registry {
    Registry::start(move |request| {
        if request.method == "GET" {
            Answer::error(404, "NOT_FOUND", "nothing is here")
        } else {
            answer(request)
        }
    })
}

#[test]
fn sends_the_parts_in_order_and_reports_what_was_published() {
    let sandbox = author();
    let registry =
        Registry::start(|request| accept(request.header("content-type").unwrap(), &request.body));
    let ended = sandbox
        .enact(&registry.url, &["publish", "--public", "--json"])
        .success();
    assert_eq!(registry.log(), ["POST /tools/alice/greeter/versions"]);
    let request = registry.requests().remove(0);
    assert_eq!(request.header("authorization"), Some("Bearer t0ken"));
    let length = request.body.len().to_string();
    assert_eq!(request.header("content-length"), Some(length.as_str()));

    let parts = parts(request.header("content-type").unwrap(), &request.body);
    let heads: Vec<_> = parts.iter().map(|(head, _)| head.as_str()).collect();
    assert_eq!(
        heads,
        [
            "Content-Disposition: form-data; name=\"manifest\"",
            "Content-Disposition: form-data; name=\"bundle\"; filename=\"bundle.tar.gz\"\r\ncontent-type: application/gzip",
            "Content-Disposition: form-data; name=\"raw_manifest\"",
            "Content-Disposition: form-data; name=\"visibility\"",
        ]
    );
    let manifest: serde_json::Value = serde_json::from_slice(&parts[0].1).unwrap();
    assert_eq!(manifest["x-extra"], 1);
    assert_eq!(parts[2].1, SKILL_MD.as_bytes());
    assert_eq!(parts[3].1, b"public");

    let contents = enact_bundle::inspect(parts[1].1.as_slice(), &enact_bundle::Limits::default());
    let files = contents.unwrap().files;
    let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["SKILL.md", "scripts/greet.sh", "skill.package.yml"]);
    assert_eq!(
        ended.json(),
        json!({
            "name": "alice/greeter", "version": "1.0.0", "visibility": "public",
            "publishedAt": "2026-01-01T00:00:00.000Z", "bundleHash": Digest::of(&parts[1].1),
            "bundleSize": parts[1].1.len(), "hasAttestation": false,
        })
    );
}

#[test]
fn is_private_unless_told_otherwise_and_says_how_to_install() {
    let sandbox = author();
    let registry = accepting();
    let ended = sandbox.enact(&registry.url, &["publish", "."]).success();
    let request = registry.requests().remove(1);
    let parts = parts(request.header("content-type").unwrap(), &request.body);
    assert_eq!(parts[3].1, b"private");
    for text in [
        "alice/greeter@1.0.0",
        "private",
        "sha256:",
        "enact install alice/greeter@1.0.0",
    ] {
        assert!(ended.stdout.contains(text), "{text}: {ended:?}");
    }
}

#[test]
fn a_registry_that_keeps_the_visibility_is_believed() {
    let sandbox = author();
    let registry = Registry::start(|request| {
        let mut answer = published(request.header("content-type").unwrap(), &request.body);
        answer["visibility"] = json!("private");
        Answer::json(201, &answer)
    });
    let args = ["publish", "--public", "--json"];
    let ended = sandbox.enact(&registry.url, &args).success();
    assert_eq!(ended.json()["visibility"], "private");
    let next = "enact visibility alice/greeter public";
    assert!(ended.stderr.contains(next), "{ended:?}");
}

#[test]
fn a_dry_run_lists_the_files_and_sends_nothing() {
    let sandbox = author();
    sandbox.write("project/server.pem", "SECRET\n");
    let registry = accepting();
    let before = sandbox.tree();
    let ended = sandbox
        .enact(&registry.url, &["publish", "-n", "--json"])
        .success();
    let files = ended.json()["files"].clone();
    assert_eq!(
        files[1],
        json!({"path": "scripts/greet.sh", "size": 11, "executable": false})
    );
    assert_eq!(files.as_array().unwrap().len(), 3);
    let ended = sandbox
        .enact(&registry.url, &["publish", "--dry-run"])
        .success();
    let (facts, hash) = ended.stdout.rsplit_once("sha256:").unwrap();
    assert_eq!(hash.trim_end().len(), 64);
    assert_eq!(
        facts,
        "alice/greeter@1.0.0 would hold these files:\n\
         FILE                SIZE\n\
         SKILL.md            57 B\n\
         scripts/greet.sh    11 B\n\
         skill.package.yml   66 B\n\
         3 files            134 B\n  \
           Visibility  private: only its owners can see it\n  \
           Size        240 B (3 files, 134 B unpacked)\n  \
           Hash        "
    );
    assert!(
        ended
            .stderr
            .contains("server.pem: warning: this is not packed"),
        "{ended:?}"
    );
    assert_eq!(registry.log(), ["GET /tools/alice/greeter"; 2]);
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn a_refusal_says_what_to_do_next() {
    for (status, code, advice) in [
        (409, "CONFLICT", "raise `version` in skill.package.yml"),
        (401, "UNAUTHORIZED", "token"),
        (403, "NAMESPACE_MISMATCH", "sign in as alice"),
        (413, "BUNDLE_TOO_LARGE", ".enactignore"),
        (500, "INTERNAL_ERROR", "try again later"),
    ] {
        let registry = refusing(move |_| Answer::error(status, code, "that is so"));
        let ended = author().enact(&registry.url, &["publish", "--json"]);
        assert_eq!(ended.code, 1, "{code}");
        assert_eq!(ended.json()["error"]["code"], code);
        assert!(ended.stderr.contains("that is so"), "{ended:?}");
        assert!(ended.stderr.contains(advice), "{code}: {ended:?}");
    }
}

#[test]
fn a_registry_that_stored_other_bytes_is_not_believed() {
    let registry = Registry::start(|_| {
        let answer = json!({
            "name": "alice/greeter", "version": "1.0.0", "bundle_hash": Digest::of(b"other"),
            "published_at": "2026-01-01T00:00:00.000Z",
        });
        Answer::json(201, &answer)
    });
    let ended = author().enact(&registry.url, &["publish", "--private"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains(&Digest::of(b"other").to_string()),
        "{ended:?}"
    );
}

#[test]
fn a_folder_that_is_no_skill_is_refused_before_anything_is_sent() {
    let sandbox = Sandbox::new();
    let registry = Registry::start(|_| Answer::json(500, &json!({})));
    let ended = sandbox.enact(&registry.url, &["publish", "--json"]);
    assert_eq!(
        (ended.code, ended.json()["error"]["code"].as_str()),
        (1, Some("INVALID_SKILL"))
    );
    assert!(registry.log().is_empty());
}

#[test]
fn warnings_are_told_and_refused_when_it_has_to_be_strict() {
    let sandbox = author();
    sandbox.write("project/SKILL.md", "# Greeter\n");
    let registry = accepting();
    let ended = sandbox.enact(&registry.url, &["publish", "--strict"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""), "{ended:?}");
    assert!(
        ended.stderr.contains("--strict allows no warnings"),
        "{ended:?}"
    );
    assert!(registry.log().is_empty());

    let ended = sandbox
        .enact(&registry.url, &["publish", "--json"])
        .success();
    assert!(ended.stderr.contains("SKILL.md:1:1: warning:"), "{ended:?}");
    assert_eq!(ended.json()["version"], "1.0.0");
    let publish = "POST /tools/alice/greeter/versions";
    assert_eq!(registry.log(), ["GET /tools/alice/greeter", publish]);
}

#[test]
fn texts_of_a_template_are_counted() {
    let sandbox = author();
    sandbox
        .enact("http://127.0.0.1:9", &["init", "alice/fresh"])
        .success();
    let registry = accepting();
    for args in [
        ["publish", "--dry-run", "fresh"],
        ["pack", "--force", "fresh"],
    ] {
        let ended = sandbox.enact(&registry.url, &args).success();
        let told: Vec<_> = ended
            .stderr
            .lines()
            .filter(|line| line.contains("template"))
            .collect();
        assert_eq!(told.len(), 1, "{ended:?}");
        assert!(told[0].ends_with("see: enact validate fresh"), "{told:?}");
        assert!(!ended.stderr.contains("[placeholder]"), "{ended:?}");
    }
    let ended = sandbox.enact(&registry.url, &["publish", "--strict", "--json", "fresh"]);
    let problems = ended.json()["problems"].clone();
    assert!(problems.to_string().contains("placeholder"), "{ended:?}");
}

#[test]
fn a_skill_that_is_there_stays_as_visible_as_it_is() {
    let registry = Published::greeters(&["0.1.0"]);
    let sandbox = author();
    let enact = |args: &[&str]| sandbox.enact(&registry.url, args).success();
    let visibility = || enact(&["info", "alice/greeter", "--json"]).json()["visibility"].clone();
    let dry = enact(&["publish", "--dry-run"]);
    let kept = "public: everybody can find and install it (as before)";
    assert!(dry.stdout.contains(kept), "{dry:?}");
    let done = enact(&["publish"]);
    assert!(done.stdout.contains(kept), "{done:?}");
    assert_eq!(visibility(), "public");

    enact(&["visibility", "alice/greeter", "unlisted"]);
    let publish = |version: &str, more: &[&str]| {
        let manifest = format!("name: alice/greeter\nversion: {version}\ndescription: Greets\n");
        sandbox.write("project/skill.package.yml", &manifest);
        enact(&[&["publish", "--json"], more].concat()).json()["visibility"].clone()
    };
    assert_eq!(publish("1.1.0", &[]), "unlisted");
    assert_eq!(publish("1.2.0", &["--private"]), "private");
    assert_eq!(visibility(), "private");
    assert_eq!(publish("1.3.0", &[]), "private");
}

#[test]
fn a_dry_run_needs_no_registry() {
    let ended = author()
        .enact("http://127.0.0.1:9", &["publish", "--dry-run", "--json"])
        .success();
    assert_eq!(ended.json()["visibility"], "private");
    assert!(ended.stderr.contains("its visibility stays"), "{ended:?}");
}

#[test]
fn members_publish_for_an_organisation_and_nobody_signs_in_as_it() {
    let sandbox = author();
    let manifest = "name: \"@zeta/greeter\"\nversion: 1.0.0\ndescription: Greets\n";
    sandbox.write("project/skill.package.yml", manifest);
    let registry = refusing(|_| Answer::error(403, "NAMESPACE_MISMATCH", "not yours"));
    let ended = sandbox.enact(&registry.url, &["publish"]);
    assert!(
        ended.stderr.contains("enact org add-member zeta"),
        "{ended:?}"
    );
    assert!(!ended.stderr.contains("sign in as"), "{ended:?}");
}

#[test]
fn yank_unyank_and_visibility_send_what_they_say() {
    let sandbox = Sandbox::new();
    let registry = Registry::start(|request| {
        let time = "2026-01-01T00:00:00.000Z";
        Answer::json(
            200,
            &match request.path.rsplit('/').next().unwrap() {
                "yank" => json!({"yanked": true, "version": "1.0.0", "yanked_at": time}),
                "unyank" => json!({"yanked": false, "version": "1.0.0", "unyanked_at": time}),
                _ => json!({"data": {"updated": true}}),
            },
        )
    });
    let run = |args: &[&str]| sandbox.enact(&registry.url, args).success();
    let yanked = run(&[
        "yank",
        "a/b@1.0.0",
        "-r",
        "bad",
        "--replacement",
        "1.0.1",
        "--json",
    ]);
    assert_eq!(
        yanked.json(),
        json!({
            "yanked": true, "name": "a/b", "version": "1.0.0", "reason": "bad",
            "replacementVersion": "1.0.1", "yankedAt": "2026-01-01T00:00:00.000Z",
        })
    );
    run(&["unyank", "a/b@1.0.0"]);
    let visible = run(&["visibility", "a/b", "unlisted", "--json"]);
    assert_eq!(
        visible.json(),
        json!({"tool": "a/b", "visibility": "unlisted", "success": true})
    );
    assert_eq!(
        registry.log(),
        [
            "POST /tools/a/b/versions/1.0.0/yank",
            "POST /tools/a/b/versions/1.0.0/unyank",
            "PATCH /tools/a/b/visibility",
        ]
    );
    let bodies: Vec<serde_json::Value> = registry
        .requests()
        .iter()
        .map(|request| serde_json::from_slice(&request.body).unwrap())
        .collect();
    assert_eq!(
        bodies[0],
        json!({"reason": "bad", "replacement_version": "1.0.1"})
    );
    assert_eq!(bodies[2], json!({"visibility": "unlisted"}));
}
