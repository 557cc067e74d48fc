//! Several installs at once, and installs that are broken off.

use std::fs;

use crate::bundles::{Bundle, entry};
use crate::published::Published;
use crate::registry::Registry;
use crate::sandbox::Sandbox;

const LIST: &str = "project/agents/skills.json";

#[test]
fn the_last_of_two_versions_is_the_one_that_is_recorded() {
    let sandbox = Sandbox::new();
    let (slow, asked, go_on) = Registry::stalling(&Bundle::greeter("1.0.0"));
    let running = sandbox.start(&slow.url, &["install", "alice/greeter"]);
    asked.recv().unwrap();
    let quick = Registry::with(&Bundle::greeter("2.0.0"), |_| None);
    sandbox
        .enact(&quick.url, &["install", "alice/greeter"])
        .success();
    assert!(sandbox.read(LIST).contains("2.0.0"));
    drop(go_on);
    running.wait().success();
    assert!(sandbox.read(LIST).contains("1.0.0"));
    sandbox.enact(&slow.url, &["verify"]).success();
    sandbox
        .enact(&slow.url, &["install", "--frozen", "--offline"])
        .success();
}

/// What was in place when it began is another version's place when it ends.
#[test]
fn what_another_replaces_meanwhile_is_installed_again() {
    let registry = Published::greeters(&["1.0.0", "1.1.0"]);
    let sandbox = Sandbox::new();
    let install = |spec: &str| sandbox.enact(&registry.url, &["install", spec]).success();
    install("alice/greeter@1.0.0");
    let manifest = b"name: carol/other\nversion: 1.0.0\n";
    let mut other = Bundle::holding("1.0.0", &[entry("skill.package.yml", 0o644, manifest)]);
    other.name = "carol/other".to_owned();
    let (slow, asked, go_on) = Registry::stalling(&other);
    let list = r#"{"tools": {"alice/greeter": "1.0.0", "carol/other": "1.0.0"}}"#;
    sandbox.write(LIST, list);
    let running = sandbox.start(&slow.url, &["install"]);
    asked.recv().unwrap();
    install("alice/greeter@1.1.0");
    drop(go_on);
    running.wait().success();
    assert!(!sandbox.read(LIST).contains("1.1.0"));
    sandbox.enact(&registry.url, &["verify"]).success();
    let listed = sandbox.enact(&registry.url, &["list", "--json"]).json();
    for row in listed.as_array().unwrap() {
        assert_eq!(row["installedVersion"], "1.0.0", "{row}");
    }
}

#[test]
fn many_at_once_do_not_disturb_each_other() {
    let registry = Published::greeters(&["1.0.0", "1.1.0"]);
    let names: Vec<_> = (0..6).map(|number| format!("bob/skill-{number}")).collect();
    for name in &names {
        registry.publish(name, "1.0.0", &[("SKILL.md", "# Skill\n")]);
    }
    let sandbox = Sandbox::new();
    let mut running = Vec::new();
    for name in &names {
        running.push(sandbox.start(&registry.url, &["install", name]));
        let spec = if running.len() % 4 == 0 { "@1.0.0" } else { "" };
        let greeter = format!("alice/greeter{spec}");
        running.push(sandbox.start(&registry.url, &["install", &greeter]));
    }
    for one in running {
        one.wait().success();
    }
    let list = sandbox.read(LIST);
    for name in &names {
        assert!(list.contains(name), "{name}: {list}");
    }
    sandbox.enact(&registry.url, &["verify"]).success();
    for folder in ["home/.agents/skills/alice", "home/.agents/skills/bob"] {
        for entry in fs::read_dir(sandbox.path(folder)).unwrap() {
            let name = entry.unwrap().file_name();
            assert!(!name.to_str().unwrap().starts_with('.'), "{name:?} is left");
        }
    }
    for entry in fs::read_dir(sandbox.path("home/.enact/cache/bundles")).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(!name.to_str().unwrap().starts_with('.'), "{name:?} is left");
    }
}

#[test]
fn a_signal_in_the_middle_of_many_leaves_all_as_it_was() {
    let registry = Published::greeters(&["1.0.0"]);
    registry.publish("bob/waver", "1.0.0", &[("SKILL.md", "# Waver\n")]);
    let sandbox = Sandbox::new();
    sandbox
        .enact(&registry.url, &["install", "alice/greeter", "bob/waver"])
        .success();
    let mut other = Bundle::greeter("1.0.0");
    other.name = "carol/other".to_owned();
    let list =
        r#"{"tools": {"alice/greeter": "1.0.0", "bob/waver": "1.0.0", "carol/other": "1.0.0"}}"#;
    sandbox.write(LIST, list);
    fs::remove_dir_all(sandbox.path("home/.agents")).unwrap();
    let before = sandbox.tree();
    for signal in ["INT", "TERM"] {
        let (slow, asked, _go_on) = Registry::stalling(&other);
        // Two come from the cache, and are ready before the third does not come.
        let running = sandbox.start(&slow.url, &["install"]);
        asked.recv().unwrap();
        running.signal(signal);
        let ended = running.wait();
        assert_eq!(ended.code, 130, "{ended:?}");
        assert_eq!(
            sandbox.tree().keys().collect::<Vec<_>>(),
            before.keys().collect::<Vec<_>>(),
            "{signal}"
        );
        assert_eq!(sandbox.read(LIST), list);
    }
}
