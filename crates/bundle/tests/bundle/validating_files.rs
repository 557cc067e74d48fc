//! What is wrong with the files of a folder, and with what names them.

use std::fs;

use enact_bundle::{Limits, SkillFolder};

use crate::packing::write;
use crate::validating::{SKILL, YAML, expect, folder, good, line, validate};

#[cfg(unix)]
#[test]
fn an_ignore_file_that_is_a_pipe_is_refused_unopened() {
    for path in [".enactignore", ".gitignore", "lib/.gitignore"] {
        let dir = good();
        write(dir.path(), "lib/x", "x");
        let pipe = dir.path().join(path);
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let problems = validate(dir.path()).problems;
        assert_eq!(line(&problems[0]), "error unreadable -");
        assert!(problems[0].message.contains(path), "{problems:?}");
        assert!(SkillFolder::read(dir.path()).is_err());
    }
}

#[test]
fn what_is_run_must_be_in_the_bundle() {
    let dir = good();
    for (script, rest, expected, word) in [
        (
            "sh Greet.sh",
            "",
            "error missing-file",
            "is written greet.sh",
        ),
        ("sh build/x.sh", "", "error missing-file", "is left out"),
        ("sh gone.sh", "", "error missing-file", "does not exist"),
        (
            "sh gone.sh",
            "build: make\n",
            "warning missing-file",
            "does not exist",
        ),
        ("./greet.sh", "", "warning not-executable", "chmod +x"),
    ] {
        write(dir.path(), "build/x.sh", "");
        let yaml = YAML.replace("sh greet.sh", script);
        write(dir.path(), "skill.package.yml", format!("{yaml}{rest}"));
        let problems = expect(dir.path(), &[&format!("{expected} skill.package.yml:5:10")]);
        let said = format!("{} {}", problems[0].message, problems[0].fix);
        assert!(said.contains(word), "{script}: {said}");
    }
}

#[test]
fn links_of_the_instructions_must_lead_into_the_bundle() {
    let dir = good();
    write(dir.path(), "docs/a.md", "x");
    write(dir.path(), "dist/b.md", "x");
    let links = "[a](docs/a.md#x) [folder](docs/) [b](dist/b.md)\n[out](https://example.org)\n";
    write(dir.path(), "SKILL.md", format!("{SKILL}{links}"));
    let problems = expect(dir.path(), &["warning missing-file SKILL.md:6:38"]);
    assert!(problems[0].message.contains("left out"), "{problems:?}");
}

#[test]
fn links_must_not_lead_out_of_the_skill() {
    let dir = good();
    let links = "[a](../../etc/passwd) [b](/etc/x) [c](docs/../../up.md) [d](docs/../greet.sh)\n";
    write(dir.path(), "SKILL.md", format!("{SKILL}{links}"));
    let problems = expect(
        dir.path(),
        &[
            "warning missing-file SKILL.md:6:5",
            "warning missing-file SKILL.md:6:27",
            "warning missing-file SKILL.md:6:39",
        ],
    );
    for problem in problems {
        assert!(
            problem.message.contains("outside of the skill"),
            "{problem:?}"
        );
    }
}

#[test]
fn what_is_below_broken_front_matter_is_looked_at_too() {
    let text = "See [a](gone.md).\n- The user asks for …\n";
    for (yaml, expected) in [
        ("---\nname: [\n---\n", "4"),
        ("---\nname: greeter\nname: greeter\n---\n", "5"),
        ("---\nname: greeter\n", "3"),
    ] {
        let dir = good();
        write(dir.path(), "SKILL.md", format!("{yaml}{text}"));
        write(dir.path(), "run.sh", "#!/bin/sh\r\necho\r\n");
        let lines: Vec<_> = validate(dir.path()).problems.iter().map(line).collect();
        let place = format!("warning missing-file SKILL.md:{expected}:9");
        assert!(
            lines[0].starts_with("error unreadable SKILL.md:"),
            "{lines:?}"
        );
        assert_eq!(lines[1], place, "{lines:?}");
        assert!(
            lines[2].starts_with("warning placeholder SKILL.md:"),
            "{lines:?}"
        );
        assert_eq!(lines[3], "warning not-executable run.sh:1:1");
        assert_eq!(lines.len(), 4, "{lines:?}");
    }
    // The same where it is the manifest that cannot be read.
    let dir = good();
    write(dir.path(), "skill.package.yml", "name: [\n");
    write(dir.path(), "SKILL.md", format!("{SKILL}{text}"));
    let lines: Vec<_> = validate(dir.path()).problems.iter().map(line).collect();
    assert_eq!(lines[0], "warning missing-file SKILL.md:6:9", "{lines:?}");
}

