//! `agents/skills.lock`: what it says, and `enact install` that goes by it.

use std::fs;

use serde_json::{Value, json};

use crate::bundles::{Bundle, entry};
use crate::published::Published;
use crate::registry::{Answer, Registry};
use crate::sandbox::{Ended, Sandbox};

const LIST: &str = "project/agents/skills.json";
const LOCK: &str = "project/agents/skills.lock";
const GREETING: &str = "home/.agents/skills/alice/greeter/lib/greeting";

fn lock(sandbox: &Sandbox) -> Value {
    serde_json::from_str(&sandbox.read(LOCK)).unwrap()
}

/// As after a fresh checkout on another machine.
fn forget_what_is_installed(sandbox: &Sandbox) {
    fs::remove_dir_all(sandbox.path("home")).unwrap();
    fs::create_dir(sandbox.path("home")).unwrap();
}

fn fails_and_changes_nothing(sandbox: &Sandbox, registry: &str, args: &[&str]) -> Ended {
    let before = sandbox.tree();
    let ended = sandbox.enact(registry, args);
    assert_ne!(ended.code, 0, "{ended:?}");
    assert_eq!(sandbox.tree(), before, "{ended:?}");
    ended
}

#[test]
fn says_exactly_what_was_installed() {
    let registry = Published::new();
    let files = [("SKILL.md", "# Greeter\n"), ("lib/greeting", "hello\n")];
    registry.publish("alice/greeter", "1.2.0", &files);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter@^1", "--json"];
    let installed = sandbox.enact(&registry.url, &args).success().json();
    let digest = |text: &str| enact_types::Digest::of(text.as_bytes());
    let manifest = "name: alice/greeter\nversion: 1.2.0\ndescription: Greets\n";
    assert_eq!(
        lock(&sandbox),
        json!({"version": 1, "skills": [{
            "name": "alice/greeter", "requested": "^1", "version": "1.2.0",
            "registry": registry.url, "hash": installed["hash"], "size": installed["size"],
            "files": [
                {"path": "SKILL.md", "mode": "644", "size": 10, "hash": digest("# Greeter\n")},
                {"path": "lib/greeting", "mode": "644", "size": 6, "hash": digest("hello\n")},
                {"path": "skill.package.yml", "mode": "644", "size": manifest.len(),
                 "hash": digest(manifest)},
            ],
        }]})
    );
}

#[test]
fn an_install_without_a_name_restores_what_is_locked() {
    let registry = Published::greeters(&["1.0.0"]);
    registry.publish("bob/waver", "2.0.0", &[("SKILL.md", "# Waver\n")]);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter", "bob/waver"];
    sandbox.enact(&registry.url, &args).success();
    let (list, locked) = (sandbox.read(LIST), sandbox.read(LOCK));
    // A newer version makes no difference.
    registry.greeter("1.1.0");
    forget_what_is_installed(&sandbox);
    for args in [&["install"][..], &["install", "--frozen"]] {
        let ended = sandbox.enact(&registry.url, args).success();
        assert_eq!(sandbox.read(GREETING), "hello from 1.0.0\n", "{ended:?}");
        assert!(
            sandbox
                .path("home/.agents/skills/bob/waver/SKILL.md")
                .exists()
        );
        assert_eq!(sandbox.read(LIST), list);
        assert_eq!(sandbox.read(LOCK), locked);
        forget_what_is_installed(&sandbox);
    }
}

#[test]
fn what_is_in_its_place_is_left_alone_and_nobody_is_asked() {
    let registry = Published::greeters(&["1.0.0"]);
    let sandbox = Sandbox::new();
    sandbox
        .enact(&registry.url, &["install", "alice/greeter"])
        .success();
    drop(registry);
    let before = sandbox.tree();
    // Nobody listens there.
    let ended = sandbox.enact("http://127.0.0.1:1", &["install", "--json"]);
    assert_eq!(
        ended.success().json()["skills"][0]["alreadyInstalled"],
        true
    );
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn a_lock_without_files_is_never_taken_for_an_installed_skill() {
    let registry = Published::greeters(&["1.0.0"]);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter"];
    sandbox.enact(&registry.url, &args).success();
    let mut emptied = lock(&sandbox);
    emptied["skills"][0]["files"] = json!([]);
    sandbox.write(LOCK, &emptied.to_string());
    forget_what_is_installed(&sandbox);
    for args in [&["install"][..], &["install", "--frozen"]] {
        let ended = fails_and_changes_nothing(&sandbox, &registry.url, args);
        assert!(ended.stderr.contains("without files"), "{ended:?}");
    }
}

#[test]
fn a_list_alone_is_locked() {
    let registry = Published::greeters(&["1.0.0", "1.1.0", "2.0.0"]);
    registry.publish("bob/waver", "2.0.0", &[("SKILL.md", "# Waver\n")]);
    let sandbox = Sandbox::new();
    let list = r#"{"tools": {"bob/waver": "2.0.0", "alice/greeter": "^1.0"}, "aliases": {}}"#;
    sandbox.write(LIST, list);
    let frozen = ["install", "--frozen"];
    let refused = fails_and_changes_nothing(&sandbox, &registry.url, &frozen);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("agents/skills.lock"), "{refused:?}");

    sandbox.enact(&registry.url, &["install"]).success();
    assert_eq!(
        sandbox.read(LIST),
        list,
        "the list is as its owner wrote it"
    );
    let skills = &lock(&sandbox)["skills"];
    assert_eq!(skills[0]["name"], "alice/greeter");
    assert_eq!(skills[0]["requested"], "^1.0");
    assert_eq!(skills[0]["version"], "1.1.0");
    assert_eq!(skills[1]["requested"], "2.0.0");
    sandbox.enact(&registry.url, &frozen).success();
}

