//! Headers whose fields are broken.

use super::{Case, head};
use crate::archive::{Archive, gzip};

pub(super) fn headers() -> Vec<Case> {
    let wrong_sum = {
        let mut tar = Archive::new().file("odd", "x").tar();
        tar[1024] = b'O';
        gzip(&tar)
    };
    let base_256 = |value: [u8; 11]| head(|head| head.size = [&[0x80][..], &value].concat());
    vec![
        (
            "a wrong checksum",
            wrong_sum,
            "byte 1024 of the unpacked archive: its checksum is wrong",
        ),
        (
            "size that is none",
            head(|head| head.size = b"abcdefghijk\0".to_vec()),
            "its size is not a number",
        ),
        (
            "size of nothing",
            head(|head| head.size = vec![0; 12]),
            "its size is not a number",
        ),
        (
            "size with text after",
            head(|head| head.size = b"1 2        \0".to_vec()),
            "its size is not a number",
        ),
        (
            "size with a sign",
            head(|head| head.size = b"+0000000001\0".to_vec()),
            "its size is not a number",
        ),
        (
            "negative size",
            head(|head| head.size = vec![0xff; 12]),
            "its size is not a number",
        ),
        (
            "size over 64 bits",
            base_256([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            "absurdly large",
        ),
        (
            "size of 64 bits",
            base_256([0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]),
            "unpacks to at most 536870912 bytes",
        ),
        (
            "size of 36 bits",
            head(|head| head.size = b"777777777777".to_vec()),
            "unpacks to at most",
        ),
        (
            "mode that is none",
            head(|head| head.mode = b"rwxr-xr-".to_vec()),
            "its mode is not a number",
        ),
        (
            "owner that is none",
            head(|head| head.owner = b"root\0\0\0\0".to_vec()),
            "its owner is not a number",
        ),
        (
            "time that is none",
            head(|head| head.time = b"yesterday\0\0\0".to_vec()),
            "its time is not a number",
        ),
        (
            "another magic",
            head(|head| head.magic = *b"ustar\0  "),
            "unknown variant of tar",
        ),
        (
            "something after the prefix",
            head(|head| head.prefix = b"a\0b".to_vec()),
            "after its prefix",
        ),
    ]
}
