//! `enact install` with a registry that behaves.

use std::os::unix::fs::PermissionsExt;

use enact_types::Digest;
use serde_json::json;

use crate::bundles::{Bundle, entry};
use crate::registry::Registry;
use crate::sandbox::Sandbox;

const SKILL: &str = "home/.agents/skills/alice/greeter";

fn well_behaved(bundle: &Bundle) -> Registry {
    Registry::with(bundle, |_| None)
}

#[test]
fn puts_the_files_in_place_and_records_the_version_in_the_project() {
    let (sandbox, bundle) = (Sandbox::new(), Bundle::greeter("1.0.0"));
    let registry = well_behaved(&bundle);
    let ended = sandbox
        .enact(&registry.url, &["install", "alice/greeter"])
        .success();
    assert!(
        ended.stdout.contains("Installed alice/greeter@1.0.0"),
        "{ended:?}"
    );
    assert_eq!(sandbox.read(&format!("{SKILL}/SKILL.md")), "# Greeter\n");
    let script = sandbox.path(&format!("{SKILL}/scripts/greet.sh"));
    // Nobody but the owner need be able to: that is up to the umask.
    let mode = script.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o100, 0o100);
    assert_eq!(
        sandbox.read("project/agents/skills.json"),
        "{\n  \"tools\": {\n    \"alice/greeter\": \"1.0.0\"\n  },\n  \"aliases\": {}\n}\n"
    );
    let agents = std::fs::read_dir(sandbox.path("project/agents")).unwrap();
    assert_eq!(
        agents.count(),
        2,
        "more than the list and the lock is in the project"
    );
    assert!(
        !sandbox.path("home/.enact/tools.json").exists(),
        "a project install is in the list of the user"
    );
    assert!(!sandbox.path("home/hook-ran").exists(), "a hook was run");
    let not_run = "was not run:\n  $ touch $HOME/hook-ran\n";
    assert!(ended.stderr.contains(not_run), "{ended:?}");
}

#[test]
fn a_global_install_is_recorded_for_the_user_and_described_as_json() {
    let (sandbox, bundle) = (Sandbox::new(), Bundle::greeter("1.0.0-rc.1"));
    let registry = well_behaved(&bundle);
    let args = ["i", "alice/greeter@1.0.0-rc.1", "-g", "--json"];
    let ended = sandbox.enact(&registry.url, &args).success();
    assert_eq!(
        ended.json(),
        json!({
            "installed": true, "alreadyInstalled": false, "tool": "alice/greeter",
            "version": "1.0.0-rc.1", "location": sandbox.path(SKILL), "scope": "global",
            "hash": Digest::of(&bundle.bytes), "size": bundle.bytes.len(), "verified": true,
            "source": "registry", "hook": "skipped",
        })
    );
    assert!(
        sandbox
            .read("home/.enact/tools.json")
            .contains("\"alice/greeter\": \"1.0.0-rc.1\"")
    );
    let agents = std::fs::read_dir(sandbox.path("project/agents")).unwrap();
    assert_eq!(agents.count(), 0);
    let asked = registry.log();
    assert!(
        !asked.contains(&"GET /tools/alice/greeter".to_owned()),
        "{asked:?}"
    );
}

#[test]
fn what_is_installed_is_not_downloaded_again_unless_forced() {
    let (sandbox, bundle) = (Sandbox::new(), Bundle::greeter("1.0.0"));
    let registry = well_behaved(&bundle);
    let downloads = || {
        let log = registry.log();
        log.iter()
            .filter(|line| line.ends_with("/download"))
            .count()
    };
    sandbox
        .enact(&registry.url, &["install", "alice/greeter"])
        .success();
    let again = sandbox
        .enact(&registry.url, &["install", "alice/greeter@latest"])
        .success();
    assert!(again.stdout.contains("already installed"), "{again:?}");
    assert_eq!(downloads(), 1);

    // What was downloaded is in the cache.
    sandbox.write(&format!("{SKILL}/more"), "");
    let args = ["install", "alice/greeter", "--force", "--json"];
    let forced = sandbox.enact(&registry.url, &args).success();
    assert_eq!(forced.json()["source"], "cache");
    assert_eq!(downloads(), 1);
    assert!(!sandbox.path(&format!("{SKILL}/more")).exists());
}

#[test]
fn what_is_damaged_is_installed_again() {
    let (sandbox, bundle) = (Sandbox::new(), Bundle::greeter("1.0.0"));
    let registry = well_behaved(&bundle);
    let args = ["install", "alice/greeter"];
    sandbox.enact(&registry.url, &args).success();
    let script = sandbox.path(&format!("{SKILL}/scripts/greet.sh"));
    let folder = sandbox.path(&format!("{SKILL}/scripts"));
    let elsewhere = sandbox.path("elsewhere");
    let damages: [&dyn Fn(); 4] = [
        &|| sandbox.write(&format!("{SKILL}/SKILL.md"), "# Damage!\n"),
        &|| std::fs::remove_file(&script).unwrap(),
        &|| std::fs::set_permissions(&script, PermissionsExt::from_mode(0o644)).unwrap(),
        &|| {
            // The right files, by a link that leads out of the skill.
            std::fs::rename(&folder, &elsewhere).unwrap();
            std::os::unix::fs::symlink(&elsewhere, &folder).unwrap();
        },
    ];
    for damage in damages {
        damage();
        let again = sandbox.enact(&registry.url, &args).success();
        assert!(again.stdout.contains("Installed"), "{again:?}");
        assert_eq!(sandbox.read(&format!("{SKILL}/SKILL.md")), "# Greeter\n");
        let mode = script.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o100, 0o100);
    }
}

