//! Everything that is wrong with a folder, listed at once.

use std::fs;
use std::path::Path;

use enact_bundle::{Problem, Severity, SkillFolder, Validation};

use crate::packing::write;

pub(crate) const YAML: &str =
    "name: alice/greeter\nversion: 1.0.0\ndescription: Greets\nscripts:\n  greet: sh greet.sh\n";
pub(crate) const SKILL: &str =
    "---\nname: greeter\ndescription: Greets. Use it to greet.\n---\n# Greeter\n";

/// Paths and texts.
pub(crate) type Files<'f> = &'f [(&'f str, &'f str)];

pub(crate) fn folder(files: Files) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(dir.path(), path, text);
    }
    dir
}

pub(crate) fn good() -> tempfile::TempDir {
    folder(&[
        ("skill.package.yml", YAML),
        ("SKILL.md", SKILL),
        ("greet.sh", "echo hello\n"),
    ])
}

pub(crate) fn validate(dir: &Path) -> Validation {
    SkillFolder::validate(dir).unwrap()
}

#[test]
fn a_file_full_of_problems_is_listed_in_part() {
    let dir = good();
    let links: Vec<_> = (0..250).map(|n| format!("[x](no/{n}.md)")).collect();
    let links = links.join(" ");
    write(dir.path(), "SKILL.md", format!("{SKILL}{links}\n"));
    let validation = validate(dir.path());
    assert_eq!(validation.problems.len(), 101);
    let last = validation.problems.last().unwrap();
    assert_eq!(line(last), "warning more SKILL.md");
    assert!(last.message.contains("150 more"), "{last:?}");
    assert!(validation.skill.is_some());
}

/// `error missing-field skill.package.yml:1:2`
pub(crate) fn line(problem: &Problem) -> String {
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let file = problem.file.as_deref().unwrap_or("-");
    let place = problem.place.map_or(String::new(), |place| {
        format!(":{}:{}", place.line, place.column)
    });
    format!("{severity} {} {file}{place}", problem.rule.as_str())
}

#[track_caller]
pub(crate) fn expect(dir: &Path, expected: &[&str]) -> Vec<Problem> {
    let validation = validate(dir);
    let lines: Vec<_> = validation.problems.iter().map(line).collect();
    assert_eq!(lines, expected, "{:#?}", validation.problems);
    let has_error = expected.iter().any(|line| line.starts_with("error"));
    assert_eq!(validation.skill.is_none(), has_error);
    for problem in &validation.problems {
        assert!(!problem.fix.is_empty(), "{problem:?}");
        assert!(!problem.message.contains('\n'), "{problem:?}");
    }
    validation.problems
}

#[test]
fn what_a_template_says_is_not_what_the_skill_does() {
    let dir = good();
    let text = "# Greeter\n\n- The user asks for …\n- The user asks for a greeting.\n";
    write(dir.path(), "SKILL.md", SKILL.replace("# Greeter\n", text));
    expect(dir.path(), &["warning placeholder SKILL.md:7:3"]);
}

#[test]
fn a_good_skill_has_no_problems_and_can_be_packed() {
    let dir = good();
    expect(dir.path(), &[]);
    let skill = validate(dir.path()).skill.unwrap();
    assert_eq!(skill.files.len(), 3);

    let alone = "---\nname: alice/greeter\nversion: 1.0.0\ndescription: Greets\n---\nText\n";
    expect(folder(&[("SKILL.md", alone)]).path(), &[]);
}

#[test]
fn lists_everything_at_once_by_file_and_line() {
    let yaml = "\
name: Alice/Greeter
versoin: 1.0.0
description: 7
timeout: soon
tags: csv
zebra: 1
x-mine: 1
scripts:
  greet: sh greet.sh
  other: {description: no command}
env:
  KEY: {description: A key, secret: true, default: abc}
hooks:
  postinstall: ./setup
";
    let skill = "---\nname: hello\nlicense: 5\n---\n\nSee [more](docs/more.md).\n";
    let dir = folder(&[("skill.package.yml", yaml), ("SKILL.md", skill)]);
    let problems = expect(
        dir.path(),
        &[
            "warning missing-field SKILL.md:1:1",
            "error invalid-field SKILL.md:3:10",
            "warning missing-file SKILL.md:6:12",
            "error missing-field skill.package.yml",
            "error invalid-field skill.package.yml:1:7",
            "warning unknown-field skill.package.yml:2:1",
            "error invalid-field skill.package.yml:3:14",
            "error invalid-field skill.package.yml:4:10",
            "error invalid-field skill.package.yml:5:7",
            "warning unknown-field skill.package.yml:6:1",
            "error missing-file skill.package.yml:9:10",
            "error missing-field skill.package.yml:10:3",
            "warning likely-secret skill.package.yml:12:43",
            "error missing-file skill.package.yml:14:16",
        ],
    );
    let fix = |at: usize| problems[at].fix.as_str();
    assert_eq!(fix(5), "did you mean `version`?");
    assert!(fix(3).contains("`version: 1.0.0`"), "{}", fix(3));
}

