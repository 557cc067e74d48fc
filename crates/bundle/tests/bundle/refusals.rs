//! Every kind of bundle that is refused, and what its author reads.

use enact_bundle::{Limits, extract, inspect};

use crate::archive::{Archive, Head, MANIFEST, gzip, pax};

/// What is wrong, the bundle, and a part of the message.
type Case = (&'static str, Vec<u8>, &'static str);

/// A valid archive with one file of this path.
fn path(path: impl AsRef<[u8]>) -> Vec<u8> {
    Archive::new().file(path, "x").gz()
}

fn long_path(path: &str) -> Vec<u8> {
    let record = pax("path", path);
    Archive::new()
        .entry(b'x', "pax", record)
        .file("x", "x")
        .gz()
}

fn kind(kind: u8) -> Vec<u8> {
    Archive::new().entry(kind, "odd", "").gz()
}

fn with_pax(key: &str, value: &str) -> Vec<u8> {
    let record = pax(key, value);
    Archive::new()
        .entry(b'x', "pax", record)
        .file("x", "x")
        .gz()
}

fn head(change: impl FnOnce(&mut Head)) -> Vec<u8> {
    let mut head = Head::new(b'0', "odd", 1);
    change(&mut head);
    Archive::new().head(&head, "x").gz()
}

fn manifest(file: &str, text: impl AsRef<[u8]>) -> Vec<u8> {
    Archive::default().file("main.sh", "").file(file, text).gz()
}

fn beside(yml: &str, skill: &str) -> Vec<u8> {
    Archive::default()
        .file("SKILL.md", skill)
        .file("skill.package.yml", yml)
        .gz()
}

fn containers() -> Vec<Case> {
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

fn paths() -> Vec<Case> {
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

/// What git, and systems like it, would take for their own folder on some file system.
fn version_control() -> Vec<Case> {
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

fn names() -> Vec<Case> {
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

fn kinds() -> Vec<Case> {
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

fn extensions() -> Vec<Case> {
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

fn headers() -> Vec<Case> {
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

fn manifests() -> Vec<Case> {
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

fn yaml() -> Vec<Case> {
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
            "uplicate",
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

#[test]
fn every_character_that_changes_the_direction_of_writing_is_refused() {
    let controls = ['\u{200e}', '\u{200f}']
        .into_iter()
        .chain('\u{202a}'..='\u{202e}')
        .chain('\u{2066}'..='\u{2069}');
    for control in controls {
        let error = inspect(&path(format!("a{control}b"))[..], &Limits::default()).unwrap_err();
        assert!(error.to_string().contains("direction"), "{error}");
    }
    // Letters of such scripts, and the joiner that some of them need, are no controls.
    let honest = path("\u{5e9}\u{5dc}\u{5d5}\u{5dd}/\u{645}\u{6cc}\u{200c}\u{6a9}\u{646}\u{645}");
    inspect(&honest[..], &Limits::default()).unwrap();
}

#[test]
fn each_rule_names_the_entry_and_itself() {
    let cases = [
        containers(),
        paths(),
        version_control(),
        names(),
        kinds(),
        extensions(),
        headers(),
        manifests(),
        yaml(),
    ]
    .concat();
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for (case, bundle, expected) in cases {
        let limits = Limits::default();
        let error = match inspect(&bundle[..], &limits) {
            Ok(contents) => panic!("{case}: accepted as {contents:?}"),
            Err(error) => error,
        };
        let message = error.to_string();
        if !message.contains(expected) {
            wrong.push(format!("{case}: {message}"));
        }
        assert!(message.len() < 600, "{case}: {message}");
        assert!(!message.contains(char::is_control), "{case}: {message:?}");
        assert!(!error.is_io(), "{case}: {message}");

        let target = folder.path().join("new/target");
        let extracted = extract(&bundle[..], &limits, &target, false).unwrap_err();
        assert_eq!(extracted.to_string(), message, "{case}");
        let left = folder.path().read_dir().unwrap().count();
        assert_eq!(left, 0, "{case}: something was left behind");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
