//! Manifests that are missing, cannot be read, or contradict each other.

use super::Case;
use crate::archive::{Archive, MANIFEST};

fn manifest(file: &str, text: impl AsRef<[u8]>) -> Vec<u8> {
    Archive::default().file("main.sh", "").file(file, text).gz()
}

fn beside(yml: &str, skill: &str) -> Vec<u8> {
    Archive::default()
        .file("SKILL.md", skill)
        .file("skill.package.yml", yml)
        .gz()
}

pub(super) fn manifests() -> Vec<Case> {
    vec![
        (
            "none",
            Archive::default().file("main.sh", "").gz(),
            "neither a SKILL.md nor a skill.package.yml",
        ),
        (
            "not at the top",
            manifest("sub/SKILL.md", ""),
            "at its top level",
        ),
        (
            "in other case",
            manifest("skill.md", ""),
            "at its top level",
        ),
        (
            "too large",
            manifest("SKILL.md", vec![b'x'; (1 << 20) + 1]),
            "SKILL.md: a manifest has at most 1048576 bytes",
        ),
        (
            "not UTF-8",
            manifest("enact.yml", b"name: \xff"),
            "enact.yml: it is not UTF-8",
        ),
    ]
}

pub(super) fn yaml() -> Vec<Case> {
    let bomb = (1..12).fold("a0: &a0 [x, x, x, x]\n".to_owned(), |text, n| {
        let alias = format!("*a{}", n - 1);
        text + &format!("a{n}: &a{n} [{}]\n", [alias.as_str(); 8].join(", "))
    });
    let deep = format!("a: {}", "[".repeat(10_000));
    vec![
        (
            "no YAML",
            manifest("skill.package.yml", "a: [b"),
            "skill.package.yml: its YAML cannot be read",
        ),
        (
            "a list",
            manifest("skill.package.yaml", "- a"),
            "must be an object",
        ),
        (
            "a name without owner",
            manifest("skill.package.yml", "name: greeter"),
            "skill.package.yml: manifest field \"name\"",
        ),
        (
            "no semantic version",
            manifest("skill.package.yml", "version: '1.0'"),
            "skill.package.yml: manifest field \"version\": a version is written like",
        ),
        (
            "a version to garble a terminal",
            manifest("skill.package.yml", "version: \"1.\\e[2J\""),
            "a version is written like",
        ),
        (
            "a number as version",
            manifest("skill.package.yml", "version: 1.0"),
            "put it in quotes",
        ),
        (
            "a key twice",
            manifest("skill.package.yml", "version: 1.0.0\nversion: 2.0.0"),
            "the field \"version\" is there twice",
        ),
        (
            "an alias bomb",
            manifest("skill.package.yml", &bomb),
            "its YAML cannot be read",
        ),
        (
            "deep nesting",
            manifest("skill.package.yml", &deep),
            "its YAML cannot be read",
        ),
        (
            "two documents",
            manifest("skill.package.yml", "a: b\n---\nc: d\n"),
            "its YAML cannot be read",
        ),
        (
            "front matter",
            manifest("SKILL.md", "---\nversion: x\n---\n"),
            "SKILL.md: manifest field \"version\"",
        ),
        (
            "older front matter",
            manifest("enact.md", "---\nname: A/B\n---\n"),
            "enact.md: manifest field \"name\"",
        ),
        (
            "two names",
            beside(MANIFEST, "---\nname: bob/greeter\n---\n"),
            "SKILL.md: it states name \"bob/greeter\" but skill.package.yml states \"alice/greeter\"",
        ),
        (
            "two versions",
            beside(MANIFEST, "---\nname: greeter\nversion: 1.0.1\n---\n"),
            "SKILL.md: it states version \"1.0.1\" but skill.package.yml states \"1.0.0\"",
        ),
    ]
}
