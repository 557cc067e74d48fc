//! `enact completions` and `enact man`.

use std::fs;
use std::process::Command;

use crate::sandbox::Sandbox;

#[test]
fn completions_are_scripts_that_the_shells_take() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = sandbox.enact_with(&[], &["completions", shell]).success();
        assert!(script.stdout.contains("install"), "{shell}");
        assert!(
            script.stdout.contains("frozen") || script.stdout.contains("force"),
            "{shell}"
        );
    }
    let script = sandbox.enact_with(&[], &["completions", "bash"]).success();
    sandbox.write("script", &script.stdout);
    let complete = "source \"$1\"; COMP_WORDS=(enact inst); COMP_CWORD=1; _enact enact inst enact; echo \"${COMPREPLY[*]}\"";
    let output = Command::new("bash")
        .args(["-c", complete, "bash"])
        .arg(sandbox.path("script"))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "install");
    assert_eq!(sandbox.enact_with(&[], &["completions", "tcsh"]).code, 2);
}

#[test]
fn every_command_has_a_manual_page() {
    let sandbox = Sandbox::new();
    sandbox.enact_with(&[], &["man", "pages"]).success();
    let folder = sandbox.path("project/pages");
    for page in ["enact", "enact-install", "enact-storage-doctor"] {
        let text = fs::read_to_string(folder.join(format!("{page}.1"))).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
    let one = sandbox.enact_with(&[], &["man"]).success().stdout;
    assert!(one.contains("enact\\-install"), "{one}");
}
