//! Nothing is left out: every command has a story and a place in the documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::leaf_commands;
use crate::served::Served;

/// Commands whose success needs what this suite does not have, and the suites that have it.
const SUCCEED_ELSEWHERE: [(&str, &str); 1] = [("db import", "import")];

/// What `--json` prints, as it is documented.
const DOCUMENT: &str = include_str!("../../../../../docs/json.md");

/// How each command line of the stories ended.
fn told() -> BTreeMap<String, Vec<i32>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/snapshots");
    let mut told = BTreeMap::<String, Vec<i32>>::new();
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut command = None;
        for line in text.lines() {
            if let Some(line) = line.strip_prefix("$ enact ") {
                command = Some(line.to_owned());
            } else if let Some(code) = line.strip_prefix('[').and_then(|end| end.strip_suffix(']'))
                && let Ok(code) = code.parse()
                && let Some(command) = command.take()
            {
                told.entry(command).or_default().push(code);
            }
        }
    }
    told
}

#[test]
fn every_command_is_seen_to_succeed_and_to_fail() {
    let told = told();
    let mut missing = Vec::new();
    for leaf in leaf_commands() {
        let mine = told
            .iter()
            .filter(|(line, _)| **line == leaf || line.starts_with(&format!("{leaf} ")));
        let codes: Vec<i32> = mine.flat_map(|(_, codes)| codes).copied().collect();
        let elsewhere = SUCCEED_ELSEWHERE
            .iter()
            .any(|(command, _)| *command == leaf);
        if !codes.contains(&0) && !elsewhere {
            missing.push(format!("{leaf}: no success"));
        }
        if codes.iter().all(|code| *code == 0) {
            missing.push(format!("{leaf}: no failure"));
        }
    }
    assert!(missing.is_empty(), "not in any story: {missing:#?}");
}

#[test]
fn the_json_of_every_command_is_documented() {
    let headings: Vec<&str> = DOCUMENT
        .lines()
        .filter_map(|line| line.strip_prefix("## enact "))
        .collect();
    let leaves = leaf_commands();
    let missing: Vec<&String> = leaves
        .iter()
        .filter(|leaf| !headings.contains(&leaf.as_str()))
        .collect();
    assert!(missing.is_empty(), "not in docs/json.md: {missing:#?}");
    let unknown: Vec<&&str> = headings
        .iter()
        .filter(|heading| !leaves.iter().any(|leaf| leaf == **heading))
        .collect();
    assert!(
        unknown.is_empty(),
        "no commands, but in docs/json.md: {unknown:#?}"
    );
}

/// Command lines that succeed one after the other, each with the words that are the command.
const PRINTED: [(&str, &str); 37] = [
    ("init", "alice/new -t script"),
    ("validate", "new"),
    ("pack", "new"),
    ("publish", "new --public"),
    ("search", "new"),
    ("info", "alice/new"),
    ("learn", "alice/new"),
    ("files", "alice/new"),
    ("cat", "alice/new SKILL.md"),
    ("inspect", "alice/new"),
    ("install", "alice/new"),
    ("verify", ""),
    ("update", ""),
    ("uninstall", "alice/new"),
    ("cache info", ""),
    ("cache clean", ""),
    ("visibility", "alice/new unlisted"),
    ("delete", "alice/new --yes"),
    ("whoami", ""),
    ("logout", ""),
    ("org create", "acme"),
    ("org info", "acme"),
    ("config set", "trust.policy allow"),
    ("config get", "trust.policy"),
    ("config list", ""),
    ("config path", ""),
    ("config show", ""),
    ("doctor", ""),
    ("db status", "--data DATA"),
    ("db migrate", "--data DATA"),
    ("user add", "bob --data DATA"),
    ("token create", "--user bob --data DATA"),
    ("audit", "--limit 1 --data DATA"),
    ("storage test", "--data DATA"),
    ("storage doctor", "--data DATA"),
    ("storage put", "new/SKILL.md notes/one.txt --data DATA"),
    ("storage stat", "notes/one.txt --data DATA"),
];

/// What the documentation says of a command.
fn section(command: &str) -> &'static str {
    let heading = format!("\n## enact {command}\n");
    let (_, rest) = DOCUMENT.split_once(&heading).unwrap();
    rest.split("\n## ").next().unwrap()
}

/// The fields of a value.
fn fields(text: &str) -> BTreeSet<String> {
    let value: Value = serde_json::from_str(text).unwrap();
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn what_is_printed_has_the_fields_that_are_documented() {
    let served = Served::new();
    let data = served.sandbox.path("data");
    for (command, rest) in PRINTED {
        let line = format!("{command} {rest} --json");
        let args = line.split_whitespace();
        let args: Vec<&str> = args
            .map(|word| {
                if word == "DATA" {
                    data.to_str().unwrap()
                } else {
                    word
                }
            })
            .collect();
        let printed = fields(&served.enact(&args).success().stdout);
        let section = section(command);
        match section.split_once("```json\n") {
            Some((_, example)) => {
                let (example, _) = example.split_once("\n```").unwrap();
                assert_eq!(fields(example), printed, "{command}");
            }
            None => {
                for field in printed {
                    assert!(
                        section.contains(&format!("`{field}`")),
                        "{command}: {field}"
                    );
                }
            }
        }
    }
}
