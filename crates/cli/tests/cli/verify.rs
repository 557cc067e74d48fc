//! `enact verify`.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::{Value, json};

use crate::bundles::Bundle;
use crate::registry::Registry;
use crate::sandbox::Sandbox;

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:1";

const SKILL: &str = "home/.agents/skills/alice/greeter";

/// With `alice/greeter@1.0.0`.
fn installed() -> Sandbox {
    let sandbox = Sandbox::new();
    let registry = Registry::with(&Bundle::greeter("1.0.0"), |_| None);
    sandbox
        .enact(&registry.url, &["install", "alice/greeter"])
        .success();
    sandbox
}

fn differences(sandbox: &Sandbox) -> Value {
    let ended = sandbox.enact(NOWHERE, &["verify", "--json"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let mut json = ended.json();
    assert_eq!(json["ok"], false);
    json["skills"][0]["differences"].take()
}

#[test]
fn what_is_as_locked_is_fine() {
    let sandbox = installed();
    let before = sandbox.tree();
    let ended = sandbox.enact(NOWHERE, &["verify"]).success();
    assert!(ended.stdout.contains("1 skill is as locked"), "{ended:?}");
    let named = ["verify", "alice/greeter", "--json"];
    let json = sandbox.enact(NOWHERE, &named).success().json();
    assert_eq!(
        json,
        json!({"ok": true, "skills": [{
            "name": "alice/greeter", "version": "1.0.0", "installedVersion": "1.0.0",
            "status": "ok", "differences": [],
        }]})
    );
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn every_difference_is_named() {
    let sandbox = installed();
    let path = |path: &str| sandbox.path(&format!("{SKILL}/{path}"));
    fs::remove_file(path("skill.package.yml")).unwrap();
    sandbox.write(&format!("{SKILL}/SKILL.md"), "# Gr33ter\n");
    let mode = fs::Permissions::from_mode(0o644);
    fs::set_permissions(path("scripts/greet.sh"), mode).unwrap();
    sandbox.write(&format!("{SKILL}/scripts/more.sh"), "");
    sandbox.write(&format!("{SKILL}/node_modules/a/b/c"), "");
    sandbox.write(&format!("{SKILL}/node_modules/d"), "");
    fs::create_dir_all(path("empty/folder")).unwrap();
    assert_eq!(
        differences(&sandbox),
        json!([
            {"path": "SKILL.md", "problem": "changed"},
            {"path": "node_modules/", "problem": "extra"},
            {"path": "scripts/greet.sh", "problem": "mode"},
            {"path": "scripts/more.sh", "problem": "extra"},
            {"path": "skill.package.yml", "problem": "missing"},
        ])
    );
    let ended = sandbox.enact(NOWHERE, &["verify"]);
    assert_eq!(ended.code, 1);
    let table = "\
SKILL          FILE               PROBLEM
alice/greeter  SKILL.md           changed
alice/greeter  node_modules/      extra
alice/greeter  scripts/greet.sh   mode
alice/greeter  scripts/more.sh    extra
alice/greeter  skill.package.yml  missing
";
    assert_eq!(ended.stdout, table);
    assert!(ended.stderr.contains("enact install"), "{ended:?}");
}

#[test]
fn links_are_no_files_and_no_folders() {
    let sandbox = installed();
    let path = |path: &str| sandbox.path(&format!("{SKILL}/{path}"));
    fs::rename(path("SKILL.md"), sandbox.path("elsewhere.md")).unwrap();
    symlink(sandbox.path("elsewhere.md"), path("SKILL.md")).unwrap();
    fs::rename(path("scripts"), sandbox.path("scripts")).unwrap();
    symlink(sandbox.path("scripts"), path("scripts")).unwrap();
    assert_eq!(
        differences(&sandbox),
        json!([
            {"path": "SKILL.md", "problem": "changed"},
            {"path": "scripts", "problem": "changed"},
        ])
    );
}

#[test]
fn modes_with_more_than_was_locked_are_different() {
    let sandbox = installed();
    let script = sandbox.path(&format!("{SKILL}/scripts/greet.sh"));
    for (mode, different) in [
        (0o4755, true),
        (0o777, true),
        (0o700, false),
        (0o755, false),
    ] {
        fs::set_permissions(&script, fs::Permissions::from_mode(mode)).unwrap();
        let code = sandbox.enact(NOWHERE, &["verify"]).code;
        assert_eq!(code == 1, different, "{mode:o}");
    }
}

#[test]
fn another_version_and_a_missing_folder_are_said_in_one_line() {
    let sandbox = installed();
    let other = Registry::with(&Bundle::greeter("2.0.0"), |_| None);
    // Another project's, which shares the folder.
    let args = ["install", "alice/greeter", "--global"];
    sandbox.enact(&other.url, &args).success();
    let ended = sandbox.enact(NOWHERE, &["verify"]);
    assert!(
        ended.stdout.contains("is version 2.0.0, locked is 1.0.0"),
        "{ended:?}"
    );
    sandbox.enact(NOWHERE, &["verify", "-g"]).success();

    fs::remove_dir_all(sandbox.path(SKILL)).unwrap();
    let ended = sandbox.enact(NOWHERE, &["verify"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.stdout.contains("alice/greeter  -     missing"),
        "{ended:?}"
    );
}

#[test]
fn what_is_not_locked_is_said() {
    let sandbox = installed();
    sandbox.write(
        "project/agents/skills.json",
        r#"{"tools": {"alice/greeter": "1.0.0", "bob/waver": "1.0.0"}}"#,
    );
    let ended = sandbox.enact(NOWHERE, &["verify"]);
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.contains("not locked"), "{ended:?}");
    let named = sandbox.enact(NOWHERE, &["verify", "bob/waver"]);
    assert_eq!(named.code, 1);
    let none = Sandbox::new().enact(NOWHERE, &["verify"]);
    assert_eq!(none.code, 1);
    assert!(none.stderr.contains("agents/skills.lock"), "{none:?}");
}
