//! What is wrong with the compression, the end, and what lies between entries.

use super::Case;
use crate::archive::{Archive, Head, gzip};

pub(super) fn containers() -> Vec<Case> {
    let good = Archive::new().gz();
    let tar = Archive::new().tar();
    let broken_crc = {
        let mut bytes = good.clone();
        let at = bytes.len() - 8;
        bytes[at] ^= 1;
        bytes
    };
    let after = |bytes: &[u8]| gzip(&[&tar, bytes].concat());
    vec![
        ("nothing", vec![], "not gzip"),
        ("one byte", vec![0x1f], "not gzip"),
        ("a zip file", b"PK\x03\x04".to_vec(), "not gzip"),
        ("a bare tar", tar.clone(), "not gzip"),
        ("gzip cut off", good[..good.len() - 9].to_vec(), "cut off"),
        (
            "gzip without its checksum",
            good[..good.len() - 3].to_vec(),
            "gzip data ends early",
        ),
        ("a wrong checksum", broken_crc, "damaged"),
        (
            "garbage after gzip",
            [&good[..], b"garbage of some length"].concat(),
            "followed by something else",
        ),
        ("a gzipped text", gzip(b"hello"), "not a tar archive"),
        (
            "a gzipped long text",
            gzip(&[b'a'; 2000]),
            "not a tar archive",
        ),
        ("gzip of nothing", gzip(b""), "not a tar archive"),
        ("no entries", gzip(&[0; 1024]), "the bundle is empty"),
        (
            "no end mark",
            Archive::new().gz_without_end(),
            "without its end-of-archive mark",
        ),
        (
            "half an end mark",
            Archive::new().bytes([0; 512]).gz_without_end(),
            "end-of-archive mark",
        ),
        (
            "half a header",
            Archive::new().bytes([b'x'; 100]).gz_without_end(),
            "end-of-archive mark",
        ),
        (
            "cut inside a file",
            Archive::new()
                .head(&Head::new(b'0', "big", 5000), "x")
                .gz_without_end(),
            "ends inside entry \"big\"",
        ),
        (
            "cut inside padding",
            gzip(&Archive::new().file("big", "x").tar()[..2048 - 100]),
            "ends inside entry \"big\"",
        ),
        ("data after the end", after(b"x"), "other than zero padding"),
        (
            "an entry after one zero block",
            Archive::new().bytes([0; 512]).file("x", "").gz(),
            "other than zero padding",
        ),
        (
            "an archive after the end",
            after(&tar),
            "other than zero padding",
        ),
        (
            "endless padding",
            after(&vec![0; 2 << 20]),
            "more than 1 MiB of padding",
        ),
        (
            "a text between entries",
            Archive::new().bytes([b'x'; 512]).gz(),
            "no valid tar header at byte 1024",
        ),
    ]
}