#[test]
fn says_which_line_of_the_yaml_cannot_be_read() {
    let dir = good();
    write(
        dir.path(),
        "skill.package.yml",
        "name: a/b\nversion: [1\ndescription: x\n",
    );
    let problems = validate(dir.path()).problems;
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(line(&problems[0]).starts_with("error unreadable skill.package.yml:"));

    let skill = "---\nname: alice/x\nname: alice/y\n---\nText\n";
    expect(
        folder(&[("SKILL.md", skill)]).path(),
        &["error unreadable SKILL.md:3:1"],
    );
    expect(
        folder(&[("SKILL.md", "---\nname: alice/x\nText\n")]).path(),
        &["error unreadable SKILL.md:1:1"],
    );
    expect(
        folder(&[("SKILL.md", "---\n- a\n---\nText\n")]).path(),
        &["error unreadable SKILL.md:2:1"],
    );
    let dir = folder(&[]);
    fs::write(dir.path().join("SKILL.md"), b"caf\xe9").unwrap();
    expect(dir.path(), &["error unreadable SKILL.md"]);
}

#[test]
fn what_is_needed_may_stand_in_either_file() {
    let dir = good();
    write(
        dir.path(),
        "skill.package.yml",
        "name: alice/greeter\nversion: 1.0.0\n",
    );
    expect(dir.path(), &[]);

    let dir = folder(&[("skill.package.yml", "name:\nversion: \"\"\n")]);
    expect(
        dir.path(),
        &[
            "warning no-instructions -",
            "error missing-field skill.package.yml",
            "error missing-field skill.package.yml:1:1",
            "error missing-field skill.package.yml:2:1",
        ],
    );
    let bare = "---\nname: greeter\nversion: 1.0.0\ndescription: Greets\n---\nText\n";
    let problems = expect(
        folder(&[("SKILL.md", bare)]).path(),
        &["error missing-field SKILL.md:2:1"],
    );
    assert!(problems[0].fix.contains("alice/greeter"), "{problems:?}");
}

#[test]
fn files_that_say_different_things() {
    let dir = good();
    let skill = "---\nname: bob/greeter\nversion: 2.0.0\nlicense: MIT\ndescription: x\n---\nText\n";
    write(dir.path(), "SKILL.md", skill);
    write(
        dir.path(),
        "skill.package.yml",
        format!("{YAML}license: ISC\n"),
    );
    write(dir.path(), "enact.yml", YAML);
    write(dir.path(), "enact.md", "older");
    expect(
        dir.path(),
        &[
            "error disagreement SKILL.md:2:7",
            "error disagreement SKILL.md:3:10",
            "warning disagreement SKILL.md:4:10",
            "warning disagreement enact.md",
            "warning disagreement enact.yml",
        ],
    );
    let dir = good();
    write(dir.path(), "SKILL.md", SKILL.replace("greeter", "hello"));
    expect(dir.path(), &["warning disagreement SKILL.md:2:7"]);
}

#[test]
fn agents_must_find_something_to_read() {
    let dir = good();
    write(
        dir.path(),
        "SKILL.md",
        "---\nname: greeter\ndescription: x\n---\n\n",
    );
    expect(dir.path(), &["warning no-instructions SKILL.md"]);
    write(dir.path(), "SKILL.md", "# Greeter\n");
    expect(dir.path(), &["warning missing-field SKILL.md:1:1"]);
    fs::remove_file(dir.path().join("SKILL.md")).unwrap();
    expect(dir.path(), &["warning no-instructions -"]);
}

#[test]
fn a_folder_without_a_manifest_is_no_skill() {
    expect(
        folder(&[("README.md", "x")]).path(),
        &["error no-manifest -"],
    );
    let dir = folder(&[]);
    fs::create_dir(dir.path().join("SKILL.md")).unwrap();
    expect(dir.path(), &["error unreadable SKILL.md"]);
}

#[test]
fn a_field_that_is_there_twice_is_said_in_plain_words() {
    let dir = good();
    write(
        dir.path(),
        "skill.package.yml",
        format!("{YAML}name: b/c\n"),
    );
    let problems = expect(dir.path(), &["error unreadable skill.package.yml:6:1"]);
    assert_eq!(problems[0].message, "the field \"name\" is there twice");
    assert_eq!(problems[0].fix, "remove one of the two");
    let error = SkillFolder::read(dir.path()).unwrap_err().to_string();
    let said = "the field \"name\" is there twice at line 6, column 1";
    assert!(error.ends_with(said), "{error}");
}

