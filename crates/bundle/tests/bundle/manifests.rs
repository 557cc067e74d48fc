//! What is sent as the manifest, read from an author's folder.

use std::fs;
use std::path::Path;

use enact_bundle::{PackError, SkillFolder};
use serde_json::{Value, json};

use crate::archive::MANIFEST;

/// Paths and texts.
type Files<'f> = &'f [(&'f str, &'f str)];

fn folder(files: Files) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        fs::write(dir.path().join(path), text).unwrap();
    }
    dir
}

fn read(files: Files) -> Result<SkillFolder, PackError> {
    SkillFolder::read(folder(files).path())
}

fn message(files: Files) -> String {
    read(files).unwrap_err().to_string()
}

#[test]
fn yaml_alone_is_the_manifest() {
    let skill = read(&[(
        "skill.package.yml",
        "enact: 2.0.0\nname: alice/yonly\nversion: 1.0.0\nflag: no\n",
    )])
    .unwrap();
    assert_eq!(
        Value::Object(skill.manifest.fields),
        json!({"enact": "2.0.0", "name": "alice/yonly", "version": "1.0.0", "flag": "no"})
    );
    assert_eq!(skill.manifest_file, "skill.package.yml");
    assert_eq!(skill.raw_manifest, None);
}

#[test]
fn skill_md_beside_yaml_fills_in_what_is_missing() {
    let text = "---\nname: greeter\nversion: 1.0.0\ndescription: Greets\nlicense: MIT\n---\n# Greeter\nGreets.\n";
    let yaml = "name: alice/greeter\nlicense: Apache-2.0\ndescription:\n";
    let skill = read(&[
        ("skill.package.yml", yaml),
        ("SKILL.md", text),
        ("enact.md", "older"),
    ])
    .unwrap();
    assert_eq!(
        Value::Object(skill.manifest.fields),
        json!({
            "name": "alice/greeter", "version": "1.0.0", "description": "Greets",
            "license": "Apache-2.0", "doc": "# Greeter\nGreets.",
        })
    );
    assert_eq!(skill.raw_manifest.as_deref(), Some(text));
}

#[test]
fn markdown_alone_is_the_manifest_and_is_sent_unchanged() {
    for file in ["SKILL.md", "enact.md"] {
        let text =
            "\u{feff}---\r\nname: alice/priv\r\nversion: 1.0.0\r\ntags: [a]\r\n---\r\n\r\nBody\r\n";
        let skill = read(&[(file, text)]).unwrap();
        assert_eq!(
            Value::Object(skill.manifest.fields),
            json!({"name": "alice/priv", "version": "1.0.0", "tags": ["a"], "doc": "Body"})
        );
        assert_eq!(skill.manifest_file, file);
        assert_eq!(skill.raw_manifest.as_deref(), Some(text));
    }
}

#[test]
fn an_own_doc_stays_and_one_that_does_not_fit_is_left_out() {
    let yaml = format!("{MANIFEST}doc: short\n");
    let skill = read(&[("enact.yaml", &yaml), ("SKILL.md", "long")]).unwrap();
    assert_eq!(skill.manifest.fields["doc"], "short");

    let long = "\"\n".repeat(400_000);
    let skill = read(&[("enact.yaml", MANIFEST), ("SKILL.md", &long)]).unwrap();
    assert!(!skill.manifest.fields.contains_key("doc"));
    assert_eq!(skill.raw_manifest, Some(long));
}

#[test]
fn says_which_file_to_change_and_how() {
    let cases: &[(Files, &[&str])] = &[
        (
            &[],
            &[
                "neither a skill.package.yml nor a SKILL.md",
                "`name: alice/greeter`",
            ],
        ),
        (
            &[("skill.package.yml", "name: a/b")],
            &["skill.package.yml has no version; add a line like `version: 1.0.0`"],
        ),
        (
            &[("skill.package.yml", "version: 1.0.0")],
            &["skill.package.yml has no name; add a line like `name: alice/greeter`"],
        ),
        (
            &[("SKILL.md", "# Hi")],
            &["SKILL.md has no name", "between two lines `---` at its top"],
        ),
        (
            &[("SKILL.md", "---\nname: greeter\nversion: 1.0.0\n---")],
            &["SKILL.md has no name"],
        ),
        (
            &[("enact.yml", "name: A/B")],
            &["enact.yml: manifest field \"name\""],
        ),
        (
            &[("enact.yml", "name: a/b\nversion: 1.0")],
            &["enact.yml: manifest field \"version\"", "put it in quotes"],
        ),
        (
            &[("enact.yml", "- a")],
            &["enact.yml: ", "must be an object"],
        ),
        (
            &[("enact.yml", "a: [")],
            &["enact.yml: its YAML cannot be read"],
        ),
        (
            &[
                ("skill.package.yml", MANIFEST),
                ("SKILL.md", "---\nversion: 2.0.0\n---"),
            ],
            &["SKILL.md: it states version \"2.0.0\" but skill.package.yml states \"1.0.0\""],
        ),
        (
            &[
                ("skill.package.yml", MANIFEST),
                ("SKILL.md", "---\ntags: a, b\n---"),
            ],
            &["SKILL.md: manifest field \"tags\""],
        ),
    ];
    for (files, expected) in cases {
        let message = message(files);
        for part in *expected {
            assert!(message.contains(part), "{files:?}: {message}");
        }
    }
    let large = "x".repeat((1 << 20) + 1);
    assert!(message(&[("SKILL.md", &large)]).starts_with("SKILL.md: a manifest has at most"));
}

#[test]
fn a_manifest_must_be_a_regular_file() {
    let dir = folder(&[("skill.package.yml", MANIFEST)]);
    fs::create_dir(dir.path().join("SKILL.md")).unwrap();
    let error = SkillFolder::read(dir.path()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("SKILL.md is not a regular file"),
        "{error}"
    );

    let error = SkillFolder::read(Path::new("does/not/exist")).unwrap_err();
    assert!(matches!(error, PackError::NotAFolder(_)), "{error}");
}
