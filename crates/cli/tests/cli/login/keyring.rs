//! A keyring that does not answer.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use enact_testkit::until;

use crate::sandbox::{Sandbox, signal};

#[test]
fn a_signal_ends_the_wait_for_a_keyring() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "home/.enact/credentials.json",
        r#"{"version":1,"registries":{"http://127.0.0.1:1":{"kept_in":"keyring","user":"alice"}}}"#,
    );
    let kept = sandbox.path("home/.enact/credentials.json");
    fs::set_permissions(kept, Permissions::from_mode(0o600)).unwrap();
    let tool = sandbox.path("bin/secret-tool");
    let script = "#!/bin/sh\necho $$ > id && mv id asked && exec sleep 1000\n";
    sandbox.write("bin/secret-tool", script);
    fs::set_permissions(&tool, Permissions::from_mode(0o755)).unwrap();
    for name in ["INT", "TERM"] {
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", tool.parent().unwrap().display());
        let vars = [
            ("ENACT_REGISTRY_URL", "http://127.0.0.1:1"),
            ("PATH", &*path),
        ];
        let mut child = sandbox.command(&vars, &["whoami"]).spawn().unwrap();
        let asked = sandbox.path("project/asked");
        until(&mut child, || asked.exists());
        signal(name, &child);
        assert!(!child.wait().unwrap().success());
        let id = fs::read_to_string(&asked).unwrap();
        let ended = Command::new("kill")
            .args(["-s", "KILL", id.trim()])
            .status();
        assert!(ended.unwrap().success());
        fs::remove_file(asked).unwrap();
    }
}
