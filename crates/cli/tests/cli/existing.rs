//! The command line of the existing client: what it has beyond this one's is taken, or refused with
//! what to do instead.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::sandbox::Sandbox;
use crate::served::Served;

/// Nothing here asks a registry.
const NOBODY: &str = "http://127.0.0.1:1";

#[test]
fn its_flags_are_taken_where_they_change_nothing() {
    let (served, skill) = Served::with_example("greeter");
    let (name, path) = (skill.name.as_str(), skill.path());
    let path = path.to_str().unwrap();
    let version = format!("{name}@{}", skill.version);
    for args in [
        &["-v", "search", "greet"][..],
        &["search", "greet", "--verbose", "--threshold", "0.3"],
        &["info", name, "-v"],
        &["learn", name, "-v"],
        &["inspect", name, "--verbose"],
        &["install", name, "-v"],
        &["list", "-v"],
        &["validate", path, "-v"],
        &["publish", path, "--dry-run", "--skip-auth", "-v"],
        &["yank", &version, "-v"],
        &["unyank", &version, "-v"],
        &["visibility", name, "public", "-v"],
        &["cache", "info", "-v"],
        &["cache", "list"],
        &["cache", "ls", "-v"],
        &["cache", "clean", "--force"],
        &["cache", "clear", "-f"],
        &["auth", "status"],
        &["auth", "whoami", "-v"],
        &["init", "alice/new", "--tool"],
    ] {
        let usual = served.enact(args);
        assert_eq!(usual.code, 0, "{args:?}: {usual:?}");
    }
    let whoami = served.enact(&["whoami", "--json"]).json();
    assert_eq!(served.enact(&["auth", "status", "--json"]).json(), whoami);
}

#[test]
fn a_lone_v_is_the_version_as_there() {
    let sandbox = Sandbox::new();
    let version = sandbox.enact_with(&[], &["--version"]).success().stdout;
    assert_eq!(sandbox.enact_with(&[], &["-v"]).success().stdout, version);
}

#[test]
fn auth_signs_in_and_out() {
    let served = Served::new();
    let url = ("ENACT_REGISTRY_URL", served.server.url.as_str());
    let login = ["auth", "login", "--with-token", "--no-keyring", "--json"];
    let told = served.sandbox.enact_told(&[url], &login, "nonsense");
    let same = served.sandbox.enact_told(&[url], &login[1..], "nonsense");
    assert_eq!((told.code, told.json()), (same.code, same.json()));
    let out = served.sandbox.enact_with(&[url], &["auth", "logout"]);
    assert_eq!(out.success().code, 0);
}

#[test]
fn what_is_gone_names_what_to_do_instead() {
    let sandbox = Sandbox::new();
    for (args, instead) in [
        (&["setup"][..], "enact config set registry.url"),
        (&["run", "alice/x", "--args", "{}"], "enact install"),
        (&["run", "--help"], "enact install"),
        (&["-v", "exec", "alice/x", "ls"], "enact install"),
        (&["env", "set", "KEY", "value"], "enact inspect"),
        (&["trust", "github:alice"], "trust.policy"),
        (&["report", "alice/x", "-r", "bad"], "enact info"),
        (&["mcp", "serve"], "~/.agents/skills"),
        (&["sign", "."], "enact publish"),
        (&["search", "x", "-g"], "enact list --global"),
        (&["search", "x", "--local"], "enact list"),
        (&["info", "alice/x", "--local"], "enact learn"),
        (&["publish", "--tag", "beta"], "1.0.0-beta.1"),
        (&["init", "--claude"], "agents/skills.json"),
        (&["init", "-f"], "move those away"),
        (&["auth", "login", "-p", "github"], "--with-token"),
        (&["install", "."], "enact publish"),
        (&["install", "../work/greeter"], "enact publish"),
        (&["info", "./greeter"], "enact validate"),
    ] {
        let ended = sandbox.enact(NOBODY, args);
        assert_eq!(ended.code, 2, "{args:?}: {ended:?}");
        assert!(ended.stderr.contains(instead), "{args:?}: {ended:?}");
        assert!(!ended.stderr.contains("similar"), "{args:?}: {ended:?}");
    }
    let json = sandbox.enact(NOBODY, &["run", "x", "--json"]).json();
    assert_eq!(json["error"]["message"], "this client has no `enact run`");
    let elsewhere = sandbox.enact(NOBODY, &["storage", "env"]);
    assert!(elsewhere.stderr.contains("unrecognized"), "{elsewhere:?}");
}

#[test]
fn nothing_of_it_is_in_help_completions_or_manual() {
    let sandbox = Sandbox::new();
    for args in [
        &["publish", "--help"][..],
        &["search", "--help"],
        &["completions", "bash"],
        &["completions", "zsh"],
        &["completions", "fish"],
        &["man"],
    ] {
        let text = sandbox.enact_with(&[], args).success().stdout;
        for word in ["skip-auth", "threshold", "verbose", "auth)"] {
            assert!(!text.contains(word), "{args:?} has {word}");
        }
    }
}

#[test]
fn an_alias_is_kept_in_the_list_as_there() {
    let (served, skill) = Served::with_example("greeter");
    let list = || served.sandbox.read("project/agents/skills.json");
    served
        .enact(&["install", &skill.name, "-a", "hi"])
        .success();
    let expected = json!({"tools": {&skill.name: skill.version}, "aliases": {"hi": skill.name}});
    let is: serde_json::Value = serde_json::from_str(&list()).unwrap();
    assert_eq!(is, expected);
    let before = list();
    let taken = served.enact(&["install", "alice/other", "--alias", "hi"]);
    assert_eq!(taken.code, 1, "{taken:?}");
    assert!(taken.stderr.contains(&skill.name), "{taken:?}");
    for args in [
        &["install", "alice/a", "alice/b", "-a", "x"][..],
        &["install", "-a", "x"],
        &["install", "alice/a", "-a", "a/b"],
    ] {
        assert_eq!(served.enact(args).code, 2, "{args:?}");
    }
    assert_eq!(list(), before);
}

#[test]
fn the_table_of_the_documentation_has_every_command() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/moving.md");
    let document = fs::read_to_string(document).unwrap();
    for word in [
        "setup",
        "run",
        "exec",
        "env",
        "trust",
        "report",
        "mcp",
        "sign",
        "auth login",
        "cache clear",
    ] {
        assert!(document.contains(&format!("`{word}")), "{word}");
    }
}
