//! Lists and locks that a version control system could not merge.

use crate::published::Published;
use crate::sandbox::Sandbox;

const LIST: &str = "project/agents/skills.json";
const LOCK: &str = "project/agents/skills.lock";

/// As Git leaves a file of which both sides have changed every line.
fn conflict(ours: &str, theirs: &str) -> String {
    format!("<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> other\n")
}

#[test]
fn either_side_of_a_lock_will_do() {
    let registry = Published::greeters(&["1.0.0", "1.1.0"]);
    let sandbox = Sandbox::new();
    let install = |skill| {
        sandbox.enact(&registry.url, &["install", skill]).success();
        sandbox.read(LOCK)
    };
    let ours = install("alice/greeter@1.0.0");
    let theirs = install("alice/greeter@1.1.0");
    sandbox.write(LOCK, &conflict(&ours, &theirs));
    for args in [&["install"][..], &["verify"], &["list"]] {
        let ended = sandbox.enact(&registry.url, args);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.stderr.contains("merge conflict"), "{ended:?}");
        assert!(ended.stderr.contains("take either side"), "{ended:?}");
    }
    for side in [&ours, &theirs] {
        sandbox.write(LOCK, side);
        sandbox.enact(&registry.url, &["install"]).success();
        assert_eq!(sandbox.read(LOCK), theirs);
    }
}

#[test]
fn a_list_is_for_a_person_to_merge() {
    let sandbox = Sandbox::new();
    let list = |version: &str| format!("{{\"tools\": {{\"alice/greeter\": \"{version}\"}}}}\n");
    sandbox.write(LIST, &conflict(&list("1.0.0"), &list("1.1.0")));
    for args in [&["list"][..], &["install"], &["uninstall", "alice/greeter"]] {
        let ended = sandbox.enact("http://127.0.0.1:1", args);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.stderr.contains("keep what you want"), "{ended:?}");
        assert!(!ended.stderr.contains("nothing was"), "{ended:?}");
    }
}