#[test]
fn a_list_that_was_changed_brings_the_lock_along_unless_it_is_frozen() {
    let registry = Published::greeters(&["1.0.0", "2.0.0"]);
    registry.publish("bob/waver", "2.0.0", &[("SKILL.md", "# Waver\n")]);
    registry.publish("carol/bower", "3.0.0", &[("SKILL.md", "# Bower\n")]);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter@1.0.0", "bob/waver"];
    sandbox.enact(&registry.url, &args).success();
    // As the existing client leaves it, which knows no lock.
    let list = r#"{"tools": {"alice/greeter": "2.0.0", "carol/bower": "3.0.0"}}"#;
    sandbox.write(LIST, list);
    let frozen = ["install", "--frozen"];
    let refused = fails_and_changes_nothing(&sandbox, &registry.url, &frozen);
    for part in [
        "alice/greeter: agents/skills.json wants 2.0.0, locked is 1.0.0",
        "carol/bower is in agents/skills.json alone",
        "bob/waver is in agents/skills.lock alone",
    ] {
        assert!(refused.stderr.contains(part), "{part}: {refused:?}");
    }

    sandbox.enact(&registry.url, &["install"]).success();
    assert_eq!(sandbox.read(GREETING), "hello from 2.0.0\n");
    let lock = lock(&sandbox);
    let locked: Vec<_> = lock["skills"].as_array().unwrap().iter().collect();
    assert_eq!(locked.len(), 2);
    assert_eq!(locked[0]["version"], "2.0.0");
    assert_eq!(locked[1]["name"], "carol/bower");
    assert!(
        sandbox.path("home/.agents/skills/bob/waver").exists(),
        "another project may use it"
    );
    sandbox.enact(&registry.url, &frozen).success();
}

#[test]
fn a_lock_without_a_list_is_enough() {
    let registry = Published::greeters(&["1.0.0"]);
    let sandbox = Sandbox::new();
    sandbox
        .enact(&registry.url, &["install", "alice/greeter"])
        .success();
    let list = sandbox.read(LIST);
    fs::remove_file(sandbox.path(LIST)).unwrap();
    forget_what_is_installed(&sandbox);
    sandbox.enact(&registry.url, &["install"]).success();
    assert_eq!(sandbox.read(GREETING), "hello from 1.0.0\n");
    assert_eq!(sandbox.read(LIST), list);
}

#[test]
fn bytes_other_than_the_locked_are_refused() {
    let bundle = Bundle::greeter("1.0.0");
    let sandbox = Sandbox::new();
    let honest = Registry::with(&bundle, |_| None);
    sandbox
        .enact(&honest.url, &["install", "alice/greeter"])
        .success();
    forget_what_is_installed(&sandbox);
    let mut other = Bundle::holding("1.0.0", &[entry("SKILL.md", 0o644, b"# Evil\n")]);
    other.bytes.resize(bundle.bytes.len(), 0);
    let evil = Registry::with(&other, |_| None);
    for args in [&["install"][..], &["install", "--frozen"]] {
        let args = [args, &["--registry", &evil.url]].concat();
        let ended = fails_and_changes_nothing(&sandbox, &evil.url, &args);
        assert_eq!(ended.code, 104, "{ended:?}");
    }
    // As the lock says it, the honest one is asked, whatever the environment says.
    let before = evil.requests().len();
    sandbox.enact(&evil.url, &["install"]).success();
    assert_eq!(evil.requests().len(), before);
}

