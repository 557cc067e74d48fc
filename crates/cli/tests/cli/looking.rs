//! `enact learn`, `files`, `cat` and `inspect`, against a real registry.

use std::fs;

use serde_json::json;

use crate::bundles::{Bundle, entry};
use crate::published::Published;
use crate::registry::{Answer, Registry};
use crate::sandbox::Sandbox;
use crate::served::Served;

#[test]
fn learn_prints_the_text_as_its_author_wrote_it() {
    let (served, skill) = Served::with_example("greeter");
    let text = fs::read_to_string(skill.path().join("SKILL.md")).unwrap();
    let args = ["learn", &skill.name];
    assert_eq!(served.enact(&args).success().stdout, text);
    let json = served.enact(&["learn", &skill.name, "--json"]).success();
    let expected = json!({"name": skill.name, "version": skill.version, "documentation": text});
    assert_eq!(json.json(), expected);
    let by_version = served.enact(&["learn", &skill.name, "--ver", &skill.version]);
    assert_eq!(by_version.success().stdout, text);

    let not_here = served.enact(&["learn", &skill.name, "--local"]);
    assert_eq!(not_here.code, 1);
    assert!(not_here.stderr.contains("enact install"), "{not_here:?}");
    served.enact(&["install", &skill.name]).success();
    let local = served.enact(&["learn", &skill.name, "--local"]).success();
    assert_eq!(local.stdout, text);
}

#[test]
fn files_and_cat_look_into_the_bundle() {
    let (served, skill) = Served::with_example("greeter");
    let name = skill.name.as_str();
    let listed = served.enact(&["files", name]).success().stdout;
    assert!(listed.contains("scripts/greet.sh *"), "{listed}");
    let json = served.enact(&["files", name, "--json"]).success().json();
    let size = json["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| &file["size"]);
    let total: u64 = size.map(|size| size.as_u64().unwrap()).sum();
    assert_eq!(json["totalBytes"], total);

    let script = fs::read(skill.path().join("scripts/greet.sh")).unwrap();
    let spec = format!("{name}@{}", skill.version);
    let printed = served.enact(&["cat", &spec, "scripts/greet.sh"]).success();
    assert_eq!(printed.stdout.as_bytes(), script);
    for path in [
        "scripts/../SKILL.md",
        "../../../../../auth/me",
        "/SKILL.md",
        "",
    ] {
        assert_eq!(served.enact(&["cat", name, path]).code, 2, "{path:?}");
    }
    let missing = served.enact(&["cat", name, "a%2f..?x=#y"]);
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("enact files"), "{missing:?}");
}

#[test]
fn a_range_is_the_highest_version_in_it() {
    let (served, skill) = Served::with_example("greeter");
    let name = skill.name.as_str();
    let version = |args: &[&str]| {
        let json = served.enact(&[args, &["--json"]].concat()).success().json();
        json["version"].as_str().map(str::to_owned)
    };
    let range = format!("{name}@^1");
    for args in [
        &["info", &range][..],
        &["info", name, "--ver", "1.x"],
        &["learn", &range],
        &["learn", name, "--ver", "^1"],
        &["files", &range],
        &["cat", &range, "SKILL.md"],
        &["inspect", &range],
    ] {
        assert_eq!(version(args).as_deref(), Some("1.0.0"), "{args:?}");
    }
    let beyond = format!("{name}@^2");
    for (command, code) in [("info", 1), ("files", 1), ("inspect", 105)] {
        let ended = served.enact(&[command, &beyond]);
        assert_eq!(ended.code, code, "{ended:?}");
        assert!(ended.stderr.contains("enact info"), "{ended:?}");
    }
    // Looking at what was yanked does no harm.
    let exact = format!("{name}@1.0.0");
    served.enact(&["yank", &exact]).success();
    assert_eq!(version(&["files", &range]).as_deref(), Some("1.0.0"));
}

#[test]
fn cat_gives_bytes_that_are_no_text_as_they_are_but_not_in_json() {
    let (served, skill) = Served::with_example("spellcheck");
    let path = "assets/misspellings.gz";
    let copy = served.sandbox.path("copy");
    let shell = format!(
        "'{}' cat {} {path} > '{}'",
        env!("CARGO_BIN_EXE_enact"),
        skill.name,
        copy.display()
    );
    let status = std::process::Command::new("sh")
        .args(["-c", &shell])
        .env("ENACT_REGISTRY_URL", &served.server.url)
        .status();
    assert!(status.unwrap().success());
    let original = fs::read(skill.path().join(path)).unwrap();
    assert!(fs::read(copy).unwrap() == original, "other bytes");
    let json = served.enact(&["cat", &skill.name, path, "--json"]);
    assert_eq!(json.json()["error"]["code"], "NOT_TEXT");
}

#[test]
fn inspect_shows_commands_and_files_and_installs_nothing() {
    let (served, skill) = Served::with_example("greeter");
    let before = served.sandbox.tree();
    let shown = served.enact(&["inspect", &skill.name]).success();
    assert!(shown.stdout.contains("sh scripts/greet.sh"), "{shown:?}");
    assert!(shown.stdout.contains("sha256:"), "{shown:?}");
    let home = served.sandbox.path("home");
    let of_home = |tree: &std::collections::BTreeMap<_, _>| {
        let keys = tree
            .keys()
            .filter(|path: &&std::path::PathBuf| path.starts_with(&home));
        keys.cloned().collect::<Vec<_>>()
    };
    assert_eq!(of_home(&served.sandbox.tree()), of_home(&before));

    let json = served.enact(&["inspect", &skill.name, "--json"]).success();
    assert_eq!(json.json()["location"], json!(null));
    assert!(json.json()["commands"]["scripts"].is_object(), "{json:?}");
}

