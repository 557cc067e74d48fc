//! Several installs at once, and installs that are broken off.

use std::fs;

use serde_json::Value;

use crate::bundles::{Bundle, entry};
use crate::published::Published;
use crate::registry::{Registry, Request, serve};
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

/// A project with two skills, and an install that waits for one of them while another process does
/// something.
struct Meanwhile {
    sandbox: Sandbox,
    registry: Registry,
}

impl Meanwhile {
    /// Runs `args`, and `others` with a registry of a later greeter in the middle of it.
    fn of(args: &[&str], others: &[&str]) -> Self {
        let greeter = Bundle::greeter("1.0.0");
        let manifest = b"name: carol/other\nversion: 1.0.0\n";
        let mut other = Bundle::holding("1.0.0", &[entry("skill.package.yml", 0o644, manifest)]);
        "carol/other".clone_into(&mut other.name);
        let both = move |request: &Request| {
            let is_greeter = request.path.contains("/alice/greeter");
            is_greeter.then(|| serve(&greeter, request))
        };
        let registry = Registry::with(&other, both.clone());
        let (slow, asked, go_on) = Registry::stalling_with(&other, both);
        let sandbox = Sandbox::new();
        let names = ["install", "alice/greeter@1.0.0", "carol/other@1.0.0"];
        sandbox.enact(&registry.url, &names).success();
        for folder in ["home/.agents/skills/carol", "home/.enact/cache"] {
            fs::remove_dir_all(sandbox.path(folder)).unwrap();
        }
        let later = Registry::with(&Bundle::greeter("1.1.0"), |_| None);
        let args = [args, &["--registry", &slow.url]].concat();
        let running = sandbox.start(&slow.url, &args);
        asked.recv().unwrap();
        sandbox.enact(&later.url, others).success();
        drop(go_on);
        running.wait().success();
        Self { sandbox, registry }
    }

    /// The installed versions by name, after a look whether they are as locked.
    fn installed(&self) -> Vec<String> {
        let enact = |args| self.sandbox.enact(&self.registry.url, args).success();
        enact(&["verify"]);
        enact(&["install", "--frozen", "--offline"]);
        let listed = enact(&["list", "--json"]).json();
        let rows = listed.as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        rows.map(|row| format!("{}@{}", text(&row["name"]), text(&row["installedVersion"])))
            .collect()
    }
}

#[test]
fn what_was_named_is_installed_whatever_another_put_there_meanwhile() {
    let args = ["install", "carol/other@1.0.0", "alice/greeter@1.0.0"];
    let meanwhile = Meanwhile::of(&args, &["install", "alice/greeter"]);
    let expected = ["alice/greeter@1.0.0", "carol/other@1.0.0"];
    assert_eq!(meanwhile.installed(), expected);
}

#[test]
fn a_restore_goes_by_what_another_recorded_meanwhile() {
    for args in [&["install"][..], &["install", "--frozen"]] {
        let meanwhile = Meanwhile::of(args, &["install", "alice/greeter"]);
        let expected = ["alice/greeter@1.1.0", "carol/other@1.0.0"];
        assert_eq!(meanwhile.installed(), expected, "{args:?}");
        let meanwhile = Meanwhile::of(args, &["uninstall", "alice/greeter"]);
        assert_eq!(meanwhile.installed(), ["carol/other@1.0.0"], "{args:?}");
    }
}

/// The user's own list comes to need a skill while a project waits to uninstall it.
#[cfg(target_os = "linux")]
#[test]
fn what_the_other_list_needs_by_then_is_left() {
    let registry = Registry::with(&Bundle::greeter("1.0.0"), |_| None);
    let sandbox = Sandbox::new();
    let install = ["install", "alice/greeter"];
    sandbox.enact(&registry.url, &install).success();
    let path = sandbox.path("home/.enact/lists.lock");
    let lock = fs::File::options().write(true).open(&path).unwrap();
    lock.lock().unwrap();
    let mut running = sandbox.start(&registry.url, &["uninstall", "alice/greeter"]);
    // Until it has the lock's file open.
    let files = format!("/proc/{}/fd", running.id());
    loop {
        let open = fs::read_dir(&files).into_iter().flatten().flatten();
        let mut open = open.filter_map(|file| fs::read_link(file.path()).ok());
        if open.any(|file| file == path) {
            break;
        }
        assert!(!running.has_ended(), "it did not wait");
        std::thread::yield_now();
    }
    sandbox.write(
        "home/.enact/tools.json",
        r#"{"tools": {"alice/greeter": "1.0.0"}}"#,
    );
    drop(lock);
    running.wait().success();
    assert!(
        sandbox
            .path("home/.agents/skills/alice/greeter/SKILL.md")
            .exists()
    );
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
