//! A keyring that waits for its password.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use enact_testkit::{until, until_gone};

use super::{FILE, Team};
use crate::sandbox::{Sandbox, signal};

/// What stands for a token of a registry in the file while the token is in the keyring.
const IN_KEYRING: &str =
    r#"{"version":1,"registries":{"http://127.0.0.1:1":{"kept_in":"keyring","user":"alice"}}}"#;

/// Both ways to stop a program: Ctrl-C at a terminal goes to all that it runs, others to it alone.
const STOPS: [fn(&Child); 2] = [
    |child| {
        let group = format!("-{}", child.id());
        let kill = ["-s", "INT", "--", &group];
        let sent = Command::new("kill").args(kill).status();
        assert!(sent.unwrap().success());
    },
    |child| signal("TERM", child),
];

/// A keyring that does this when it was asked, and the `PATH` with it.
fn keyring(sandbox: &Sandbox, does: &str) -> String {
    let script = format!("#!/bin/sh\necho $$ > id && mv id asked\n{does}\n");
    sandbox.write("bin/secret-tool", &script);
    let tool = sandbox.path("bin/secret-tool");
    fs::set_permissions(&tool, Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    format!("{}:{path}", tool.parent().unwrap().display())
}

/// Starts `enact` in a group of its own, as a shell does.
fn start(sandbox: &Sandbox, vars: &[(&str, &str)], args: &[&str]) -> Child {
    let mut command = sandbox.command(vars, args);
    command
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Waits until the keyring is asked. Gives the id of the process that is.
fn asked(sandbox: &Sandbox, child: &mut Child) -> String {
    let asked = sandbox.path("project/asked");
    until(child, || asked.exists());
    let id = fs::read_to_string(&asked).unwrap();
    fs::remove_file(asked).unwrap();
    id.trim().to_owned()
}

fn write_private(sandbox: &Sandbox, text: &str) {
    sandbox.write(FILE, text);
    fs::set_permissions(sandbox.path(FILE), Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_signal_ends_the_wait_for_a_token_of_it() {
    let sandbox = Sandbox::new();
    write_private(&sandbox, IN_KEYRING);
    let path = keyring(&sandbox, "exec sleep 1000");
    let vars = [
        ("ENACT_REGISTRY_URL", "http://127.0.0.1:1"),
        ("PATH", &*path),
    ];
    for name in ["INT", "TERM"] {
        let mut child = start(&sandbox, &vars, &["whoami"]);
        let id = asked(&sandbox, &mut child);
        signal(name, &child);
        assert!(!child.wait().unwrap().success());
        let ended = Command::new("kill").args(["-s", "KILL", &id]).status();
        assert!(ended.unwrap().success());
    }
}

#[test]
fn a_token_is_kept_nowhere_when_a_signal_ends_the_wait() {
    let team = Team::new();
    let token = team.token();
    // The second has nothing to say any more, and does not end.
    for does in ["exec sleep 1000", "exec sleep 1000 >&- 2>&-"] {
        let path = keyring(&team.sandbox, does);
        let vars = [("ENACT_REGISTRY_URL", &*team.server.url), ("PATH", &*path)];
        for stop in STOPS {
            let mut child = start(&team.sandbox, &vars, &["login", "--with-token"]);
            let mut stdin = child.stdin.take().unwrap();
            stdin.write_all(token.as_bytes()).unwrap();
            drop(stdin);
            let id = asked(&team.sandbox, &mut child);
            stop(&child);
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(130), "{does}: {output:?}");
            assert!(!team.sandbox.path("home/.enact").exists(), "{does}");
            until_gone(&id);
        }
    }
}

#[test]
fn a_token_is_not_forgotten_when_a_signal_ends_the_wait() {
    let sandbox = Sandbox::new();
    write_private(&sandbox, IN_KEYRING);
    let path = keyring(&sandbox, "exec sleep 1000");
    let vars = [
        ("ENACT_REGISTRY_URL", "http://127.0.0.1:1"),
        // So that the keyring is not asked for one to sign in with.
        ("ENACT_AUTH_TOKEN", "t0ken"),
        ("PATH", &*path),
    ];
    for stop in STOPS {
        let mut child = start(&sandbox, &vars, &["logout"]);
        let id = asked(&sandbox, &mut child);
        stop(&child);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        assert_eq!(sandbox.read(FILE), IN_KEYRING);
        until_gone(&id);
    }
}
