//! Paths that lead elsewhere, and names that two entries cannot both have.

use super::{Case, head, path, with_pax};
use crate::archive::{Archive, pax};

fn long_path(path: &str) -> Vec<u8> {
    let record = pax("path", path);
    Archive::new()
        .entry(b'x', "pax", record)
        .file("x", "x")
        .gz()
}

pub(super) fn paths() -> Vec<Case> {
    let deep = "d/".repeat(33) + "f";
    let prefixed = |prefix: &str| head(|head| head.prefix = prefix.as_bytes().to_vec());
    vec![
        (
            "absolute",
            path("/etc/passwd"),
            "entry \"/etc/passwd\": the path is absolute",
        ),
        (
            "absolute by prefix",
            prefixed("/etc"),
            "entry \"/etc/odd\": the path is absolute",
        ),
        (
            "the root folder",
            Archive::new().entry(b'5', "/", "").gz(),
            "absolute",
        ),
        (
            "up",
            path("../x"),
            "entry \"../x\": the path has a \"..\" component",
        ),
        ("up later", path("a/../../x"), "\"..\""),
        ("up at the end", path("a/.."), "\"..\""),
        ("up after ./", path("./../x"), "\"..\""),
        ("up by prefix", prefixed("a/.."), "\"..\""),
        (
            "a folder up",
            Archive::new().entry(b'5', "../x/", "").gz(),
            "\"..\"",
        ),
        (
            "up by long name",
            Archive::new().entry(b'L', "L", "../x\0").file("x", "").gz(),
            "\"..\"",
        ),
        ("up by pax", with_pax("path", "../x"), "\"..\""),
        ("empty", path(""), "the path is empty"),
        ("empty by pax", with_pax("path", ""), "the path is empty"),
        ("only ./", path("./"), "its path ends with"),
        ("dot", path("a/./b"), "empty or \".\" component"),
        ("dot twice", path("././b"), "empty or \".\" component"),
        ("double slash", path("a//b"), "empty or \".\" component"),
        ("slash after ./", path(".//b"), "the path is absolute"),
        ("backslash", path("a\\..\\b"), "backslash"),
        (
            "newline",
            path("a\nb"),
            "entry \"a\\nb\": the path has a control character",
        ),
        ("NUL by pax", with_pax("path", "a\0b"), "control character"),
        (
            "NUL by long name",
            Archive::new().entry(b'L', "L", "a\0b\0").file("x", "").gz(),
            "long-name record",
        ),
        ("escape", path("a\x1b[2Jb"), "\\u{1b}[2Jb"),
        (
            "a name that reads backwards",
            path("photo\u{202e}gpj.sh"),
            "entry \"photo\\u{202e}gpj.sh\": the path has a character that changes the direction of writing",
        ),
        (
            "a mark of direction in a folder",
            path("a\u{200f}/b"),
            "direction",
        ),
        (
            "an isolate by pax",
            with_pax("path", "a\u{2066}b"),
            "direction",
        ),
        ("a drive", path("C:/x"), "starts with a drive"),
        ("a drive without slash", path("c:x"), "starts with a drive"),
        ("not UTF-8", path(b"a\xffb"), "not UTF-8"),
        (
            "long name without its NUL",
            Archive::new().entry(b'L', "L", "abc").file("x", "").gz(),
            "long-name record",
        ),
        (
            "long name of nothing",
            Archive::new().entry(b'L', "L", "").file("x", "").gz(),
            "long-name record",
        ),
        (
            "component too long",
            long_path(&"x".repeat(256)),
            "more than 255 bytes",
        ),
        (
            "too long",
            long_path(&("xxxxxxxxx/".repeat(52) + "x")),
            "more than 512 bytes",
        ),
        ("too deep", path(&deep), "more than 32 folders deep"),
    ]
}

pub(super) fn names() -> Vec<Case> {
    vec![
        (
            "twice",
            Archive::new().file("a", "").file("a", "").gz(),
            "entry \"a\": the file occurs twice",
        ),
        (
            "twice with ./",
            Archive::new().file("a", "").file("./a", "").gz(),
            "occurs twice",
        ),
        (
            "twice but for case",
            Archive::new().file("a/É", "").file("A/é", "").gz(),
            "occurs twice",
        ),
        (
            "twice but for Unicode composition",
            Archive::new()
                .file("caf\u{e9}", "")
                .file("cafe\u{301}", "")
                .gz(),
            "occurs twice",
        ),
        (
            "manifest twice",
            Archive::new().file("SKILL.PACKAGE.YML", "").gz(),
            "occurs twice",
        ),
        (
            "file, then folder",
            Archive::new().file("a", "").file("a/b", "").gz(),
            "for a file and for a folder",
        ),
        (
            "folder, then file",
            Archive::new().file("a/b", "").file("a", "").gz(),
            "for a file and for a folder",
        ),
        (
            "folder entry, then file",
            Archive::new().entry(b'5', "a/", "").file("A", "").gz(),
            "for a file and for a folder",
        ),
        (
            "file, then folder entry",
            Archive::new().file("a", "").entry(b'5', "a", "").gz(),
            "for a file and for a folder",
        ),
        (
            "a file like a folder",
            path("a/"),
            "it is a file and its path ends with",
        ),
    ]
}
