//! Folders that a version control system would take for its own.

use enact_bundle::{Limits, inspect};

use super::{Case, path};
use crate::archive::Archive;

/// What git, and systems like it, would take for their own folder on some file system.
pub(super) fn version_control() -> Vec<Case> {
    let names = [
        ".git/config",
        "a/.git/config",
        ".git",
        ".GIT/config",
        ".gıt/config",
        ".git./config",
        ".git . ./config",
        "a/.git::$INDEX_ALLOCATION/config",
        "git~1/config",
        "GIT~1",
        ".g\u{200c}it/config",
        "\u{feff}.git/config",
        ".git\u{206f}/config",
        ".hg/hgrc",
        ".svn/entries",
        ".\u{17f}vn/entries",
        ".bzr/branch",
        ".jj/repo",
    ];
    let refused = |name: &'static str| (name, path(name), "a component like .git");
    let folder = Archive::new().entry(b'5', "a/.git/", "").gz();
    let folder = ("a folder", folder, "a component like .git");
    names.into_iter().map(refused).chain([folder]).collect()
}

#[test]
fn names_that_only_resemble_version_control_are_accepted() {
    for name in [
        ".gitignore",
        ".github/x.yml",
        "git/config",
        "git~2",
        "a.git",
        ".gitx",
        "hg",
        ".svnignore",
    ] {
        let accepted = inspect(&path(name)[..], &Limits::default());
        assert!(accepted.is_ok(), "{name}: {accepted:?}");
    }
}
