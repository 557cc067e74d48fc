//! `enact validate`.

use serde_json::json;

use crate::publish::author;
use crate::sandbox::Sandbox;

/// No registry is asked.
const NOBODY: &str = "http://127.0.0.1:9";

fn broken() -> Sandbox {
    let sandbox = author();
    let manifest = "name: alice/greeter\nversion: 1.0\ndescription: Greets\nlicence: MIT\n";
    sandbox.write("project/skill.package.yml", manifest);
    sandbox
}

#[test]
fn a_good_skill_is_said_to_be_one() {
    let ended = author().enact(NOBODY, &["validate"]).success();
    assert_eq!(
        ended.stdout,
        "alice/greeter@1.0.0 can be published: 3 files, 134 B\n"
    );
    assert_eq!(ended.stderr, "");
    let ended = author()
        .enact(NOBODY, &["validate", "--json", "."])
        .success();
    assert_eq!(
        ended.json(),
        json!({
            "valid": true, "name": "alice/greeter", "version": "1.0.0", "errors": 0, "warnings": 0,
            "problems": [], "partlyScanned": [],
        })
    );
    let quiet = author().enact(NOBODY, &["validate", "-q"]).success();
    assert_eq!(quiet.stdout, "");
}

#[test]
fn every_problem_has_its_place_and_a_fix() {
    let ended = broken().enact(NOBODY, &["validate"]);
    assert_eq!(ended.code, 1);
    assert_eq!(
        ended.stdout,
        "skill.package.yml:2:10: error: field \"version\" must be a text (put it in quotes) [invalid-field]\n    \
             fix: write it like `version: 1.0.0` (https://semver.org)\n\
         skill.package.yml:4:1: warning: nobody reads a field \"licence\" [unknown-field]\n    \
             fix: did you mean `license`?\n"
    );
    assert_eq!(ended.stderr, "error: the skill has 1 error and 1 warning\n");
}

#[test]
fn programs_get_the_same() {
    let ended = broken().enact(NOBODY, &["validate", "--json"]);
    assert_eq!(ended.code, 1);
    assert_eq!(
        ended.json(),
        json!({
            "valid": false, "name": null, "version": null, "errors": 1, "warnings": 1,
            "problems": [
                {
                    "severity": "error", "rule": "invalid-field", "file": "skill.package.yml",
                    "line": 2, "column": 10,
                    "message": "field \"version\" must be a text (put it in quotes)",
                    "fix": "write it like `version: 1.0.0` (https://semver.org)",
                },
                {
                    "severity": "warning", "rule": "unknown-field", "file": "skill.package.yml",
                    "line": 4, "column": 1, "message": "nobody reads a field \"licence\"",
                    "fix": "did you mean `license`?",
                },
            ],
            "partlyScanned": [],
        })
    );
}

#[test]
fn what_to_do_is_said_once_for_all_of_a_kind() {
    let sandbox = author();
    let word = "kX94Tq2mZr7w";
    let text = format!("password = \"{word}\"\n").repeat(12);
    sandbox.write("project/settings.py", &text);
    let ended = sandbox.enact(NOBODY, &["validate"]).success();
    assert_eq!(ended.stdout.matches("[likely-secret]").count(), 12);
    assert_eq!(ended.stdout.matches("    fix: ").count(), 1, "{ended:?}");
    let ended = sandbox.enact(NOBODY, &["validate", "--json"]).success();
    let json = ended.json();
    let mut problems = json["problems"].as_array().unwrap().iter();
    assert!(problems.all(|problem| problem["fix"].is_string()));
}

#[test]
fn strict_takes_warnings_for_errors() {
    let sandbox = author();
    sandbox.write("project/SKILL.md", "# Greeter\n");
    let ended = sandbox.enact(NOBODY, &["validate"]).success();
    assert!(
        ended.stdout.contains("can be published, with 1 warning"),
        "{ended:?}"
    );
    let ended = sandbox.enact(NOBODY, &["validate", "--strict"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended
            .stderr
            .contains("--strict allows no warnings, and the skill has 1"),
        "{ended:?}"
    );
    let ended = sandbox.enact(NOBODY, &["validate", "--strict", "--json"]);
    assert_eq!(
        (ended.code, ended.json()["valid"].as_bool()),
        (1, Some(false))
    );
}

#[test]
fn a_folder_that_is_not_there_is_a_failure_of_its_own() {
    let ended = Sandbox::new().enact(NOBODY, &["validate", "gone", "--json"]);
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("gone is not a folder"), "{ended:?}");
    assert_eq!(ended.json()["error"]["code"], "INVALID_SKILL");
}

#[test]
fn names_of_files_do_not_control_the_terminal() {
    let sandbox = author();
    sandbox.write("project/a\u{1b}[31m\u{202e}b", "");
    let ended = sandbox.enact(NOBODY, &["validate"]);
    assert!(ended.stdout.contains("[invalid-path]"), "{ended:?}");
    assert!(!ended.stdout.contains(['\u{1b}', '\u{202e}']), "{ended:?}");
}

#[test]
fn the_examples_are_without_fault() {
    for skill in enact_testkit::skills::examples().unwrap() {
        let path = skill.path();
        let args = ["validate", "--strict", path.to_str().unwrap()];
        Sandbox::new().enact(NOBODY, &args).success();
    }
}
