//! What honest archives look like, however they were made.

use std::io::{self, Read};

use enact_bundle::{BundleError, Limits, Stopped, inspect, read_file};

use crate::archive::{Archive, Head, MANIFEST, gzip, pax};

fn paths(bundle: &[u8]) -> Vec<String> {
    let contents = inspect(bundle, &Limits::default()).unwrap();
    contents.files.into_iter().map(|file| file.path).collect()
}

/// The path that one more entry, made by `add`, ends up with.
fn path_of(add: impl FnOnce(Archive) -> Archive) -> String {
    let mut paths = paths(&add(Archive::new()).gz());
    paths.retain(|path| path != "skill.package.yml");
    assert_eq!(paths.len(), 1, "{paths:?}");
    paths.remove(0)
}

#[test]
fn lists_files_sorted_with_sizes_and_modes() {
    let mut script = Head::new(b'0', "bin/run", 3);
    script.mode = b"0004755\0".to_vec();
    let bundle = Archive::default()
        .entry(b'5', "./", "")
        .entry(b'5', "./bin/", "")
        .head(&script, "run")
        .entry(b'5', "bin", "")
        .file("./b", "12345")
        .entry(0, "a", "")
        .file("SKILL.md", "# Greeter\n")
        .gz();
    let contents = inspect(&bundle[..], &Limits::default()).unwrap();
    let files: Vec<_> = contents
        .files
        .iter()
        .map(|file| (file.path.as_str(), file.size, file.executable))
        .collect();
    assert_eq!(
        files,
        [
            ("SKILL.md", 10, false),
            ("a", 0, false),
            ("b", 5, false),
            ("bin/run", 3, true)
        ]
    );
    assert_eq!(contents.unpacked_bytes, 18);
    assert_eq!(contents.folders, ["bin"]);
    let run = &contents.files[3];
    assert_eq!(run.sha256, enact_types::Digest::of(b"run"));
    assert_eq!(contents.stated, None);
}

#[test]
fn takes_a_path_from_wherever_the_format_puts_it() {
    let long = format!("{}/{}", "d".repeat(150), "f".repeat(150));
    let mut prefixed = Head::new(b'0', "file", 0);
    prefixed.prefix = b"some/folder".to_vec();
    let mut gnu = Head::new(b'0', "file", 0);
    gnu.magic = *b"ustar  \0";
    // Times, in GNU's header.
    gnu.prefix = b"14000000000\0".to_vec();
    let mut old = Head::new(b'0', "old", 0);
    old.magic = [0; 8];
    let full = "f".repeat(100);

    assert_eq!(path_of(|a| a.head(&prefixed, "")), "some/folder/file");
    assert_eq!(path_of(|a| a.head(&gnu, "")), "file");
    assert_eq!(path_of(|a| a.head(&old, "")), "old");
    assert_eq!(path_of(|a| a.file(&full, "")), full);
    let name = format!("{long}\0");
    assert_eq!(path_of(|a| a.entry(b'L', "L", name).file("x", "")), long);
    let records = pax("mtime", "1.5") + &pax("path", &long) + &pax("size", "2");
    assert_eq!(
        path_of(|a| a.entry(b'x', "P", records).file("x", "ab")),
        long
    );
    let comment = pax("comment", "0123456789abcdef");
    assert_eq!(path_of(|a| a.entry(b'g', "g", comment).file("x", "")), "x");
    assert_eq!(
        path_of(|a| a.entry(0, "folder/", "").file("folder/é", "")),
        "folder/é"
    );
}

