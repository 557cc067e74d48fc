//! What the operator of a registry sees.

use std::path::Path;

use enact_testkit::{EnactServer, enact_command};

use super::Story;

/// A folder without a registry.
const NOWHERE: [&str; 2] = ["--data", "nowhere"];

#[test]
fn accounts() {
    let mut story = Story::new();
    for args in [
        &["user", "add", "bob"][..],
        &["user", "add", "bob"],
        &["user", "list"],
        &["user", "disable", "bob"],
        &["user", "disable", "nobody"],
        &["user", "enable", "bob"],
        &["user", "enable", "nobody"],
        &[
            "token", "create", "--user", "bob", "--scope", "read", "--name", "ci",
        ],
        &["token", "create", "--user", "nobody"],
        &["token", "list", "--user", "bob"],
        &["token", "revoke", "0b1c2d3e4f5061728394a5b6c7d8e9f0"],
        &[
            "identity",
            "link",
            "bob",
            "--subject",
            "8f4c",
            "--issuer",
            "https://id.example",
        ],
        &[
            "identity",
            "link",
            "nobody",
            "--subject",
            "8f4d",
            "--issuer",
            "https://id.example",
        ],
        &["identity", "list"],
        &[
            "identity",
            "unlink",
            "--subject",
            "8f4c",
            "--issuer",
            "https://id.example",
        ],
        &[
            "identity",
            "unlink",
            "--subject",
            "8f4c",
            "--issuer",
            "https://id.example",
        ],
        &[
            "publisher",
            "add",
            "octo/skills",
            "--as",
            "bob",
            "--name",
            "bob/*",
        ],
        &[
            "publisher",
            "add",
            "octo/skills",
            "--as",
            "nobody",
            "--name",
            "nobody/*",
        ],
        &["publisher", "list"],
        &["publisher", "remove", "0b1c2d3e4f5061728394a5b6c7d8e9f0"],
    ] {
        story.operate(args);
    }
    let id = |story: &Story, args: &[&str], list: &str| {
        let data = story.served.sandbox.path("data");
        let data = ["--data", data.to_str().unwrap(), "--json"];
        let ended = story.served.enact(&[args, &data].concat()).success();
        ended.json()[list][0]["id"].as_str().unwrap().to_owned()
    };
    let token = id(&story, &["token", "list"], "tokens");
    story.operate(&["token", "revoke", &token]);
    let rule = id(&story, &["publisher", "list"], "publishers");
    story.operate(&["publisher", "remove", &rule]);
    for args in [
        ["user", "list"],
        ["token", "list"],
        ["identity", "list"],
        ["publisher", "list"],
    ] {
        story.run_with(&[], &[&args[..], &NOWHERE].concat());
    }
    story.end("accounts");
}

#[test]
fn databases() {
    let mut story = Story::new();
    for args in [
        &["db", "status"][..],
        &["db", "migrate"],
        &["db", "import", "--from", "gone"],
        &["audit", "--since", "yesterday"],
    ] {
        story.operate(args);
    }
    let data = story.served.sandbox.path("data");
    story.run_unseen(&[], &["audit", "--data", data.to_str().unwrap()]);
    let mysql = [("DATABASE_URL", "mysql://db.example/enact")];
    for args in [&["db", "status"][..], &["db", "migrate"], &["audit"]] {
        story.run_with(&mysql, args);
    }
    story.end("databases");
}

#[test]
fn serving() {
    let mut story = Story::new();
    let (program, data) = (Path::new(env!("CARGO_BIN_EXE_enact")), "served");
    let args = ["serve", "--port", "0", "--data", data];
    let mut command = enact_command(program);
    command
        .current_dir(story.served.sandbox.path("project"))
        .env("ENACT_LOG", "off")
        .args(args);
    let server = EnactServer::spawn(command).unwrap();
    let ended = crate::sandbox::Ended {
        stdout: server.output(),
        stderr: String::new(),
        code: server.stop().unwrap().code().unwrap(),
    };
    story.tell(&args, &ended);
    for (vars, args) in [
        (&[][..], &["serve", "--host", "0.0.0.0"][..]),
        (&[], &["serve", "--port", "70000"]),
        (&[("ENACT_LIMITS", "some")], &["serve"]),
        (&[("R2_ACCESS_KEY_ID", "id")], &["serve"]),
        (&[("ENACT_REGISTRY_API_KEY", "short")], &["serve"]),
    ] {
        story.run_with(vars, args);
    }
    story.end("serving");
}
