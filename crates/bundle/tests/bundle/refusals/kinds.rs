//! Entries that are neither a file nor a folder, and records that extend others.

use super::{Case, with_pax};
use crate::archive::{Archive, Head, pax};

fn kind(kind: u8) -> Vec<u8> {
    Archive::new().entry(kind, "odd", "").gz()
}

pub(super) fn kinds() -> Vec<Case> {
    vec![
        ("hard link", kind(b'1'), "entry \"odd\": it is a hard link"),
        ("symbolic link", kind(b'2'), "symbolic link"),
        ("character device", kind(b'3'), "character device"),
        ("block device", kind(b'4'), "block device"),
        ("fifo", kind(b'6'), "named pipe"),
        ("contiguous", kind(b'7'), "contiguous file"),
        ("long link", kind(b'K'), "symbolic link"),
        ("sparse", kind(b'S'), "sparse file"),
        ("multi-volume", kind(b'M'), "multi-volume"),
        ("volume label", kind(b'V'), "volume label"),
        ("dump folder", kind(b'D'), "dump folder"),
        ("Solaris header", kind(b'X'), "Solaris"),
        ("unknown", kind(b'Z'), "unknown tar type 'Z'"),
        (
            "folder with data",
            Archive::new().entry(b'5', "d/", "x").gz(),
            "it is a folder and has a size",
        ),
    ]
}

pub(super) fn extensions() -> Vec<Case> {
    let global = |key, value| Archive::new().entry(b'g', "g", pax(key, value)).gz();
    let raw = |data: &str| Archive::new().entry(b'x', "pax", data).file("x", "x").gz();
    let long = |claim: u64, kind| {
        Archive::new()
            .head(&Head::new(kind, "big", claim), "x")
            .gz()
    };
    vec![
        (
            "a long name of 1 GiB",
            long(1 << 30, b'L'),
            "long-name record is too long",
        ),
        (
            "a pax header of 1 GiB",
            long(1 << 30, b'x'),
            "more than 65536 bytes",
        ),
        (
            "a global header of 1 GiB",
            long(1 << 30, b'g'),
            "more than 65536 bytes",
        ),
        (
            "another size by pax",
            with_pax("size", "2"),
            "different sizes",
        ),
        ("a size that is none", with_pax("size", "-1"), "malformed"),
        (
            "a link by pax",
            with_pax("linkpath", "/etc"),
            "makes it a link",
        ),
        ("sparse by pax", with_pax("GNU.sparse.major", "1"), "sparse"),
        (
            "sparse by pax of star",
            with_pax("SCHILY.realsize", "1"),
            "sparse",
        ),
        (
            "path twice",
            raw(&(pax("path", "a") + &pax("path", "b"))),
            "states \"path\" twice",
        ),
        (
            "owner by pax that is none",
            with_pax("uid", "root"),
            "malformed",
        ),
        (
            "time by pax that is none",
            with_pax("mtime", "1.x"),
            "malformed",
        ),
        ("a blank before the key", raw("10  path=x\n"), "malformed"),
        ("a NUL in the key", raw("12 path\0a=x\n"), "malformed"),
        ("a wrong length", raw("99 path=x\n"), "malformed"),
        ("a length too short", raw("3 path=x\n"), "malformed"),
        (
            "an overflowing length",
            raw("99999999999999999999999 path=x\n"),
            "malformed",
        ),
        ("no newline", raw("9 path=xy"), "malformed"),
        ("no key", raw("5 =x\n"), "malformed"),
        ("a global path", global("path", "x"), "global pax header"),
        ("a global size", global("size", "1"), "global pax header"),
        ("a global link", global("linkpath", "x"), "makes it a link"),
        (
            "two records for one entry",
            Archive::new()
                .entry(b'L', "L", "a\0")
                .entry(b'x', "x", pax("path", "b"))
                .file("x", "")
                .gz(),
            "not followed by the entry",
        ),
        (
            "a record for nothing",
            Archive::new().entry(b'L', "L", "last\0").gz(),
            "entry \"last\": the extension record",
        ),
    ]
}