#[test]
fn a_slip_in_the_license_is_told() {
    let dir = good();
    for (license, expected) in [
        (
            "MITT",
            &["warning invalid-field skill.package.yml:6:10"][..],
        ),
        (
            "(MIT OR apache2)",
            &["warning invalid-field skill.package.yml:6:10"],
        ),
        ("MIT OR Apache-2.0", &[]),
        ("SEE LICENSE IN LICENSE.md", &[]),
    ] {
        let yaml = format!("{YAML}license: {license}\n");
        write(dir.path(), "skill.package.yml", yaml);
        expect(dir.path(), expected);
    }
}

#[test]
fn tags_are_written_as_people_look_for_them() {
    let dir = good();
    let tags = "tags: [csv, \"\", Data Files, csv, größe, UPPER]\n";
    write(dir.path(), "skill.package.yml", format!("{YAML}{tags}"));
    let problems = expect(
        dir.path(),
        &[
            "warning invalid-field skill.package.yml:6:13",
            "warning invalid-field skill.package.yml:6:17",
            "warning invalid-field skill.package.yml:6:29",
            "warning invalid-field skill.package.yml:6:41",
        ],
    );
    assert_eq!(problems[1].fix, "write it like \"data-files\"");
    assert!(problems[2].message.contains("twice"), "{problems:?}");
}

/// Whatever packing refuses, validating lists, and the other way round.
#[test]
fn agrees_with_packing_on_what_can_be_packed() {
    let texts = [
        "name: a/b\nversion: 1.0.0\ndescription: x\n",
        "name: a/b\nversion: 1.0\ndescription: x\n",
        "name: b\nversion: 1.0.0\n",
        "tags: 1\nname: a/b\nversion: 1.0.0\n",
        "- 1\n",
        "a: [\n",
        "",
    ];
    for text in texts {
        let dir = folder(&[("skill.package.yml", text), ("SKILL.md", SKILL)]);
        let validation = validate(dir.path());
        if let Err(error) = SkillFolder::read(dir.path()) {
            assert!(validation.skill.is_none(), "{text:?}: {error}");
        }
    }
}

/// Manifests that are damaged here and there, by a fixed generator.
#[test]
fn damaged_manifests_are_never_more_than_problems() {
    let mut state = 12_345_u32;
    let mut below = |most: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % most
    };
    let yaml = format!("{YAML}env: {{K: {{secret: true}}}}\nx: &a {{b: c}}\nz:\n  <<: *a\n");
    let skill = format!("{SKILL}[a](b.md) `c`\n```\n");
    let dir = good();
    for _ in 0..200 {
        for (path, text) in [("skill.package.yml", &yaml), ("SKILL.md", &skill)] {
            let mut bytes = text.clone().into_bytes();
            for _ in 0..below(6) {
                let at = below(bytes.len());
                match below(3) {
                    0 => drop(bytes.remove(at)),
                    1 => bytes[at] = b"-:[]{}\n\"'#&*! |>%@`\xff\0"[below(21)],
                    _ => bytes.insert(at, bytes[below(bytes.len())]),
                }
            }
            write(dir.path(), path, bytes);
        }
        let validation = validate(dir.path());
        if let Err(error) = SkillFolder::read(dir.path()) {
            assert!(validation.skill.is_none(), "{error}");
        }
        for problem in validation.problems {
            // One that no rule foresees would be told without a place.
            assert_ne!(problem.rule.as_str(), "other", "{problem:?}");
            assert!(problem.message.len() < 700, "{problem:?}");
        }
    }
}

#[test]
fn commands_that_are_not_seen_as_they_are_get_a_warning() {
    let dir = good();
    for (command, warned) in [
        ("\"sh greet.sh\\n\\tsh greet.sh\"", false),
        ("\"sh greet.sh\\r\"", true),
        ("\"sh greet.sh \\e[8m\"", true),
        ("\"sh greet.sh \\u202e\"", true),
        ("[make, \"\\x7f\"]", true),
    ] {
        let hooks = format!("{YAML}hooks:\n  build: {command}\n");
        write(dir.path(), "skill.package.yml", hooks);
        let validation = validate(dir.path());
        let lines: Vec<_> = validation.problems.iter().map(line).collect();
        let expected = if warned {
            vec!["warning hidden-character skill.package.yml:7:10"]
        } else {
            vec![]
        };
        assert_eq!(lines, expected, "{command}");
        assert!(validation.skill.is_some(), "{command}");
    }
}

#[test]
fn reports_that_there_is_no_folder() {
    let dir = folder(&[]);
    SkillFolder::validate(&dir.path().join("gone")).unwrap_err();
}