#[test]
fn another_version_replaces_the_one_that_is_there() {
    let sandbox = Sandbox::new();
    let old = well_behaved(&Bundle::greeter("1.0.0"));
    sandbox
        .enact(&old.url, &["install", "alice/greeter"])
        .success();
    sandbox.write(&format!("{SKILL}/old-file"), "");
    let new = well_behaved(&Bundle::greeter("1.1.0"));
    sandbox
        .enact(&new.url, &["install", "alice/greeter", "--quiet"])
        .success();
    assert!(!sandbox.path(&format!("{SKILL}/old-file")).exists());
    assert!(sandbox.read("project/agents/skills.json").contains("1.1.0"));
    let left = std::fs::read_dir(sandbox.path("home/.agents/skills/alice"))
        .unwrap()
        .count();
    assert_eq!(left, 1, "something was left beside the skill");
}

#[test]
fn a_yanked_version_needs_consent() {
    let sandbox = Sandbox::new();
    let registry = well_behaved(&Bundle::greeter("1.0.0").yanked());
    let before = sandbox.tree();
    let refused = sandbox.enact(&registry.url, &["install", "alice/greeter@1.0.0"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("it is rude"), "{refused:?}");
    assert!(
        refused.stderr.contains("alice/greeter@1.0.1"),
        "{refused:?}"
    );
    assert_eq!(sandbox.tree(), before);

    let args = ["install", "alice/greeter@1.0.0", "--allow-yanked"];
    sandbox.enact(&registry.url, &args).success();
    let last = registry.log().pop().unwrap();
    assert!(
        last.ends_with("/download?acknowledge_yanked=true"),
        "{last}"
    );
}

#[test]
fn a_broken_list_stops_the_install_before_anything_is_asked() {
    let sandbox = Sandbox::new();
    sandbox.write("project/agents/skills.json", "{ broken");
    let registry = well_behaved(&Bundle::greeter("1.0.0"));
    let before = sandbox.tree();
    let ended = sandbox.enact(&registry.url, &["install", "alice/greeter"]);
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("agents/skills.json"), "{ended:?}");
    assert_eq!(sandbox.tree(), before);
    assert!(registry.log().is_empty());
}

#[test]
fn installs_at_once_are_all_recorded() {
    let sandbox = Sandbox::new();
    let (slow, asked, go_on) = Registry::stalling(&Bundle::greeter("1.0.0"));
    let running = sandbox.start(&slow.url, &["install", "alice/greeter"]);
    asked.recv().unwrap();
    let manifest = entry("SKILL.md", 0o644, b"# Waver\n");
    let mut other = Bundle::holding("2.0.0", &[manifest]);
    other.name = "bob/waver".to_owned();
    let quick = well_behaved(&other);
    sandbox
        .enact(&quick.url, &["install", "bob/waver"])
        .success();
    drop(go_on);
    running.wait().success();
    let list: serde_json::Value =
        serde_json::from_str(&sandbox.read("project/agents/skills.json")).unwrap();
    assert_eq!(
        list["tools"],
        json!({"bob/waver": "2.0.0", "alice/greeter": "1.0.0"})
    );
}

#[test]
fn a_list_that_is_a_link_is_neither_read_nor_written_through() {
    let sandbox = Sandbox::new();
    sandbox.write("home/secrets.json", "{\"token\": \"s3cret\"}");
    sandbox.write("project/agents/readme", "");
    let link = sandbox.path("project/agents/skills.json");
    std::os::unix::fs::symlink("../../home/secrets.json", &link).unwrap();
    let registry = well_behaved(&Bundle::greeter("1.0.0"));
    let before = sandbox.tree();
    let ended = sandbox.enact(&registry.url, &["install", "alice/greeter"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("symbolic link"), "{ended:?}");
    assert_eq!(sandbox.tree(), before);
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert!(registry.log().is_empty());
}

#[test]
fn the_list_of_the_user_may_be_a_link_which_is_kept() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "home/dotfiles/tools.json",
        "{\"tools\": {\"a/b\": \"1.0.0\"}}",
    );
    sandbox.write("home/.enact/readme", "");
    let link = sandbox.path("home/.enact/tools.json");
    std::os::unix::fs::symlink("../dotfiles/tools.json", &link).unwrap();
    let registry = well_behaved(&Bundle::greeter("1.0.0"));
    let args = ["install", "alice/greeter", "--global"];
    sandbox.enact(&registry.url, &args).success();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    let list = sandbox.read("home/dotfiles/tools.json");
    assert!(
        list.contains("a/b") && list.contains("alice/greeter"),
        "{list}"
    );
}

#[test]
fn a_policy_that_needs_attestations_is_kept() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "home/.enact/config.yaml",
        "trust:\n  policy: require_attestation\n",
    );
    let registry = well_behaved(&Bundle::greeter("1.0.0"));
    let before = sandbox.tree();
    let ended = sandbox.enact(&registry.url, &["install", "alice/greeter"]);
    assert_eq!(ended.code, 104);
    assert_eq!(sandbox.tree(), before);
}
