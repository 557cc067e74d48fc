//! A sign-in that is broken off while it waits.

use std::process::Stdio;

use enact_testkit::until;

use crate::registry::{Answer, Registry};
use crate::sandbox::{Sandbox, signal};

#[test]
fn waiting_for_stdin_can_be_broken_off() {
    let sandbox = Sandbox::new();
    let registry = Registry::start(|_| Answer::error(401, "UNAUTHORIZED", "Unauthorized"));
    let vars = [("ENACT_REGISTRY_URL", &*registry.url)];
    let mut command = sandbox.command(&vars, &["login", "--with-token"]);
    command.stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Held open: there may be more to come.
    let _stdin = child.stdin.take();
    // It listens for signals before it asks anybody for anything.
    until(&mut child, || !registry.log().is_empty());
    signal("INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
