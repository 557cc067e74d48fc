//! Nothing is left out: every command has a story and a place in the documentation.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::leaf_commands;

/// Commands whose success needs what this suite does not have, and the suites that have it.
const SUCCEED_ELSEWHERE: [(&str, &str); 1] = [("db import", "import")];

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
    let document = include_str!("../../../../../docs/json.md");
    let headings: Vec<&str> = document
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
