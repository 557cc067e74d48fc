//! Hostile amounts.

use std::io::{self, Read};

use enact_bundle::{Limits, inspect};

use crate::archive::{Archive, Head, gzip, pax};

/// Counts what is read of a bundle.
struct Counting<'b> {
    rest: &'b [u8],
    read: usize,
}

impl Read for Counting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.rest.read(buffer)?;
        self.read += read;
        Ok(read)
    }
}

/// The message about a bundle, and how much of it was read.
fn refused(bundle: &[u8], limits: &Limits) -> (String, usize) {
    let mut source = Counting {
        rest: bundle,
        read: 0,
    };
    let error = inspect(&mut source, limits).unwrap_err();
    (error.to_string(), source.read)
}

/// `head` and then `megabytes` of zeros, packed: one gzip member each, which is quick to make.
fn zeros(head: &[u8], megabytes: usize) -> Vec<u8> {
    let megabyte = gzip(&vec![0; 1 << 20]);
    [gzip(head), megabyte.repeat(megabytes)].concat()
}

fn tar_of(head: &Head) -> Vec<u8> {
    let tar = Archive::new().head(head, "").tar();
    tar[..tar.len() - 1024].to_vec()
}

#[test]
fn a_bomb_is_refused_at_its_header() {
    let bomb = zeros(&tar_of(&Head::new(b'0', "zeros", 512 << 20)), 512);
    let limits = Limits {
        max_unpacked_bytes: 1 << 20,
        ..Limits::default()
    };
    let (message, read) = refused(&bomb, &limits);
    assert_eq!(message, "a bundle unpacks to at most 1048576 bytes");
    assert!(read <= 64 * 1024, "{read} bytes were read");
}

#[test]
fn a_bomb_after_the_end_of_the_archive_is_refused_early() {
    let (message, read) = refused(&zeros(&Archive::new().tar(), 256), &Limits::default());
    assert!(message.contains("more than 1 MiB of padding"), "{message}");
    assert!(read <= 64 * 1024, "{read} bytes were read");
}

#[test]
fn a_record_that_claims_a_gibibyte_is_not_read() {
    for kind in [b'L', b'x', b'g'] {
        let bomb = zeros(&tar_of(&Head::new(kind, "claim", 1 << 30)), 128);
        let (message, read) = refused(&bomb, &Limits::default());
        assert!(message.contains("entry \"claim\""), "{message}");
        assert!(read <= 64 * 1024, "{read} bytes were read");
    }
}

#[test]
fn all_files_and_records_together_are_bounded() {
    let limits = Limits {
        max_unpacked_bytes: 2000,
        ..Limits::default()
    };
    let of = |size| {
        Archive::new()
            .file("a", vec![b'x'; size])
            .file("b", vec![b'x'; 1000])
    };
    let manifest = crate::archive::MANIFEST.len();
    inspect(&of(1000 - manifest).gz()[..], &limits).unwrap();
    let (message, _) = refused(&of(1001 - manifest).gz(), &limits);
    assert!(message.contains("at most 2000 bytes"), "{message}");
    let record = pax("comment", &"c".repeat(1990));
    let (message, _) = refused(&Archive::new().entry(b'g', "g", record).gz(), &limits);
    assert!(message.contains("at most 2000 bytes"), "{message}");
}

#[test]
fn the_default_takes_ten_thousand_entries_and_not_one_more() {
    let of = |count| {
        (1..count).fold(Archive::new(), |archive, n| {
            archive.file(format!("f{n}"), "")
        })
    };
    let full = of(10_000);
    let contents = inspect(&full.clone().gz()[..], &Limits::default()).unwrap();
    assert_eq!(contents.files.len(), 10_000);
    let (message, _) = refused(&full.file("last", "").gz(), &Limits::default());
    assert!(message.contains("at most 10000 entries"), "{message}");
}

#[test]
fn folders_and_records_count_as_entries() {
    let limits = Limits {
        max_entries: 4,
        ..Limits::default()
    };
    let cases = [
        (
            "implied folders",
            Archive::new().file("a/b/c", ""),
            Archive::new().file("a/b/c/d", ""),
        ),
        (
            "folder entries",
            Archive::new()
                .entry(b'5', "a/", "")
                .entry(b'5', "a", "")
                .file("a/x", ""),
            Archive::new()
                .entry(b'5', "a/", "")
                .entry(b'5', "b", "")
                .file("a/b/x", ""),
        ),
        (
            "records",
            Archive::new().entry(b'L', "L", "a/b\0").file("x", ""),
            Archive::new().entry(b'L', "L", "a/b/c\0").file("x", ""),
        ),
        (
            "the top folder",
            Archive::new()
                .entry(b'5', "./", "")
                .entry(b'5', "./", "")
                .entry(b'5', "./", ""),
            Archive::new()
                .entry(b'5', "./", "")
                .entry(b'5', "./", "")
                .entry(b'5', "./", "")
                .file("x", ""),
        ),
    ];
    for (case, fits, too_many) in cases {
        assert!(inspect(&fits.gz()[..], &limits).is_ok(), "{case}");
        let (message, _) = refused(&too_many.gz(), &limits);
        assert!(message.contains("at most 4 entries"), "{case}: {message}");
    }
}

#[test]
fn members_are_bounded_before_and_after_the_archive() {
    const MAX: usize = 16_384;
    let (nothing, archive) = (gzip(b""), Archive::new().gz());
    let in_front = |count: usize| [nothing.repeat(count), archive.clone()].concat();
    let behind = |count: usize| [archive.clone(), nothing.repeat(count)].concat();
    for fits in [in_front(MAX - 1), behind(MAX - 1)] {
        inspect(&fits[..], &Limits::default()).unwrap();
    }
    for bomb in [in_front(4 * MAX), behind(4 * MAX)] {
        let (message, read) = refused(&bomb, &Limits::default());
        assert!(message.contains("more than 16384 members"), "{message}");
        assert!(read <= bomb.len() / 3, "{read} bytes were read");
    }
    for too_many in [in_front(MAX), behind(MAX)] {
        let (message, _) = refused(&too_many, &Limits::default());
        assert!(message.contains("more than 16384 members"), "{message}");
    }
}
