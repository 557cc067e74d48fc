//! From a folder to a bundle and back.

use std::fs;
use std::path::Path;

use enact_bundle::{
    LeftOut, LeftOutBecause, Limits, OverLimit, PackError, Packed, SkillFolder, Stopped,
    bundle_file_name, extract, inspect,
};
use enact_types::Digest;

use crate::archive::MANIFEST;
use crate::extracting::tree;

pub(crate) fn write(dir: &Path, path: &str, data: impl AsRef<[u8]>) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, data).unwrap();
}

pub(crate) fn pack(dir: &Path) -> (Vec<u8>, Packed) {
    let mut bundle = Vec::new();
    let packed = SkillFolder::read(dir).unwrap().pack(&mut bundle).unwrap();
    (bundle, packed)
}

/// A folder with whatever is awkward about files.
pub(crate) fn awkward() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path();
    write(at, "skill.package.yml", MANIFEST);
    write(at, "SKILL.md", "---\nname: greeter\n---\n# Greeter\n");
    write(at, "scripts/greet.sh", "#!/bin/sh\necho hello\n");
    write(
        at,
        "data/binary.bin",
        (0..=255_u8).cycle().take(200_000).collect::<Vec<_>>(),
    );
    write(at, "data/block", [b'x'; 512]);
    write(at, "empty", "");
    write(at, "with space 'quote'", "x");
    write(at, "unicode/ünï/日本語.md", "x");
    write(
        at,
        &format!("{}/{}", "p".repeat(90), "n".repeat(90)),
        "prefix",
    );
    write(at, &"n".repeat(101), "no place to split");
    write(
        at,
        &format!("{0}/{0}/{0}/f", "d".repeat(100)),
        "over 256 bytes",
    );
    write(at, &format!("long/{}", "ü".repeat(127)), "a long component");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let executable = fs::Permissions::from_mode(0o744);
        fs::set_permissions(at.join("scripts/greet.sh"), executable).unwrap();
    }
    dir
}

#[test]
fn what_is_packed_is_accepted_and_extracted_unchanged() {
    let dir = awkward();
    let (bundle, packed) = pack(dir.path());
    assert_eq!(packed.hash, Digest::of(&bundle));
    assert_eq!(packed.size, bundle.len() as u64);

    let contents = inspect(&bundle[..], &Limits::default()).unwrap();
    assert_eq!(contents.unpacked_bytes, packed.unpacked_bytes);
    let stated = contents.stated.unwrap();
    assert_eq!(stated.file, "skill.package.yml");
    assert_eq!(stated.name.unwrap().as_str(), "alice/greeter");
    let packed_files: Vec<_> = SkillFolder::read(dir.path())
        .unwrap()
        .files
        .into_iter()
        .map(|file| (file.path, file.size, file.executable))
        .collect();
    let read_files: Vec<_> = contents
        .files
        .into_iter()
        .map(|file| (file.path, file.size, file.executable))
        .collect();
    assert_eq!(read_files, packed_files);
    let executable: Vec<_> = read_files.iter().filter(|file| file.2).collect();
    assert_eq!(executable.len(), usize::from(cfg!(unix)));

    let out = tempfile::tempdir().unwrap();
    let target = out.path().join("greeter");
    extract(&bundle[..], &Limits::default(), &target, false).unwrap();
    assert_eq!(tree(&target), tree(dir.path()));
    // Packing what was extracted gives the same bytes again.
    assert_eq!(pack(&target).0, bundle);
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let (first, second) = (awkward(), awkward());
    // What must not matter: times, the order of creation, permissions of others, empty folders.
    for (path, data) in tree(second.path()).into_iter().rev() {
        let Some(data) = data else { continue };
        let path = second.path().join(path);
        let permissions = path.metadata().unwrap().permissions();
        fs::remove_file(&path).unwrap();
        fs::write(&path, data).unwrap();
        fs::set_permissions(&path, permissions).unwrap();
        let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    fs::create_dir(second.path().join("nothing")).unwrap();
    assert_eq!(pack(first.path()).0, pack(second.path()).0);
}

#[test]
fn the_bytes_stay_the_same_from_release_to_release() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "skill.package.yml", MANIFEST);
    let (bundle, _) = pack(dir.path());
    // ID1 ID2, deflate, no flags, no time, no extra flags, unknown system.
    assert_eq!(bundle[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    let mut tar = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&bundle[..]), &mut tar).unwrap();
    let mut expected = vec![0; 2048];
    for (at, field) in [
        (0, "skill.package.yml"),
        (100, "0000644"),
        (108, "0000000"),
        (116, "0000000"),
        (124, "00000000043"),
        (136, "07033241600"),
        (156, "0"),
        (257, "ustar"),
        (263, "00"),
        (512, MANIFEST),
    ] {
        expected[at..at + field.len()].copy_from_slice(field.as_bytes());
    }
    tar[148..156].fill(0);
    assert!(tar == expected, "{}", String::from_utf8_lossy(&tar));
}