#[test]
fn inspect_unpacks_beside_and_replaces_only_when_told() {
    let (served, skill) = Served::with_example("greeter");
    let last = skill.name.rsplit('/').next().unwrap();
    served
        .enact(&["inspect", "--download", &skill.name])
        .success();
    let there = served.sandbox.path("project").join(last);
    enact_testkit::skills::compare(&skill.path(), &there).unwrap();
    let again = served.enact(&["inspect", &skill.name, "--download"]);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("--force"), "{again:?}");
    served
        .enact(&["inspect", &skill.name, "-d", "--force"])
        .success();
    served
        .enact(&["inspect", &skill.name, "--download", "look/here"])
        .success();
    let named = served.sandbox.path("project/look/here");
    enact_testkit::skills::compare(&skill.path(), &named).unwrap();
    assert!(!served.sandbox.path("home/.agents").exists());
}

#[test]
fn inspect_never_deletes_what_is_no_skill() {
    let (served, skill) = Served::with_example("greeter");
    served.sandbox.write("project/mine/letter.txt", "Dear");
    let args = ["inspect", &skill.name, "--download", "mine", "--force"];
    let refused = served.enact(&args);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("is not a skill"), "{refused:?}");
    assert_eq!(served.sandbox.read("project/mine/letter.txt"), "Dear");
    std::fs::remove_file(served.sandbox.path("project/mine/letter.txt")).unwrap();
    served.enact(&args).success();
}

#[test]
fn inspect_shows_the_commands_of_the_bundle_when_it_has_it() {
    let manifest = "hooks: {postinstall: \"true # fine\\ntouch ran\"}\n";
    let entries = [
        entry("SKILL.md", 0o644, b"# Greeter\n"),
        entry("skill.package.yml", 0o644, manifest.as_bytes()),
    ];
    let bundle = Bundle::holding("1.0.0", &entries);
    let mut details = bundle.details();
    details["manifest"] = json!({"hooks": {"postinstall": "echo fine"}});
    let version = "/tools/alice/greeter/versions/1.0.0";
    let registry = Registry::with(&bundle, move |request| match &*request.path {
        path if path == version => Some(Answer::json(200, &details)),
        _ => None,
    });
    let sandbox = Sandbox::new();
    let args = ["inspect", "alice/greeter", "--download", "look"];
    let ended = sandbox.enact(&registry.url, &args).success();
    let lines = "  $ true # fine\n  > touch ran\n";
    assert!(ended.stdout.contains(lines), "{ended:?}");
    let warning = "warning: the registry says something else than the bundle";
    assert!(ended.stderr.contains(warning), "{ended:?}");
    assert!(ended.stdout.contains("  $ echo fine\n"), "{ended:?}");
    let args = [&args[..], &["--force", "--json"]].concat();
    let ended = sandbox.enact(&registry.url, &args).success();
    assert!(ended.stderr.contains(warning), "{ended:?}");
    let json = ended.json();
    assert_eq!(
        json["commands"]["hooks"]["postinstall"],
        "true # fine\ntouch ran"
    );
    assert_eq!(json["manifestFrom"], "bundle");
    assert_eq!(json["registryAgrees"], false);
}

#[test]
fn inspect_says_whose_words_the_commands_are() {
    let registry = Published::new();
    let manifest = "---\nhooks: {postinstall: touch ran}\nenv: {X: {default: a}}\n---\n# Greeter\n";
    registry.publish("alice/greeter", "1.0.0", &[("SKILL.md", manifest)]);
    let sandbox = Sandbox::new();
    let said = sandbox.enact(&registry.url, &["inspect", "alice/greeter"]);
    let said = said.success().stdout;
    let expected = "Run after an install, if you agree, as the registry says\n  $ touch ran\n";
    assert!(said.contains(expected), "{said}");
    let args = ["inspect", "alice/greeter", "-d", "--json"];
    let held = sandbox.enact(&registry.url, &args).success();
    assert_eq!(held.json()["registryAgrees"], true);
    assert!(!held.stderr.contains("warning"), "{held:?}");
}

#[test]
fn inspect_unpacks_no_bundle_of_another_skill() {
    let manifest = b"name: mallory/greeter\nversion: 1.0.0\n";
    let entries = [entry("skill.package.yml", 0o644, manifest)];
    let registry = Registry::with(&Bundle::holding("1.0.0", &entries), |_| None);
    let sandbox = Sandbox::new();
    let before = sandbox.tree();
    let args = ["inspect", "alice/greeter", "--download", "look"];
    let ended = sandbox.enact(&registry.url, &args);
    assert_eq!(ended.code, 104, "{ended:?}");
    assert!(ended.stderr.contains("mallory/greeter"), "{ended:?}");
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn info_and_inspect_hide_nothing_of_a_manifest() {
    let bundle = Bundle::greeter("1.0.0");
    let mut details = bundle.details();
    details["manifest"] = json!({"hooks": {"postinstall": "a\u{1b}b\u{202e}c\u{9b}d"}});
    let registry = Registry::start(move |request| match &*request.path {
        "/tools/alice/greeter/versions/1.0.0" => Answer::json(200, &details),
        "/tools/alice/greeter/versions/1.0.0/files" => Answer::json(
            200,
            &json!({"name": "alice/greeter", "version": "1.0.0", "files": [], "total": 0}),
        ),
        _ => Answer::error(404, "NOT_FOUND", "no such thing"),
    });
    let sandbox = Sandbox::new();
    for command in ["info", "inspect"] {
        let args = [command, "alice/greeter@1.0.0"];
        let shown = sandbox.enact(&registry.url, &args).success().stdout;
        assert!(shown.contains("a\\u001bb\\u202ec\\u009bd"), "{shown}");
    }
}
