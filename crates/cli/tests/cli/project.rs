//! Which project's list a command goes by, from where it is run.

use std::fs;

use crate::bundles::Bundle;
use crate::registry::Registry;
use crate::sandbox::Sandbox;

/// Installs `alice/greeter` with that folder as the current one.
fn install_in(sandbox: &Sandbox, folder: &str) {
    let registry = Registry::with(&Bundle::greeter("1.0.0"), |_| None);
    let vars = [("ENACT_REGISTRY_URL", &*registry.url)];
    let mut command = sandbox.command(&vars, &["install", "alice/greeter"]);
    fs::create_dir_all(sandbox.path(folder)).unwrap();
    command.current_dir(sandbox.path(folder));
    let ended = command.output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
}

#[test]
fn a_folder_in_a_project_belongs_to_it() {
    let sandbox = Sandbox::new();
    install_in(&sandbox, "project/folder/in/it");
    assert!(sandbox.read("project/agents/skills.json").contains("1.0.0"));
    assert!(!sandbox.path("project/folder/in/it/agents").exists());
}

#[test]
fn no_project_reaches_beyond_the_home_folder() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("agents")).unwrap();
    install_in(&sandbox, "home/work");
    let list = sandbox.read("home/work/agents/skills.json");
    assert!(list.contains("1.0.0"), "{list}");
    assert!(sandbox.path("home/work/agents/skills.lock").exists());
    assert_eq!(fs::read_dir(sandbox.path("agents")).unwrap().count(), 0);
}
