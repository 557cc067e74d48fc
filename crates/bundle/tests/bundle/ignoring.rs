//! Which ignore files count.

use enact_bundle::{PackError, SkillFolder};

use crate::archive::MANIFEST;
use crate::packing::write;

/// The paths that are packed of the skill in `skill`, where `files` are, each with its text.
#[track_caller]
fn packed_of(skill: &str, files: &[(&str, &str)]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(dir.path(), path, text);
    }
    let skill = dir.path().join(skill);
    let manifest = format!("{MANIFEST}description: Greets\n");
    write(&skill, "skill.package.yml", manifest);
    let read = SkillFolder::read(&skill).unwrap();
    let paths: Vec<_> = read.files.into_iter().map(|file| file.path).collect();
    let validated = SkillFolder::validate(&skill).unwrap().skill.unwrap();
    let also = validated.files.into_iter().map(|file| file.path);
    assert_eq!(also.collect::<Vec<_>>(), paths);
    paths
}

const GIT_FOLDER: (&str, &str) = ("repo/.git/HEAD", "ref: refs/heads/main\n");

#[test]
fn the_ignore_files_of_the_repository_count() {
    // A worktree and a submodule have a file there.
    for git in [GIT_FOLDER, ("repo/.git", "gitdir: ../elsewhere\n")] {
        let packed = packed_of(
            "repo/skills/greeter",
            &[
                git,
                // Outside of the repository.
                (".gitignore", "*\n"),
                (
                    "repo/.gitignore",
                    "big.bin\n*.tmp\n/data\n/skills/*/cache/\n",
                ),
                ("repo/skills/.gitignore", "!keep.tmp\n*.csv\n"),
                ("repo/skills/greeter/big.bin", "x"),
                ("repo/skills/greeter/a.tmp", "x"),
                ("repo/skills/greeter/keep.tmp", "x"),
                ("repo/skills/greeter/sub/table.csv", "x"),
                ("repo/skills/greeter/sub/big.bin", "x"),
                ("repo/skills/greeter/cache/x", "x"),
                // That pattern is about the repository's top.
                ("repo/skills/greeter/data", "x"),
            ],
        );
        assert_eq!(packed, ["data", "keep.tmp", "skill.package.yml"]);
    }
}

#[test]
fn the_skill_has_the_last_word() {
    let packed = packed_of(
        "repo/greeter",
        &[
            GIT_FOLDER,
            ("repo/.gitignore", "*.bin\n*.csv\n*.yml\ndocs\n!extra\n"),
            // The `.enactignore` is the skill's own.
            ("repo/.enactignore", "a.txt\n"),
            ("repo/greeter/.gitignore", "!model.bin\nextra\n"),
            ("repo/greeter/.enactignore", "!small.csv\n"),
            ("repo/greeter/a.txt", "x"),
            ("repo/greeter/docs/a.md", "x"),
            ("repo/greeter/extra", "x"),
            ("repo/greeter/model.bin", "x"),
            ("repo/greeter/other.bin", "x"),
            ("repo/greeter/small.csv", "x"),
        ],
    );
    assert_eq!(
        packed,
        ["a.txt", "model.bin", "skill.package.yml", "small.csv"]
    );
}

#[test]
fn a_skill_that_its_repository_ignores_is_packed_by_its_own_rules() {
    for pattern in ["*", "/made/", "greeter", "made/greeter/"] {
        let packed = packed_of(
            "repo/made/greeter",
            &[
                GIT_FOLDER,
                ("repo/.gitignore", &format!("{pattern}\n*.bin\n")),
                ("repo/made/greeter/.gitignore", "*.csv\n"),
                ("repo/made/greeter/a.bin", "x"),
                ("repo/made/greeter/a.csv", "x"),
            ],
        );
        assert_eq!(packed, ["a.bin", "skill.package.yml"], "{pattern}");
    }
}

#[test]
fn a_repository_of_its_own_has_nothing_above() {
    let packed = packed_of(
        "repo/greeter",
        &[
            GIT_FOLDER,
            ("repo/.gitignore", "*.bin\n"),
            ("repo/greeter/.git/HEAD", "ref: refs/heads/main\n"),
            ("repo/greeter/a.bin", "x"),
        ],
    );
    assert_eq!(packed, ["a.bin", "skill.package.yml"]);
}

#[cfg(unix)]
#[test]
fn a_skill_that_is_named_by_a_link_is_in_the_repository_that_holds_it() {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in [
        GIT_FOLDER,
        ("repo/.gitignore", "*.bin\n"),
        ("repo/greeter/skill.package.yml", MANIFEST),
        ("repo/greeter/a.bin", "x"),
        ("repo/greeter/a.txt", "x"),
    ] {
        write(dir.path(), path, text);
    }
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(dir.path().join("repo/greeter"), &link).unwrap();
    let skill = SkillFolder::read(&link).unwrap();
    let packed: Vec<_> = skill.files.into_iter().map(|file| file.path).collect();
    assert_eq!(packed, ["a.txt", "skill.package.yml"]);
}

#[test]
fn an_ignore_file_of_the_repository_that_cannot_be_understood_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), ".git/HEAD", "");
    write(dir.path(), ".gitignore", "[z-a]\n");
    write(dir.path(), "greeter/skill.package.yml", MANIFEST);
    let error = SkillFolder::read(&dir.path().join("greeter")).unwrap_err();
    assert!(matches!(error, PackError::List(_)), "{error}");
}

#[test]
fn without_a_repository_nothing_above_counts() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), ".gitignore", "*.md\n");
    write(
        dir.path(),
        ".hidden/target/skill/SKILL.md",
        "---\nname: a/b\nversion: 1.0.0\n---\n",
    );
    write(dir.path(), ".hidden/target/skill/more.md", "");
    let skill = SkillFolder::read(&dir.path().join(".hidden/target/skill")).unwrap();
    let packed: Vec<_> = skill.files.into_iter().map(|file| file.path).collect();
    assert_eq!(packed, ["SKILL.md", "more.md"]);
}

#[test]
fn braces_and_odd_bytes_are_characters_like_others() {
    let packed = packed_of(
        "repo/greeter",
        &[
            GIT_FOLDER,
            (
                "repo/.gitignore",
                "secret{1}.txt\ndata{a,b}.txt\nfoo{\n\\{x\n",
            ),
            ("repo/greeter/secret{1}.txt", "x"),
            ("repo/greeter/dataa.txt", "x"),
            ("repo/greeter/data{a,b}.txt", "x"),
            ("repo/greeter/foo{", "x"),
            ("repo/greeter/{x", "x"),
        ],
    );
    assert_eq!(packed, ["dataa.txt", "skill.package.yml"]);
}
