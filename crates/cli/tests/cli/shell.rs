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
    let complete = |line: &str| {
        let script = "source \"$1\"; COMP_WORDS=($2); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _enact enact \"${COMP_WORDS[-1]}\" \"${COMP_WORDS[-2]}\"; echo \"${COMPREPLY[*]}\"";
        let output = Command::new("bash")
            .args(["-c", script, "bash"])
            .arg(sandbox.path("script"))
            .arg(line)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(complete("enact inst"), "install");
    assert_eq!(complete("enact visibility alice/x unl"), "unlisted");
    assert_eq!(complete("enact org set-role acme bob ad"), "admin");
    assert_eq!(complete("enact config get registry.u"), "registry.url");
    assert_eq!(complete("enact config set trust."), "trust.policy");
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
    let install = fs::read_to_string(folder.join("enact-install.1")).unwrap();
    for lines in [
        "enact install [OPTIONS] [NAME[@VERSION]]...\n",
        ".SH EXAMPLES\n.nf\nenact install                        What",
        "enact install \\-\\-frozen               The same",
    ] {
        assert!(install.contains(lines), "{lines}: {install}");
    }
    assert!(!install.contains("EXTRA"), "{install}");
    assert!(install.contains("\"enact 0."), "{install}");
    let one = sandbox.enact_with(&[], &["man"]).success().stdout;
    assert!(one.contains("enact\\-install"), "{one}");
    assert!(
        one.contains(".SH \"EXIT STATUS\"\n.nf\n0    success\n"),
        "{one}"
    );
}
