//! `enact identity` and `enact publisher`: what the operator is shown and told. What they are for is
//! in the suite `e2e`, on both databases.

use serde_json::json;

use crate::sandbox::{Ended, Sandbox};

const ISSUER: &str = "https://id.example/realms/skills";

/// An empty database, and whoever operates it.
struct Operator(Sandbox);

impl Operator {
    fn new() -> Self {
        let operator = Self(Sandbox::new());
        operator.run(&["db", "migrate"]).success();
        operator.run(&["user", "add", "alice"]).success();
        operator
    }

    fn run(&self, args: &[&str]) -> Ended {
        self.with(&[], args)
    }

    fn with(&self, vars: &[(&str, &str)], args: &[&str]) -> Ended {
        let data = self.0.path("data");
        let data = ["--data", data.to_str().unwrap()];
        self.0.enact_with(vars, &[args, &data].concat())
    }
}

#[test]
fn links_are_made_shown_and_taken_back() {
    let operator = Operator::new();
    let link = ["identity", "link", "alice", "--subject", "8f4c"];
    let unnamed = operator.run(&link);
    assert_eq!(unnamed.code, 2, "{unnamed:?}");
    assert!(unnamed.stderr.contains("ENACT_JWT_ISSUER"), "{unnamed:?}");

    // As the server has it.
    let issuer = [("ENACT_JWT_ISSUER", ISSUER)];
    operator.with(&issuer, &link).success();
    let again = operator.with(&issuer, &link);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("bound to \"alice\""), "{again:?}");
    let table = operator.run(&["identity", "list"]).success();
    let row = table.stdout.lines().nth(1).unwrap();
    assert!(
        row.starts_with(&format!("alice  {ISSUER}  8f4c     ")),
        "{row}"
    );
    let listed = operator
        .run(&["identity", "list", "--json"])
        .success()
        .json();
    let listed = &listed["identities"][0];
    assert_eq!(
        (&listed["username"], &listed["subject"]),
        (&json!("alice"), &json!("8f4c"))
    );

    for user in ["bob", "admin"] {
        let args = [
            "identity",
            "link",
            user,
            "--issuer",
            ISSUER,
            "--subject",
            "9",
        ];
        let refused = operator.run(&args);
        assert_eq!(refused.code, 1, "{refused:?}");
    }
    let unlink = [
        "identity",
        "unlink",
        "--issuer",
        ISSUER,
        "--subject",
        "8f4c",
    ];
    operator.run(&unlink).success();
    let again = operator.run(&unlink);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("enact identity list"), "{again:?}");
    let listed = operator
        .run(&["identity", "list", "--json"])
        .success()
        .json();
    assert_eq!(listed, json!({ "identities": [] }));
}

/// Whose tokens the rules are about unless something else is said.
const GITHUB: &str = "https://token.actions.githubusercontent.com";

#[test]
fn rules_are_made_shown_and_taken_back() {
    let operator = Operator::new();
    let add = |more: &[&str]| {
        let args = ["publisher", "add", "Octo/Skills", "--as", "alice", "--json"];
        operator.run(&[&args, more].concat())
    };
    let added = add(&[
        "--name",
        "alice/*",
        "--workflow",
        "release.yml",
        "--ref",
        "refs/tags/*",
    ]);
    let id = added.success().json()["id"].as_str().unwrap().to_owned();
    add(&["--name", "alice/greeter", "--owner-id", "42"]).success();

    let table = operator.run(&["publisher", "list"]).success();
    let table: Vec<_> = table.stdout.lines().collect();
    let words = |row: usize| table[row].split_whitespace().collect::<Vec<_>>().join(" ");
    let first = format!(
        "{id} octo/skills release.yml refs/tags/* alice alice/* not known yet {GITHUB} good"
    );
    let rows = [words(1), words(2)];
    assert!(rows.contains(&first), "{table:#?}");
    let second = format!("octo/skills any any alice alice/greeter 42 {GITHUB} good");
    assert!(rows.iter().any(|row| row.ends_with(&second)), "{table:#?}");
    let listed = operator
        .run(&["publisher", "list", "--json"])
        .success()
        .json();
    let listed = listed["publishers"].as_array().unwrap();
    let rule = listed.iter().find(|rule| rule["id"] == *id).unwrap();
    for (name, value) in [
        ("username", json!("alice")),
        ("user_disabled", json!(false)),
        ("issuer", json!(GITHUB)),
        ("repository", json!("octo/skills")),
        ("owner_id", json!(null)),
        ("workflow", json!("release.yml")),
        ("ref", json!("refs/tags/*")),
        ("names", json!(["alice/*"])),
    ] {
        assert_eq!(rule[name], value, "{name}");
    }

    operator.run(&["publisher", "remove", &id]).success();
    let again = operator.run(&["publisher", "remove", &id]);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("enact publisher list"), "{again:?}");
}

#[test]
fn a_rule_that_cannot_be_is_refused() {
    let operator = Operator::new();
    operator.run(&["user", "add", "bob"]).success();
    let add = |repository: &str, user: &str, more: &[&str]| {
        let args = ["publisher", "add", repository, "--as", user];
        operator.run(&[&args, more].concat())
    };
    for (repository, user, more, code, word) in [
        (
            "skills",
            "alice",
            &["--name", "alice/*"][..],
            2,
            "OWNER/NAME",
        ),
        ("octo/x", "alice", &[], 2, "--name"),
        ("octo/x", "alice", &["--name", "*"], 2, "--name"),
        (
            "octo/x",
            "alice",
            &["--name", "alice/*", "--ref", "main"],
            2,
            "refs/heads/main",
        ),
        (
            "octo/x",
            "alice",
            &["--name", "alice/*", "--workflow", "a/b.yml"],
            2,
            "release.yml",
        ),
        (
            "octo/x",
            "carol",
            &["--name", "carol/*"],
            1,
            "enact user add carol",
        ),
        (
            "octo/x",
            "alice",
            &["--name", "bob/*"],
            1,
            "may not publish under",
        ),
        ("octo/x", "alice", &["--name", "@acme/x"], 1, "acme"),
        (
            "octo/x",
            "alice",
            &["--name", "alice/*", "--owner-id", "octo"],
            1,
            "number",
        ),
    ] {
        let refused = add(repository, user, more);
        assert_eq!(refused.code, code, "{more:?}: {refused:?}");
        assert!(refused.stderr.contains(word), "{word}: {refused:?}");
    }
    add("octo/x", "alice", &["--name", "alice/*"]).success();
    let refused = add("OCTO/x", "bob", &["--name", "bob/*"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("publish as \"alice\" already"),
        "{refused:?}"
    );
}

#[test]
fn nothing_is_made_where_there_is_no_registry() {
    let sandbox = Sandbox::new();
    let before = sandbox.tree();
    for command in ["identity", "publisher"] {
        let ended = sandbox.enact_with(&[], &[command, "list"]);
        assert_eq!(ended.code, 1);
        assert!(ended.stderr.contains("no registry yet"), "{ended:?}");
    }
    assert_eq!(sandbox.tree(), before);
}
