//! Hostile bundles, which their registry vouches for: nothing of them is left anywhere.

use std::os::unix::fs::PermissionsExt as _;

use flate2::{Compress, Compression, FlushCompress};
use tar::EntryType;

use crate::broken::fails_cleanly;
use crate::bundles::{Bundle, entry, link, raw_entry};
use crate::registry::Registry;
use crate::sandbox::Sandbox;

/// A bundle whose unpacked bytes are put together of parts, some of them many times over: what unpacks
/// to gigabytes is made, and kept, small.
struct Packed(Vec<u8>);

impl Packed {
    fn new() -> Self {
        // RFC 1952: deflated, no flags, no time.
        Self(vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
    }

    /// Adds `part` as often as `times` says, deflated once, to bytes that depend on nothing before.
    fn with(mut self, part: &[u8], times: usize) -> Self {
        let mut deflate = Compress::new(Compression::best(), false);
        let mut deflated = Vec::with_capacity(part.len() + 1024);
        deflate
            .compress_vec(part, &mut deflated, FlushCompress::Full)
            .unwrap();
        assert_eq!(deflate.total_in(), part.len() as u64);
        for _ in 0..times {
            self.0.extend_from_slice(&deflated);
        }
        self
    }

    /// Ends it as an honest archive ends, but for the checksum, which nobody should get to.
    fn bundle(self) -> Bundle {
        let mut bytes = self.with(&[0; 1024], 1).0;
        // An empty last block, and eight bytes of checksum and size.
        bytes.extend_from_slice(&[3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Bundle::of("2.0.0", bytes)
    }
}

const MIB: usize = 1024 * 1024;

/// The header of a file of this size, without the file.
fn header(path: &str, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    // In octal digits up to 8 GiB, and beyond in the binary form of GNU tar.
    header.set_size(size);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_cksum();
    header.as_bytes().to_vec()
}

fn zeros() -> Bundle {
    let packed = Packed::new().with(&entry("SKILL.md", 0o644, b"# x\n"), 1);
    let packed = packed.with(&header("zeros", 10 << 30), 1);
    packed.with(&vec![0; MIB], 10 * 1024).bundle()
}

/// As many, but the first file is one that everybody may have.
fn zeros_in_many_files() -> Bundle {
    let mut packed = Packed::new().with(&entry("SKILL.md", 0o644, b"# x\n"), 1);
    for (number, mebibytes) in [32].into_iter().chain([1024; 10]).enumerate() {
        let name = format!("zeros/{number}");
        packed = packed.with(&header(&name, mebibytes << 20), 1);
        packed = packed.with(&vec![0; MIB], usize::try_from(mebibytes).unwrap());
    }
    packed.bundle()
}

fn a_million_entries() -> Bundle {
    let packed = Packed::new().with(&entry("SKILL.md", 0o644, b"# x\n"), 1);
    let names = |range: std::ops::Range<u32>| {
        let headers = range.map(|number| header(&format!("e/{number}"), 0));
        headers.collect::<Vec<_>>().concat()
    };
    // More than anybody may have, each with a name of its own; the rest need not be told apart.
    let packed = packed.with(&names(0..20_000), 1);
    packed.with(&names(20_000..21_000), 980).bundle()
}

/// An entry with a path that is too long for its header, in GNU's way and in that of POSIX.
fn long_paths(path: &str) -> [Vec<u8>; 2] {
    let short = entry("short", 0o644, b"x");
    let nul = format!("{path}\0");
    let gnu = raw_entry(
        "././@LongLink",
        EntryType::GNULongName,
        0o644,
        nul.as_bytes(),
    );
    let field = format!(" path={path}\n");
    // The length counts its own digits.
    let mut length = field.len();
    while length != field.len() + length.to_string().len() {
        length = field.len() + length.to_string().len();
    }
    let record = format!("{length}{field}");
    let pax = raw_entry("PaxHeaders/x", EntryType::XHeader, 0o644, record.as_bytes());
    [[gnu, short.clone()].concat(), [pax, short].concat()]
}

#[test]
fn leave_nothing_anywhere() {
    // Where some of them want to write. Under `/tmp`, so that the path fits into a header.
    let outside = tempfile::tempdir_in("/tmp").unwrap();
    let outside_path = outside.path().to_str().unwrap();
    let skill_md = || entry("SKILL.md", 0o644, b"# x\n");
    let manifest = |text: &str| entry("skill.package.yml", 0o644, text.as_bytes());
    let special = |kind| vec![skill_md(), raw_entry("special", kind, 0o644, b"")];
    let file = |path: &str| vec![skill_md(), entry(path, 0o644, b"x")];
    let long = |path: &str| long_paths(path).map(|long| vec![skill_md(), long]);
    let [gnu_long, pax_long] = long(&"long/".repeat(1_000));
    let [gnu_component, pax_component] = long(&"x".repeat(300));
    let [gnu_deep, pax_deep] = long(&format!("{}x", "d/".repeat(100)));
    let mut cases = vec![
        ("traversal", file("../../../evil")),
        ("traversal in the middle", file("a/../../evil")),
        ("absolute path", file(&format!("{outside_path}/evil"))),
        ("a drive", file("C:evil")),
        ("backslashes", file("..\\..\\evil")),
        ("a control character", file("evil\x1b[2J")),
        ("settings of git", file(".git/config")),
        ("settings of git in a folder", file("lib/.Git ./config")),
        (
            "a file through a link",
            vec![
                skill_md(),
                link("out", outside_path),
                entry("out/evil", 0o644, b"x"),
            ],
        ),
        (
            "a link to a file",
            vec![skill_md(), link("out", "/etc/passwd")],
        ),
        ("a hard link", special(EntryType::Link)),
        ("a character device", special(EntryType::Char)),
        ("a block device", special(EntryType::Block)),
        ("a pipe", special(EntryType::Fifo)),
        ("a sparse file", special(EntryType::GNUSparse)),
        ("an unknown type", special(EntryType::new(b'Z'))),
        ("a file twice", vec![skill_md(), skill_md()]),
        (
            "names that differ in case",
            vec![skill_md(), entry("skill.MD", 0o644, b"x")],
        ),
        (
            "a file and a folder of one name",
            vec![
                skill_md(),
                entry("a", 0o644, b"x"),
                entry("a/b", 0o644, b"x"),
            ],
        ),
        ("a path longer than systems allow", gnu_long),
        ("the same in a pax record", pax_long),
        ("a component longer than systems allow", gnu_component),
        ("the same in a pax record", pax_component),
        ("a hundred folders deep", gnu_deep),
        ("the same in a pax record", pax_deep),
        ("no manifest", vec![entry("README", 0o644, b"x")]),
        (
            "another name",
            vec![manifest("name: mallory/x\nversion: 2.0.0\n")],
        ),
        (
            "another version",
            vec![manifest("name: alice/greeter\nversion: 9.0.0\n")],
        ),
        (
            "two names",
            vec![
                manifest("name: alice/greeter\n"),
                entry("SKILL.md", 0o644, b"---\nname: m/x\n---\n"),
            ],
        ),
        ("cut off", vec![skill_md()[..600].to_vec()]),
        ("nothing at all", vec![]),
    ];
    let mut bundles: Vec<_> = cases
        .drain(..)
        .map(|(what, entries)| (what, Bundle::holding("2.0.0", &entries)))
        .collect();
    bundles.push(("ten gigabytes of zeros", zeros()));
    bundles.push(("ten gigabytes in many files", zeros_in_many_files()));
    bundles.push(("a million entries", a_million_entries()));
    bundles.push(("no gzip data", Bundle::of("2.0.0", b"Hello".to_vec())));
    let mut followed = Bundle::holding("2.0.0", &[skill_md()]);
    followed.bytes.extend_from_slice(b"more");
    bundles.push(("something behind the end", followed));

    for (what, bundle) in bundles {
        let registry = Registry::with(&bundle, |_| None);
        let ended = fails_cleanly(&registry);
        assert_eq!(ended.code, 104, "{what}: {ended:?}");
        assert!(
            ended.stderr.contains("nothing was installed"),
            "{what}: {ended:?}"
        );
        assert!(!ended.stderr.contains('\x1b'), "{what}: {ended:?}");
        let outside = std::fs::read_dir(outside_path).unwrap();
        assert_eq!(outside.count(), 0, "{what}");
    }
}

#[test]
fn with_settings_of_version_control_are_not_even_unpacked_to_be_looked_at() {
    let config = "[core]\n\tfsmonitor = \"touch ran\"\n";
    let entries = [
        entry("SKILL.md", 0o644, b"# x\n"),
        entry(".git/config", 0o644, config.as_bytes()),
    ];
    let registry = Registry::with(&Bundle::holding("1.0.0", &entries), |_| None);
    let sandbox = Sandbox::new();
    let before = sandbox.tree();
    let args = ["inspect", "alice/greeter", "--download", "look"];
    let ended = sandbox.enact(&registry.url, &args);
    assert_eq!(ended.code, 104, "{ended:?}");
    assert!(ended.stderr.contains("a component like .git"), "{ended:?}");
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn give_no_file_more_than_ordinary_permissions() {
    let bundle = Bundle::holding(
        "1.0.0",
        &[
            entry("SKILL.md", 0o666, b"# x\n"),
            entry("suid", 0o4755, b"x"),
            entry("sgid", 0o2755, b"x"),
            entry("all", 0o7777, b"x"),
            raw_entry("sticky/", EntryType::Directory, 0o1777, b""),
            entry("sticky/x", 0o000, b"x"),
        ],
    );
    let registry = Registry::with(&bundle, |_| None);
    let sandbox = Sandbox::new();
    sandbox
        .enact(&registry.url, &["install", "alice/greeter"])
        .success();
    let skill = sandbox.path("home/.agents/skills/alice/greeter");
    for (path, most) in [
        ("SKILL.md", 0o644),
        ("suid", 0o755),
        ("sgid", 0o755),
        ("all", 0o755),
        ("sticky", 0o755),
        ("sticky/x", 0o644),
    ] {
        let mode = skill.join(path).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o7777 & !most, 0, "{path}: {mode:o}");
    }
    sandbox.enact(&registry.url, &["verify"]).success();
}
