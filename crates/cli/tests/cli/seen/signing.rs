//! What somebody sees who signs in.

use std::path::Path;

use enact_testkit::EnactServer;

use super::Story;

#[test]
fn signing_in() {
    let mut story = Story::new();
    let program = Path::new(env!("CARGO_BIN_EXE_enact"));
    let data = story.served.sandbox.path("closed");
    let vars = [("ENACT_AUTH", "tokens".to_owned())];
    story.served.server = EnactServer::start(program, &data, vars).unwrap();
    let data = ["--data", data.to_str().unwrap()];
    let sandbox = &story.served.sandbox;
    let operate = |args: &[&str]| sandbox.enact_with(&[], &[args, &data].concat()).success();
    operate(&["user", "add", "alice"]);
    let token = operate(&["token", "create", "--user", "alice"]).stdout;

    story.run_with(&[], &["whoami"]);
    story.run_with(&[], &["login"]);
    story.run_told(&[], &["login", "--with-token", "--no-keyring"], "wrong\n");
    story.run_told(&[], &["login", "--with-token", "--no-keyring"], &token);
    story.run_with(&[], &["whoami"]);
    story.run_with(&[], &["publish", "gone"]);
    story.run_with(&[], &["logout", "--revoke"]);
    story.run_with(&[], &["whoami"]);
    story.run_with(&[], &["logout"]);
    story.run_with(&[], &["logout", "--revoke"]);
    story
        .served
        .sandbox
        .write("home/.enact/credentials.json", "broken");
    story.run_with(&[], &["logout"]);
    story.end("signing-in");
}
