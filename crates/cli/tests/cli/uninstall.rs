//! `enact uninstall` and `enact list`.

use serde_json::json;

use crate::published::Published;
use crate::sandbox::Sandbox;

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:1";

const SKILLS: &str = "home/.agents/skills";

/// With two skills of one namespace in the project, and one of them for the user too.
fn installed() -> Sandbox {
    let registry = Published::greeters(&["1.0.0"]);
    let manifest = "---\ndescription: Waves at people\n---\n# Waver\n";
    registry.publish("alice/waver", "2.0.0", &[("SKILL.md", manifest)]);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter", "alice/waver"];
    sandbox.enact(&registry.url, &args).success();
    sandbox
}

#[test]
fn lists_what_is_installed() {
    let sandbox = installed();
    // Other clients publish skills without a description.
    let manifest = "name: alice/greeter\nversion: 1.0.0\n";
    sandbox.write(
        &format!("{SKILLS}/alice/greeter/skill.package.yml"),
        manifest,
    );
    sandbox.write(
        "project/agents/skills.json",
        r#"{"tools": {"alice/waver": "^2", "alice/greeter": "1.0.0", "bob/gone": "1.0.0"},
            "aliases": {"wave": "alice/waver"}}"#,
    );
    let ended = sandbox.enact(NOWHERE, &["list"]).success();
    let table = "\
NAME           VERSION  STATUS    DESCRIPTION
alice/waver    ^2       is 2.0.0  Waves at people
alice/greeter  1.0.0    installed -
bob/gone       1.0.0    missing   -
";
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(squeezed(&ended.stdout), squeezed(table));
    let listed = sandbox.enact(NOWHERE, &["ls", "--json"]).success().json();
    assert_eq!(
        listed[0],
        json!({
            "name": "alice/waver", "description": "Waves at people", "version": "^2",
            "location": sandbox.path(&format!("{SKILLS}/alice/waver")), "scope": "project",
            "alias": "wave", "installedVersion": "2.0.0", "lockedVersion": null,
        })
    );
    let none = sandbox.enact(NOWHERE, &["list", "-g", "--json"]).success();
    assert_eq!(none.json(), json!([]));
}

#[test]
fn removes_the_folder_and_takes_it_off_list_and_lock() {
    let sandbox = installed();
    let ended = sandbox.enact(NOWHERE, &["uninstall", "alice/greeter"]);
    let ended = ended.success();
    assert!(ended.stdout.contains("removed"), "{ended:?}");
    assert!(!sandbox.path(&format!("{SKILLS}/alice/greeter")).exists());
    assert!(sandbox.path(&format!("{SKILLS}/alice/waver")).exists());
    for record in ["project/agents/skills.json", "project/agents/skills.lock"] {
        let text = sandbox.read(record);
        assert!(!text.contains("alice/greeter"), "{text}");
        assert!(text.contains("alice/waver"), "{text}");
    }
    let args = ["uninstall", "alice/waver", "--json"];
    let json = sandbox.enact(NOWHERE, &args).success().json();
    assert_eq!(
        json["removed"][0],
        json!({
            "name": "alice/waver", "scope": "project",
            "location": sandbox.path(&format!("{SKILLS}/alice/waver")),
            "filesRemoved": true, "stillListed": false,
        })
    );
    assert!(!sandbox.path(&format!("{SKILLS}/alice")).exists());
}

#[test]
fn the_folder_stays_while_the_other_list_has_the_skill() {
    let sandbox = installed();
    let args = ["install", "-g", "--offline", "alice/waver"];
    let lock = sandbox.read("project/agents/skills.lock");
    let lock: serde_json::Value = serde_json::from_str(&lock).unwrap();
    let url = lock["skills"][0]["registry"].as_str().unwrap();
    sandbox.enact(url, &args).success();
    let ended = sandbox.enact(NOWHERE, &["uninstall", "alice/waver"]);
    let ended = ended.success();
    assert!(
        ended.stdout.contains("~/.enact/tools.json has it too"),
        "{ended:?}"
    );
    assert!(sandbox.path(&format!("{SKILLS}/alice/waver")).exists());
    sandbox
        .enact(NOWHERE, &["uninstall", "alice/waver", "-g"])
        .success();
    assert!(!sandbox.path(&format!("{SKILLS}/alice/waver")).exists());
}

#[test]
fn what_is_not_listed_is_left_alone() {
    let sandbox = installed();
    let before = sandbox.tree();
    for args in [
        &["uninstall", "alice/greeter", "bob/other"][..],
        &["uninstall", "alice/greeter", "-g"],
    ] {
        let ended = sandbox.enact(NOWHERE, args);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert_eq!(sandbox.tree(), before);
    }
}

#[test]
fn a_folder_that_is_no_skill_is_left_alone() {
    let sandbox = installed();
    let skill = sandbox.path(&format!("{SKILLS}/alice/greeter"));
    std::fs::remove_dir_all(&skill).unwrap();
    sandbox.write(&format!("{SKILLS}/alice/greeter/thesis.txt"), "mine");
    let ended = sandbox.enact(NOWHERE, &["uninstall", "alice/greeter"]);
    let ended = ended.success();
    assert!(ended.stderr.contains("is not a skill"), "{ended:?}");
    assert_eq!(
        sandbox.read(&format!("{SKILLS}/alice/greeter/thesis.txt")),
        "mine"
    );
    for record in ["project/agents/skills.json", "project/agents/skills.lock"] {
        let text = sandbox.read(record);
        assert!(
            !text.contains("alice/greeter") && text.ends_with("}\n"),
            "{text:?}"
        );
    }
}

#[test]
fn a_version_is_to_be_left_out() {
    let sandbox = Sandbox::new();
    for command in ["uninstall", "update", "verify", "delete"] {
        let ended = sandbox.enact_with(&[], &[command, "alice/x@1.0.0"]);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.stderr.contains("leave out the version"), "{ended:?}");
    }
}