/// The compressor is `miniz_oxide`, pinned by the features of `flate2`. If this fails after an update
/// of dependencies, packing gives other bytes than before: a dependency has turned another compressor
/// on, or `miniz_oxide` itself compresses differently. Both break what authors compare by digest, so
/// a new digest here is a decision to be told of, not a formality.
#[cfg(unix)]
#[test]
fn the_digest_of_a_bundle_is_the_same_on_every_machine() {
    let dir = awkward();
    // Text in which a compressor has choices to make: words that come back, by a fixed generator.
    let mut state = 1_u32;
    let words = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ["skill", "bundle", "the", "registry", "of", "agents"][(state >> 16) as usize % 6]
    });
    write(
        dir.path(),
        "words",
        words.take(50_000).collect::<Vec<_>>().join(" "),
    );
    let (_, packed) = pack(dir.path());
    assert_eq!(
        (packed.hash.to_string().as_str(), packed.size),
        (
            "sha256:f6638a872562383aafa48c10bbc3c4cf09d9e3e80dcbfcc84446ce3a8006d120",
            33_808
        )
    );
}

#[test]
fn leaves_out_what_does_not_belong_in_a_bundle() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path();
    let kept = [
        "SKILL.md",
        "build.sh",
        "environment",
        "kept.txt",
        "keys/id_rsa.pub",
        "keys/key",
        "log",
        "out.txt",
        "skill.package.yml",
        "src/kept.tmp.txt",
        "sub/target.md",
    ];
    let left_out = [
        ".env",
        ".env.local",
        ".gitignore",
        ".enactignore",
        ".git/config",
        ".hidden/file",
        ".svn/x",
        "a.log",
        "build/x",
        "deep/er/server.PEM",
        "dist/x",
        "ignored-by-enact",
        "node_modules/a/index.js",
        "out/x",
        "private.key",
        "keys/id_rsa",
        "keys/store.P12",
        "prod.env",
        "infra/terraform.tfvars",
        "src/__pycache__/a.pyc",
        "src/scratch.tmp",
        "sub/only-here",
        "sub/.env",
        "target/debug/x",
        "vendor/x",
        "CVS/Root",
        "gone/by/folder",
    ];
    for path in kept.iter().chain(&left_out) {
        write(at, path, MANIFEST);
    }
    // Ignore files can leave more out, but neither the manifests nor what is never packed in.
    write(
        at,
        ".gitignore",
        "*.tmp\n*.yml\nSKILL.md\n/gone/\n!.env\n!build\n!*.key\n",
    );
    write(at, ".enactignore", "/ignored-by-enact\n");
    write(at, "sub/.gitignore", "only-here\n");
    write(at, "SKILL.md", "");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc/passwd", at.join("link")).unwrap();
        std::os::unix::fs::symlink("/etc", at.join("folder-link")).unwrap();
    }
    let skill = SkillFolder::read(at).unwrap();
    let packed: Vec<_> = skill.files.into_iter().map(|file| file.path).collect();
    assert_eq!(packed, kept);
    let secrets: Vec<_> = skill
        .left_out
        .into_iter()
        .filter(|left_out| left_out.because == LeftOutBecause::MayBeSecret)
        .map(|left_out| left_out.path)
        .collect();
    assert_eq!(
        secrets,
        [
            "deep/er/server.PEM",
            "infra/terraform.tfvars",
            "keys/id_rsa",
            "keys/store.P12",
            "private.key",
            "prod.env",
        ]
    );
}

#[cfg(unix)]
#[test]
fn links_are_left_out_and_named() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "skill.package.yml", MANIFEST);
    std::os::unix::fs::symlink("/etc", dir.path().join("etc")).unwrap();
    let skill = SkillFolder::read(dir.path()).unwrap();
    assert_eq!(skill.files.len(), 1);
    let left_out = LeftOut {
        path: "etc".to_owned(),
        because: LeftOutBecause::Link,
    };
    assert_eq!(skill.left_out, [left_out]);
}

