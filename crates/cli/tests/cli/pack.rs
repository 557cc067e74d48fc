//! `enact pack`.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use enact_types::Digest;
use serde_json::json;

use crate::publish::author;
use crate::sandbox::{Running, Sandbox};
use crate::terminal::terminal;

/// No registry is asked.
const NOBODY: &str = "http://127.0.0.1:9";

#[test]
fn writes_a_bundle_and_says_what_is_in_it() {
    let sandbox = author();
    let ended = sandbox.enact(NOBODY, &["pack", "--json"]).success();
    let file = sandbox.path("project/alice-greeter-1.0.0.tar.gz");
    let bundle = fs::read(&file).unwrap();
    let contents = enact_bundle::inspect(&bundle[..], &enact_bundle::Limits::default()).unwrap();
    assert_eq!(
        ended.json(),
        json!({
            "name": "alice/greeter", "version": "1.0.0", "file": "alice-greeter-1.0.0.tar.gz",
            "bundleHash": Digest::of(&bundle), "bundleSize": bundle.len(),
            "unpackedSize": contents.unpacked_bytes,
            "files": [
                {"path": "SKILL.md", "size": 57, "executable": false},
                {"path": "scripts/greet.sh", "size": 11, "executable": false},
                {"path": "skill.package.yml", "size": 66, "executable": false},
            ],
        })
    );
    let mode = |path: &str| sandbox.path(path).metadata().unwrap().permissions().mode();
    let usual = mode("project/SKILL.md");
    assert_eq!(mode("project/alice-greeter-1.0.0.tar.gz"), usual);

    let text = sandbox
        .enact(NOBODY, &["pack", "-o", "../tmp"])
        .success()
        .stdout;
    for word in [
        "alice/greeter@1.0.0",
        "tmp/alice-greeter-1.0.0.tar.gz",
        "3 files",
        "sha256:",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn the_bytes_are_those_that_publish_sends_and_the_same_everywhere() {
    let (one, other) = (author(), author());
    one.enact(NOBODY, &["pack", "-o", "bundle.tar.gz"])
        .success();
    // The first bundle, which lies in the folder now, is not in the second.
    one.enact(NOBODY, &["pack", "-o", "../again.tar.gz"])
        .success();
    let stdout = other.output(NOBODY, &["pack", "-o", "-"]).stdout;
    let planned = other
        .enact(NOBODY, &["publish", "--dry-run", "--json"])
        .success()
        .json();
    for path in ["project/bundle.tar.gz", "again.tar.gz"] {
        assert!(fs::read(one.path(path)).unwrap() == stdout, "{path}");
    }
    assert_eq!(planned["bundleHash"], Digest::of(&stdout).to_string());
}

#[test]
fn replaces_a_file_only_when_told_to() {
    let sandbox = author();
    sandbox.write("project/bundle.tar.gz", "precious");
    let before = sandbox.tree();
    let ended = sandbox.enact(NOBODY, &["pack", "-o", "bundle.tar.gz", "--json"]);
    assert_eq!(ended.code, 1);
    assert_eq!(ended.json()["error"]["code"], "EXISTS");
    assert!(ended.stderr.contains("--force"), "{ended:?}");
    assert_eq!(sandbox.tree(), before);

    let args = ["pack", "-o", "bundle.tar.gz", "--force"];
    sandbox.enact(NOBODY, &args).success();
    let bundle = fs::read(sandbox.path("project/bundle.tar.gz")).unwrap();
    enact_bundle::inspect(&bundle[..], &enact_bundle::Limits::default()).unwrap();
}

#[test]
fn never_writes_over_the_skill_itself() {
    let sandbox = author();
    let before = sandbox.tree();
    let ended = sandbox.enact(NOBODY, &["pack", "-o", "scripts/../SKILL.md", "-f"]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains("own files"), "{ended:?}");
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn warns_of_a_bundle_that_the_next_one_would_hold() {
    let sandbox = author();
    let ended = sandbox.enact(NOBODY, &["pack", "-o", "data.tgz"]).success();
    assert!(
        ended.stderr.contains("would be in the next bundle"),
        "{ended:?}"
    );
    sandbox.write("project/.enactignore", "*.tgz\n");
    let ended = sandbox
        .enact(NOBODY, &["pack", "-o", "data.tgz", "-f"])
        .success();
    assert_eq!(ended.stderr, "");
}

#[test]
fn stdout_takes_the_bundle_alone() {
    let sandbox = author();
    let output = sandbox.output(NOBODY, &["pack", "-o", "-"]);
    assert_eq!(output.stdout[..2], [0x1f, 0x8b]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("sha256:"), "{said}");
    let ended = sandbox.enact(NOBODY, &["pack", "-o", "-", "--json"]);
    assert_eq!(ended.code, 2, "{ended:?}");
}

#[test]
fn a_terminal_gets_no_bundle() {
    let sandbox = author();
    let (_person, program) = terminal();
    let mut command = sandbox.command(&[], &["pack", "-o", "-"]);
    let output = command.stdout(program).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("stdout is a terminal"), "{said}");
}

#[test]
fn a_folder_that_is_no_skill_is_refused_and_nothing_is_written() {
    let sandbox = Sandbox::new();
    let before = sandbox.tree();
    for (args, word) in [
        (&["pack"][..], "skill.package.yml"),
        (&["pack", "missing"], "is not a folder"),
        (&["pack", "-o", "-"], "skill.package.yml"),
    ] {
        let ended = sandbox.enact(NOBODY, args);
        assert_eq!((ended.code, ended.stdout.as_str()), (1, ""), "{ended:?}");
        assert!(ended.stderr.contains(word), "{ended:?}");
    }
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn leaves_nothing_behind_when_it_is_stopped() {
    let sandbox = author();
    // Holes take no room on the disk, and seconds to be packed.
    let large = fs::File::create(sandbox.path("project/large")).unwrap();
    large.set_len(500 << 20).unwrap();
    let mut running = sandbox.start(NOBODY, &["pack", "-o", "../out.tar.gz"]);
    running.until(|| has_draft(&sandbox));
    running.signal("TERM");
    let ended = running.wait();
    assert_eq!(ended.code, 130, "{ended:?}");
    assert!(!has_draft(&sandbox));
    assert!(!sandbox.path("out.tar.gz").exists());
}

#[test]
fn says_that_it_was_stopped_also_where_it_waits_for_nobody() {
    for signal in ["INT", "TERM"] {
        let sandbox = author();
        let large = fs::File::create(sandbox.path("project/large")).unwrap();
        large.set_len(500 << 20).unwrap();
        let mut command = sandbox.command(&[], &["pack", "-o", "-"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It has begun, and waits for somebody to read the rest.
        let mut first = [0; 1];
        let stdout = child.stdout.as_mut().unwrap();
        stdout.read_exact(&mut first).unwrap();
        let running = Running::from(child);
        running.signal(signal);
        let output = running.output();
        assert_eq!(output.status.code(), Some(130), "{signal}: {output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.ends_with("\nerror: interrupted\n"), "{signal}: {said}");
    }
}

fn has_draft(sandbox: &Sandbox) -> bool {
    let mut entries = fs::read_dir(sandbox.path("")).unwrap();
    entries.any(|entry| {
        let name = entry.unwrap().file_name();
        name.to_string_lossy().starts_with(".enact-")
    })
}

#[test]
fn what_publish_would_refuse_is_not_packed() {
    let sandbox = author();
    sandbox.write("project/skill.package.yml", "name: alice/greeter\n");
    let before = sandbox.tree();
    let ended = sandbox.enact(NOBODY, &["pack", "--json"]);
    assert_eq!(ended.code, 1);
    let printed = ended.json();
    assert_eq!(printed["error"]["code"], "INVALID_SKILL");
    assert_eq!(printed["problems"][0]["rule"], "missing-field");
    assert!(
        ended
            .stderr
            .contains("fix: add a line like `version: 1.0.0`"),
        "{ended:?}"
    );
    assert_eq!(sandbox.tree(), before);
}
