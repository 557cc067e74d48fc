//! `enact update` and `enact list --outdated`.

use serde_json::{Value, json};

use crate::published::Published;
use crate::sandbox::Sandbox;

const LIST: &str = "project/agents/skills.json";
const GREETING: &str = "home/.agents/skills/alice/greeter/lib/greeting";

fn json(sandbox: &Sandbox, registry: &Published, args: &[&str]) -> Value {
    let args = [args, &["--json"]].concat();
    sandbox.enact(&registry.url, &args).success().json()
}

#[test]
fn goes_to_the_highest_version_of_those_that_were_asked_for() {
    let registry = Published::greeters(&["1.0.0", "1.1.0"]);
    let sandbox = Sandbox::new();
    // Without a version, what is compatible counts as asked for.
    sandbox
        .enact(&registry.url, &["install", "alice/greeter"])
        .success();
    for version in ["1.2.0", "2.0.0", "2.1.0-rc.1"] {
        registry.greeter(version);
    }
    let outdated = json(&sandbox, &registry, &["list", "--outdated"]);
    assert_eq!(
        outdated,
        json!([{
            "name": "alice/greeter", "current": "1.1.0", "wanted": "1.2.0", "latest": "2.0.0",
            "yanked": false, "gone": false,
        }])
    );
    assert_eq!(
        json(&sandbox, &registry, &["update"]),
        json!({
            "updated": [{"name": "alice/greeter", "from": "1.1.0", "to": "1.2.0"}],
            "unchanged": [],
        })
    );
    assert_eq!(sandbox.read(GREETING), "hello from 1.2.0\n");
    assert!(sandbox.read(LIST).contains("\"alice/greeter\": \"1.2.0\""));
    let again = sandbox.enact(&registry.url, &["update"]).success();
    assert!(again.stdout.contains("up to date"), "{again:?}");

    let beyond = sandbox.enact(&registry.url, &["update", "--latest"]);
    let beyond = beyond.success();
    assert!(
        beyond.stdout.contains("alice/greeter  1.2.0  2.0.0"),
        "{beyond:?}"
    );
    assert_eq!(
        json(&sandbox, &registry, &["list", "--outdated"]),
        json!([])
    );
    // From now on what is compatible with that one.
    registry.greeter("2.0.1");
    json(&sandbox, &registry, &["update"]);
    assert_eq!(sandbox.read(GREETING), "hello from 2.0.1\n");
    sandbox
        .enact(&registry.url, &["install", "--frozen"])
        .success();
}

#[test]
fn an_exact_version_stays_unless_the_latest_is_asked_for() {
    let registry = Published::greeters(&["1.0.0", "1.1.0"]);
    registry.publish("bob/waver", "1.0.0", &[("SKILL.md", "# Waver\n")]);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter@1.0.0", "bob/waver"];
    sandbox.enact(&registry.url, &args).success();
    registry.publish("bob/waver", "1.0.1", &[("SKILL.md", "# Waver\n")]);
    let ended = sandbox.enact(&registry.url, &["update"]).success();
    assert!(
        ended.stderr.contains("alice/greeter stays at 1.0.0"),
        "{ended:?}"
    );
    assert!(ended.stdout.contains("bob/waver"), "{ended:?}");
    let named = ["update", "alice/greeter", "--latest"];
    let updated = json(&sandbox, &registry, &named);
    assert_eq!(updated["updated"][0]["to"], "1.1.0");
}

#[test]
fn a_range_in_the_list_stays_a_range() {
    let registry = Published::greeters(&["1.0.0", "2.0.0"]);
    let sandbox = Sandbox::new();
    let list = r#"{"tools":{"alice/greeter":"^1"}}"#;
    sandbox.write(LIST, list);
    sandbox.enact(&registry.url, &["install"]).success();
    registry.greeter("1.1.0");
    json(&sandbox, &registry, &["update"]);
    assert_eq!(sandbox.read(GREETING), "hello from 1.1.0\n");
    assert_eq!(sandbox.read(LIST), list);
    json(&sandbox, &registry, &["update", "--latest"]);
    assert!(sandbox.read(LIST).contains("\"^2.0.0\""));
}

#[test]
fn a_pre_release_is_not_exchanged_for_an_older_release() {
    let registry = Published::greeters(&["1.0.0", "2.0.0-rc.1"]);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter@^2.0.0-rc.0"];
    sandbox.enact(&registry.url, &args).success();
    let same = json(&sandbox, &registry, &["update", "--latest"]);
    assert_eq!(same["unchanged"][0]["version"], "2.0.0-rc.1");
    registry.greeter("2.0.0-rc.2");
    json(&sandbox, &registry, &["update"]);
    assert_eq!(sandbox.read(GREETING), "hello from 2.0.0-rc.2\n");
}

#[test]
fn leaves_a_version_that_was_yanked() {
    let registry = Published::greeters(&["1.0.0", "1.1.0"]);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter@^1"];
    sandbox.enact(&registry.url, &args).success();
    registry.operate(&["yank", "alice/greeter@1.1.0"]);
    let outdated = sandbox.enact(&registry.url, &["list", "--outdated"]);
    assert!(outdated.success().stdout.contains("yanked"));
    json(&sandbox, &registry, &["update"]);
    assert_eq!(sandbox.read(GREETING), "hello from 1.0.0\n");
}

#[test]
fn what_was_yanked_is_told_where_nothing_else_is_in_reach() {
    let registry = Published::greeters(&["1.0.0", "2.0.0"]);
    let sandbox = Sandbox::new();
    let enact = |args: &[&str]| sandbox.enact(&registry.url, args);
    enact(&["install", "alice/greeter@1.0.0"]).success();
    registry.operate(&["yank", "alice/greeter@1.0.0", "--reason", "it is rude"]);
    let ended = enact(&["update"]).success();
    assert!(ended.stderr.contains("was yanked: it is rude"), "{ended:?}");

    enact(&["install", "alice/greeter@^1", "--allow-yanked"]).success();
    let ended = enact(&["update", "alice/greeter"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let hint = "enact update --latest alice/greeter";
    assert!(ended.stderr.contains(hint), "{ended:?}");
    enact(&["update", "--latest", "alice/greeter"]).success();
}

#[test]
fn only_what_is_in_the_list_can_be_updated() {
    let registry = Published::greeters(&["1.0.0"]);
    let sandbox = Sandbox::new();
    let ended = sandbox.enact(&registry.url, &["update", "alice/greeter"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("enact install alice/greeter"),
        "{ended:?}"
    );
}

#[test]
fn one_that_is_gone_hides_no_other() {
    let registry = Published::greeters(&["1.0.0"]);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter"];
    sandbox.enact(&registry.url, &args).success();
    registry.greeter("1.1.0");
    let list = r#"{"tools":{"bob/gone":"1.0.0","alice/greeter":"1.0.0"}}"#;
    sandbox.write(LIST, list);
    let outdated = json(&sandbox, &registry, &["list", "--outdated"]);
    assert_eq!(outdated[0]["name"], "bob/gone");
    assert_eq!(outdated[0]["gone"], true);
    assert_eq!(outdated[1]["latest"], "1.1.0");
    let table = sandbox.enact(&registry.url, &["list", "--outdated"]);
    let table = table.success();
    assert!(table.stdout.contains("gone"), "{table:?}");
    assert!(
        table.stderr.contains("enact uninstall bob/gone"),
        "{table:?}"
    );
    let update = sandbox.enact(&registry.url, &["update"]);
    assert_ne!(update.code, 0);
    assert!(
        update.stderr.contains("enact uninstall bob/gone"),
        "{update:?}"
    );
}
