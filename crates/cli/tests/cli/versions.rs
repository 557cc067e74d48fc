//! Which version `enact install` takes.

use crate::published::Published;
use crate::sandbox::Sandbox;

fn installed(sandbox: &Sandbox, registry: &Published, spec: &str) -> String {
    let args = ["install", spec, "--json"];
    let ended = sandbox.enact(&registry.url, &args).success();
    ended.json()["version"].as_str().unwrap().to_owned()
}

/// What the lock says was asked for.
fn requested(sandbox: &Sandbox) -> String {
    let lock: serde_json::Value =
        serde_json::from_str(&sandbox.read("project/agents/skills.lock")).unwrap();
    let requested = &lock["skills"][0]["requested"];
    requested.as_str().unwrap().to_owned()
}

#[test]
fn a_range_resolves_to_the_highest_match() {
    let versions = ["1.2.0", "1.10.0", "1.9.0", "2.0.0", "2.1.0-rc.1", "0.3.1"];
    let registry = Published::greeters(&versions);
    let sandbox = Sandbox::new();
    for (spec, version, asked) in [
        ("alice/greeter", "2.0.0", "^2.0.0"),
        ("alice/greeter@latest", "2.0.0", "latest"),
        ("alice/greeter@^1.2", "1.10.0", "^1.2"),
        ("alice/greeter@~1.9.0", "1.9.0", "~1.9.0"),
        ("alice/greeter@>=1 <1.10", "1.9.0", ">=1 <1.10"),
        ("alice/greeter@1", "1.10.0", "1"),
        ("alice/greeter@*", "2.0.0", "*"),
        ("alice/greeter@0.3.x", "0.3.1", "0.3.x"),
        ("alice/greeter@v1.2.0", "1.2.0", "1.2.0"),
        ("alice/greeter@^2.1.0-rc", "2.1.0-rc.1", "^2.1.0-rc"),
    ] {
        assert_eq!(installed(&sandbox, &registry, spec), version, "{spec}");
        assert_eq!(requested(&sandbox), asked, "{spec}");
        let list = sandbox.read("project/agents/skills.json");
        assert!(list.contains(&format!("\"alice/greeter\": \"{version}\"")));
        let greeting = sandbox.read("home/.agents/skills/alice/greeter/lib/greeting");
        assert_eq!(greeting, format!("hello from {version}\n"));
    }
}

#[test]
fn a_range_passes_by_yanked_versions_unless_they_are_allowed() {
    let registry = Published::greeters(&["1.0.0", "1.1.0"]);
    let sandbox = Sandbox::new();
    registry.operate(&["yank", "alice/greeter@1.1.0", "--reason", "it is rude"]);
    assert_eq!(installed(&sandbox, &registry, "alice/greeter@^1"), "1.0.0");
    let before = sandbox.tree();
    let args = ["install", "alice/greeter@^1.1"];
    let refused = sandbox.enact(&registry.url, &args);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("--allow-yanked"), "{refused:?}");
    assert_eq!(sandbox.tree(), before);
    let allowed = [&args[..], &["--allow-yanked"]].concat();
    let ended = sandbox.enact(&registry.url, &allowed).success();
    assert!(ended.stderr.contains("it is rude"), "{ended:?}");
}

#[test]
fn a_range_without_a_match_says_how_to_go_on() {
    let registry = Published::greeters(&["1.0.0-rc.1"]);
    let sandbox = Sandbox::new();
    let before = sandbox.tree();
    let ended = sandbox.enact(&registry.url, &["install", "alice/greeter@^1"]);
    assert_eq!(ended.code, 105, "{ended:?}");
    assert!(ended.stderr.contains("pre-release"), "{ended:?}");
    assert!(
        ended.stderr.contains("enact info alice/greeter"),
        "{ended:?}"
    );
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn several_are_installed_together_or_not_at_all() {
    let registry = Published::greeters(&["1.0.0"]);
    registry.publish("bob/waver", "2.0.0", &[("SKILL.md", "# Waver\n")]);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter", "bob/waver", "carol/missing"];
    let ended = sandbox.enact(&registry.url, &args);
    assert_eq!(ended.code, 105, "{ended:?}");
    assert!(!sandbox.path("home/.agents").exists());
    let agents = std::fs::read_dir(sandbox.path("project/agents")).unwrap();
    assert_eq!(agents.count(), 0);

    let args = ["install", "alice/greeter", "bob/waver@^2", "--json"];
    let ended = sandbox.enact(&registry.url, &args).success().json();
    assert_eq!(ended["total"], 2);
    assert_eq!(ended["skills"][1]["tool"], "bob/waver");
    let list = sandbox.read("project/agents/skills.json");
    assert!(list.contains("bob/waver") && list.contains("alice/greeter"));
}

#[test]
fn skills_that_cannot_stand_together_are_refused_before_anything_is_asked() {
    let registry = Published::new();
    let sandbox = Sandbox::new();
    let before = sandbox.tree();
    for (args, word) in [
        (["install", "a/b", "a/b/c"], "inside"),
        (["install", "a/b@1.0.0", "a/b@2.0.0"], "twice"),
    ] {
        let ended = sandbox.enact(&registry.url, &args);
        assert_ne!(ended.code, 0);
        assert!(ended.stderr.contains(word), "{ended:?}");
    }
    assert_eq!(sandbox.tree(), before);
}