#[test]
fn takes_sizes_in_base_256() {
    let mut head = Head::new(b'0', "x", 0);
    head.size = vec![0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    assert_eq!(path_of(|archive| archive.head(&head, "ab")), "x");
}

#[test]
fn takes_gzip_in_several_members_and_padding_after_the_end() {
    let tar = Archive::new().bytes([0; 10 * 1024]).tar();
    let (first, second) = tar.split_at(700);
    let bundle = [gzip(first), gzip(b""), gzip(second)].concat();
    assert_eq!(paths(&bundle), ["skill.package.yml"]);
}

#[test]
fn states_what_the_first_manifest_says() {
    let stated = |files: &[(&str, &str)]| {
        let archive = files
            .iter()
            .fold(Archive::default(), |archive, (path, text)| {
                archive.file(path, text)
            });
        let contents = inspect(&archive.gz()[..], &Limits::default()).unwrap();
        contents.stated.map(|stated| {
            (
                stated.file,
                stated.name.map(|name| name.to_string()),
                stated.version.map(|version| version.to_string()),
            )
        })
    };
    let said = |file: &str, name: Option<&str>, version: Option<&str>| {
        Some((
            file.to_owned(),
            name.map(str::to_owned),
            version.map(str::to_owned),
        ))
    };
    let skill = "\u{feff}---\r\nname: greeter\r\nversion: 1.0.0\r\n---\r\n# Greeter\r\n";
    assert_eq!(
        stated(&[("SKILL.md", skill)]),
        said("SKILL.md", None, Some("1.0.0"))
    );
    assert_eq!(
        stated(&[("SKILL.md", skill), ("skill.package.yml", MANIFEST)]),
        said("skill.package.yml", Some("alice/greeter"), Some("1.0.0"))
    );
    assert_eq!(
        stated(&[
            ("enact.md", "---\nversion: 3.0.0\n---"),
            ("enact.yaml", "version: 2.0.0")
        ]),
        said("enact.yaml", None, Some("2.0.0"))
    );
    assert_eq!(stated(&[("enact.yml", "")]), said("enact.yml", None, None));
    assert_eq!(
        stated(&[("SKILL.md", "# no front matter\n---\nversion: x\n---\n")]),
        None
    );
    assert_eq!(
        stated(&[("SKILL.md", "---\nversion: x\nnever closed")]),
        None
    );
    assert_eq!(stated(&[("SKILL.md", "")]), None);
}

#[test]
fn a_source_that_fails_is_not_the_bundles_fault() {
    /// Gives some bytes, then fails.
    struct Failing<'b>(&'b [u8]);
    impl Read for Failing<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the disk is gone",
                )),
                read => Ok(read),
            }
        }
    }
    let bundle = Archive::new().gz();
    for length in [0, 1, 2, 9, 40, bundle.len() - 1] {
        let error = inspect(Failing(&bundle[..length]), &Limits::default()).unwrap_err();
        assert!(error.is_io(), "{length}: {error}");
        assert!(matches!(error, BundleError::Read(_)), "{length}: {error}");
    }
}

/// One file of a bundle.
fn one(bundle: &[u8], path: &str, whole: bool) -> Result<Option<Vec<u8>>, BundleError> {
    let mut content = Vec::new();
    let size = read_file(bundle, &Limits::default(), path, whole, |chunk| {
        content.extend_from_slice(chunk);
        Ok(())
    })?;
    Ok(size.map(|size| {
        assert_eq!(size, content.len() as u64);
        content
    }))
}

#[test]
fn one_file_is_read_without_what_lies_behind_it() {
    let large = "x".repeat(200_000);
    let archive = Archive::new()
        .file("./empty", "")
        .file("large", &large)
        .file("last", "end");
    let bundle = archive.clone().gz();
    for whole in [false, true] {
        let one = |path| one(&bundle, path, whole).unwrap();
        assert_eq!(one("empty").unwrap(), b"");
        assert_eq!(one("large").unwrap(), large.as_bytes());
        assert_eq!(one("last").unwrap(), b"end");
        for missing in ["LAST", "./last", "las", "", "/last", "skill.package.yml/x"] {
            assert_eq!(one(missing), None, "{missing}");
        }
    }
    // Cut off behind the file: nobody looks, unless it is asked for.
    let cut = &bundle[..bundle.len() - 9];
    assert_eq!(one(cut, "large", false).unwrap().unwrap(), large.as_bytes());
    assert!(one(cut, "large", true).is_err());
    // The same name again is refused where it is met, as everywhere.
    let twice = archive.file("last", "other").gz();
    assert_eq!(one(&twice, "last", false).unwrap().unwrap(), b"end");
    assert!(one(&twice, "last", true).is_err());
}

#[test]
fn reading_one_file_ends_when_nobody_takes_it() {
    let bundle = Archive::new().file("large", "x".repeat(200_000)).gz();
    let mut pieces = 0;
    let stopped = read_file(&bundle[..], &Limits::default(), "large", false, |_| {
        pieces += 1;
        Err(Stopped)
    });
    assert!(matches!(stopped, Err(BundleError::Stopped(_))));
    assert_eq!(pieces, 1);
}

#[test]
fn knows_the_commands_that_would_run_after_the_install() {
    let commands = |files: &[(&str, &str)]| {
        let add = |archive: Archive, (path, text): &(&str, &str)| archive.file(path, text);
        let bundle = files.iter().fold(Archive::default(), add).gz();
        inspect(&bundle[..], &Limits::default())
            .unwrap()
            .post_install()
    };
    let package = |text| ("skill.package.yml", text);
    let skill = ("SKILL.md", "---\nhooks: {postinstall: from-skill}\n---\n");
    for (files, expected) in [
        (
            &[package("hooks: {postinstall: make}\n")][..],
            &["make"][..],
        ),
        (
            &[package("hooks: {postinstall: [a, 7, b c]}\n")],
            &["a", "b c"],
        ),
        (&[package("hooks: {postinstall: 7}\n")], &[]),
        (&[package("hooks: 7\n")], &[]),
        (&[package("name: a/b\n"), skill], &["from-skill"]),
        (&[package("hooks: {build: x}\n"), skill], &[]),
        (&[skill], &["from-skill"]),
        (&[("SKILL.md", "# Nothing\n")], &[]),
    ] {
        assert_eq!(commands(files), expected, "{files:?}");
    }
}