#[test]
fn a_bundle_does_not_hold_bundles_of_its_own_skill() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "skill.package.yml", MANIFEST);
    let before = pack(dir.path()).0;
    let (name, version) = (
        "alice/greeter".parse().unwrap(),
        "0.9.0-rc.1".parse().unwrap(),
    );
    let file = bundle_file_name(&name, &version);
    assert_eq!(file, "alice-greeter-0.9.0-rc.1.tar.gz");
    for own in [file.as_str(), "bundle.tar.gz"] {
        write(dir.path(), own, &before);
    }
    assert_eq!(pack(dir.path()).0, before);
    for other in ["data/bundle.tar.gz", "alice-other-1.0.0.tar.gz"] {
        write(dir.path(), other, "");
    }
    assert_eq!(SkillFolder::read(dir.path()).unwrap().files.len(), 3);
}

fn refused(limits: &Limits, files: &[&str]) -> PackError {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "skill.package.yml", MANIFEST);
    for path in files {
        write(dir.path(), path, "12345");
    }
    SkillFolder::read_within(dir.path(), limits).unwrap_err()
}

#[test]
fn refuses_before_packing_what_the_registry_would_refuse() {
    let limits = Limits {
        max_entries: 3,
        max_unpacked_bytes: 50,
    };
    let error = refused(&limits, &["a/x", "b"]);
    assert!(
        matches!(error, PackError::OverLimit(OverLimit::Entries(3))),
        "{error}"
    );
    let error = refused(&limits, &["a/ü"]);
    assert!(
        matches!(error, PackError::OverLimit(OverLimit::Entries(3))),
        "{error}"
    );
    let error = refused(
        &Limits {
            max_entries: 9,
            ..limits
        },
        &["a", "b", "c", "d"],
    );
    assert!(
        matches!(error, PackError::OverLimit(OverLimit::Bytes(50))),
        "{error}"
    );
    assert!(error.to_string().contains(".enactignore"), "{error}");
    let deep = "d/".repeat(33) + "f";
    for (path, expected) in [
        (
            "c:x",
            "\"c:x\": the path starts with a drive; rename it or add it to .enactignore",
        ),
        ("a\\b", "\"a\\\\b\": the path has a backslash"),
        ("a\nb", "\"a\\nb\": the path has a control character"),
        (deep.as_str(), "more than 32 folders deep"),
    ] {
        let message = refused(&Limits::default(), &[path]).to_string();
        assert!(message.contains(expected), "{path:?}: {message}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn refuses_names_that_other_systems_cannot_hold() {
    use std::os::unix::ffi::OsStrExt as _;
    let error = refused(&Limits::default(), &["README", "readme"]);
    assert!(
        error
            .to_string()
            .contains("\"readme\": the file occurs twice"),
        "{error}"
    );

    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "skill.package.yml", MANIFEST);
    fs::write(dir.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9")), "").unwrap();
    let error = SkillFolder::read(dir.path()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("caf\u{fffd}\": the path is not UTF-8"),
        "{error}"
    );
}

#[test]
fn refuses_an_ignore_file_that_it_cannot_understand() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "skill.package.yml", MANIFEST);
    write(dir.path(), ".enactignore", "[z-a]\n");
    let error = SkillFolder::read(dir.path()).unwrap_err();
    assert!(matches!(error, PackError::List(_)), "{error}");
}

#[test]
fn notices_a_file_that_changed_since_the_folder_was_read() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "skill.package.yml", MANIFEST);
    write(dir.path(), "data", "12345");
    let skill = SkillFolder::read(dir.path()).unwrap();
    for now in ["123456", "1234", ""] {
        write(dir.path(), "data", now);
        let error = skill.pack(std::io::sink()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"data\" changed while it was packed; try again"
        );
    }
    fs::remove_file(dir.path().join("data")).unwrap();
    let error = skill.pack(std::io::sink()).unwrap_err();
    assert!(matches!(error, PackError::Read { .. }), "{error}");
}

#[test]
fn tells_of_every_piece_and_stops_when_told_to() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "skill.package.yml", MANIFEST);
    write(dir.path(), "data", vec![7; 200_000]);
    let skill = SkillFolder::read(dir.path()).unwrap();
    let mut sizes = Vec::new();
    let watch = |size| {
        sizes.push(size);
        Ok(())
    };
    let packed = skill.pack_watched(std::io::sink(), watch).unwrap();
    assert_eq!(sizes.iter().sum::<u64>(), packed.unpacked_bytes);
    assert!(sizes.iter().all(|size| *size <= 64 * 1024), "{sizes:?}");
    let error = skill.pack_watched(std::io::sink(), |_| Err(Stopped));
    assert!(matches!(error, Err(PackError::Stopped(_))), "{error:?}");
}

#[test]
fn says_that_there_is_no_folder() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "file", "");
    for path in ["file", "missing"] {
        let error = SkillFolder::read(&dir.path().join(path)).unwrap_err();
        assert!(matches!(error, PackError::NotAFolder(_)), "{error}");
    }
}