#[test]
fn a_lock_that_is_wrong_about_the_files_is_corrected_unless_it_is_frozen() {
    let registry = Published::greeters(&["1.0.0"]);
    let sandbox = Sandbox::new();
    let install = ["install", "alice/greeter"];
    sandbox.enact(&registry.url, &install).success();
    let right = sandbox.read(LOCK);
    let mut wrong_digest = lock(&sandbox);
    let other = enact_types::Digest::of(b"other");
    wrong_digest["skills"][0]["files"][1]["hash"] = json!(other);
    let mut missing_file = lock(&sandbox);
    let files = missing_file["skills"][0]["files"].as_array_mut().unwrap();
    files.remove(1);
    for wrong in [wrong_digest, missing_file] {
        forget_what_is_installed(&sandbox);
        sandbox.write(LOCK, &wrong.to_string());
        let args = ["install", "--frozen", "--json"];
        let ended = sandbox.enact(&registry.url, &args);
        assert_eq!(ended.json()["error"]["code"], "LOCK_DIFFERS", "{ended:?}");
        assert_eq!(sandbox.read(LOCK), wrong.to_string());
        assert!(!sandbox.path("home/.agents").exists());
        sandbox.enact(&registry.url, &["install"]).success();
        assert_eq!(sandbox.read(LOCK), right);
        sandbox.enact(&registry.url, &["verify"]).success();
    }
}

#[test]
fn the_token_goes_to_no_registry_that_only_a_lock_names() {
    let bundle = Bundle::greeter("1.0.0");
    let sandbox = Sandbox::new();
    let first = Registry::with(&bundle, |_| None);
    sandbox
        .enact(&first.url, &["install", "alice/greeter"])
        .success();
    assert_eq!(
        first.requests()[0].header("authorization"),
        Some("Bearer t0ken")
    );
    forget_what_is_installed(&sandbox);
    let asked = first.requests().len();
    let second = Registry::with(&bundle, |_| None);
    sandbox.enact(&second.url, &["install"]).success();
    let restored = &first.requests()[asked..];
    assert_eq!(restored.len(), 1, "more than the download: {restored:?}");
    assert_eq!(restored[0].header("authorization"), None);
}

#[test]
fn a_locked_version_that_was_yanked_is_restored_with_a_warning() {
    let registry = Published::greeters(&["1.0.0"]);
    let sandbox = Sandbox::new();
    sandbox
        .enact(&registry.url, &["install", "alice/greeter"])
        .success();
    registry.operate(&["yank", "alice/greeter@1.0.0"]);
    forget_what_is_installed(&sandbox);
    let args = ["install", "--frozen"];
    let ended = sandbox.enact(&registry.url, &args).success();
    assert!(ended.stderr.contains("was yanked"), "{ended:?}");
    assert_eq!(sandbox.read(GREETING), "hello from 1.0.0\n");
}

#[test]
fn a_lock_that_cannot_be_read_stops_everything() {
    let registry = Registry::start(|_| Answer::json(200, &json!({})));
    let sandbox = Sandbox::new();
    for text in ["{", "{\"version\": 2, \"skills\": []}", "[]"] {
        sandbox.write(LOCK, text);
        let ended = fails_and_changes_nothing(&sandbox, &registry.url, &["install"]);
        assert_eq!(ended.code, 1);
        assert!(ended.stderr.contains("skills.lock"), "{ended:?}");
    }
    assert!(registry.log().is_empty());
}

#[test]
fn the_user_has_a_lock_too() {
    let registry = Published::greeters(&["1.0.0", "1.1.0"]);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter@1.0.0", "-g"];
    sandbox.enact(&registry.url, &args).success();
    assert!(sandbox.read("home/.enact/tools.lock").contains("1.0.0"));
    fs::remove_dir_all(sandbox.path("home/.agents")).unwrap();
    let args = ["install", "-g", "--frozen"];
    sandbox.enact(&registry.url, &args).success();
    assert_eq!(sandbox.read(GREETING), "hello from 1.0.0\n");
    let agents = fs::read_dir(sandbox.path("project/agents")).unwrap();
    assert_eq!(agents.count(), 0);
}

#[test]
fn an_install_that_cannot_be_recorded_is_undone() {
    let registry = Published::greeters(&["1.0.0", "1.1.0"]);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter@1.0.0", "-g"];
    sandbox.enact(&registry.url, &args).success();
    registry.publish("bob/waver", "2.0.0", &[("SKILL.md", "# Waver\n")]);
    // No folder can be made there.
    fs::remove_dir(sandbox.path("project/agents")).unwrap();
    std::os::unix::fs::symlink("nowhere", sandbox.path("project/agents")).unwrap();
    let args = ["install", "bob/waver", "alice/greeter@1.1.0"];
    let ended = sandbox.enact(&registry.url, &args);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("cannot write"), "{ended:?}");
    assert_eq!(sandbox.read(GREETING), "hello from 1.0.0\n");
    assert!(!sandbox.path("home/.agents/skills/bob").exists());
    sandbox.enact(&registry.url, &["verify", "-g"]).success();
}