#[test]
fn scripts_end_their_first_line_as_unix_does() {
    let dir = good();
    write(dir.path(), "greet.sh", "#!/bin/sh\r\necho hello\r\n");
    write(dir.path(), "notes.txt", "Windows\r\n");
    let problems = expect(dir.path(), &["warning not-executable greet.sh:1:1"]);
    assert!(problems[0].fix.contains("LF"), "{problems:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_in_the_wrong_case_is_to_be_renamed() {
    let dir = folder(&[("skill.md", SKILL)]);
    let problems = expect(dir.path(), &["error no-manifest -"]);
    assert!(
        problems[0].fix.starts_with("rename skill.md to SKILL.md"),
        "{problems:?}"
    );
    write(
        dir.path(),
        "skill.package.yml",
        "name: a/b\nversion: 1.0.0\ndescription: x\n",
    );
    let problems = expect(dir.path(), &["warning no-instructions -"]);
    assert!(
        problems[0].fix.starts_with("rename skill.md to SKILL.md"),
        "{problems:?}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_one_file_where_unicode_is_composed_clash() {
    let dir = good();
    write(dir.path(), "caf\u{e9}.md", "x");
    write(dir.path(), "cafe\u{301}.md", "x");
    expect(dir.path(), &["error name-clash caf\u{e9}.md"]);
}

#[cfg(unix)]
#[test]
fn names_kinds_and_sizes_of_files() {
    let dir = good();
    for path in ["c:x", "a\\b", "aux.txt", "docs/what?", "secret.pem"] {
        write(dir.path(), path, "x");
    }
    let large = fs::File::create(dir.path().join("large")).unwrap();
    large.set_len(11 << 20).unwrap();
    std::os::unix::fs::symlink("/etc", dir.path().join("link")).unwrap();
    if cfg!(target_os = "linux") {
        write(dir.path(), "GREET.sh", "x");
    }
    let mut expected = vec![
        "error invalid-path \"a\\\\b\"",
        "error invalid-path \"c:x\"",
        "warning not-portable aux.txt",
        "warning not-portable docs/what?",
        "error name-clash greet.sh",
        "warning too-large large",
        "warning left-out link",
        "warning left-out secret.pem",
    ];
    if !cfg!(target_os = "linux") {
        expected.retain(|line| !line.contains("clash"));
    }
    expect(dir.path(), &expected);

    // What the author rules out is no surprise.
    write(
        dir.path(),
        ".enactignore",
        "large\nlink\n*.pem\naux.txt\nc:x\na*b\ndocs\nGREET.sh\n",
    );
    expect(dir.path(), &[]);
}

#[test]
fn too_much_is_said_once() {
    let dir = good();
    for number in 0..9 {
        write(dir.path(), &format!("data/{number}"), "12345");
    }
    let limits = Limits {
        max_entries: 5,
        max_unpacked_bytes: 1 << 20,
    };
    let validation = SkillFolder::validate_within(dir.path(), &limits).unwrap();
    let lines: Vec<_> = validation.problems.iter().map(line).collect();
    assert_eq!(lines, ["error too-large -"]);
    assert!(validation.skill.is_none());
}

#[test]
fn a_broken_ignore_file_is_an_error() {
    let dir = good();
    write(dir.path(), ".enactignore", "[z-a]\n");
    let problems = validate(dir.path()).problems;
    let first = problems.first().map(line);
    assert_eq!(
        first.as_deref(),
        Some("error unreadable -"),
        "{problems:#?}"
    );
}
