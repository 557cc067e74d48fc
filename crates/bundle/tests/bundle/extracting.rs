//! The target is complete or untouched.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use enact_bundle::{BundleError, Durability, Limits, extract, inspect, set_aside, unpack};

use crate::archive::{Archive, Head, MANIFEST};

/// Every file and folder below `dir`, with its content.
pub(crate) fn tree(dir: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                found.insert(name, None);
                open.push(path);
            } else {
                found.insert(name, Some(fs::read(path).unwrap()));
            }
        }
    }
    found
}

fn sample() -> Archive {
    Archive::default()
        .file("SKILL.md", "# Greeter\n")
        .file("lib/deep/data.bin", [0, 255, 10, 13])
        .entry(b'5', "empty/", "")
        .file("lib/nothing", "")
        .file("skill.package.yml", MANIFEST)
}

#[test]
fn writes_all_files_and_folders_and_makes_missing_parents() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("a/b/greeter");
    let bundle = sample().gz();
    let contents = extract(&bundle[..], &Limits::default(), &target, false).unwrap();
    assert_eq!(contents, inspect(&bundle[..], &Limits::default()).unwrap());
    let expected: BTreeMap<_, _> = [
        ("SKILL.md", Some(b"# Greeter\n".to_vec())),
        ("empty", None),
        ("lib", None),
        ("lib/deep", None),
        ("lib/deep/data.bin", Some(vec![0, 255, 10, 13])),
        ("lib/nothing", Some(vec![])),
        ("skill.package.yml", Some(MANIFEST.as_bytes().to_vec())),
    ]
    .map(|(path, data)| (path.to_owned(), data))
    .into();
    assert_eq!(tree(&target), expected);
    let beside = fs::read_dir(dir.path().join("a/b")).unwrap().count();
    assert_eq!(beside, 1);
}

#[cfg(unix)]
#[test]
fn keeps_of_the_mode_only_whether_it_can_be_executed() {
    use std::os::unix::fs::PermissionsExt as _;
    let with_mode = |name: &str, mode: &str| {
        let mut head = Head::new(b'0', name, 0);
        head.mode = format!("{mode}\0").into_bytes();
        head
    };
    let bundle = Archive::new()
        .head(&with_mode("setuid", "0006711"), "")
        .head(&with_mode("open", "0001666"), "")
        .head(&with_mode("closed", "0000000"), "")
        .gz();
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("target");
    extract(&bundle[..], &Limits::default(), &target, false).unwrap();
    // The umask of whoever runs this may take bits away, but never from the owner.
    for (name, owner) in [
        ("setuid", 0o700),
        ("open", 0o600),
        ("closed", 0o600),
        ("", 0o700),
    ] {
        let mode = target.join(name).metadata().unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode & 0o7700, owner, "{name}: {mode:o}");
        assert_eq!(mode & 0o022, 0, "{name}: {mode:o}");
    }
}

#[test]
fn a_download_cut_off_anywhere_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let bundle = sample().gz();
    for length in (0..bundle.len()).step_by(5) {
        let target = dir.path().join("skills/alice/greeter");
        let error = extract(&bundle[..length], &Limits::default(), &target, false).unwrap_err();
        assert!(!error.is_io(), "{length}: {error}");
        assert_eq!(tree(dir.path()), BTreeMap::new(), "{length}");
    }
}

#[test]
fn a_download_cut_off_anywhere_leaves_the_old_folder() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("greeter");
    extract(
        &Archive::new().file("old", "1").gz()[..],
        &Limits::default(),
        &target,
        false,
    )
    .unwrap();
    let before = tree(dir.path());
    let bundle = sample().gz();
    for length in (0..bundle.len()).step_by(7) {
        extract(&bundle[..length], &Limits::default(), &target, true).unwrap_err();
        assert_eq!(tree(dir.path()), before, "{length}");
    }
}

#[test]
fn replaces_only_when_told_and_then_wholly() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("greeter");
    let (old, new) = (
        Archive::new().file("old", "1").gz(),
        Archive::new().file("new", "2").gz(),
    );
    extract(&old[..], &Limits::default(), &target, true).unwrap();
    let before = tree(dir.path());

    let error = extract(&new[..], &Limits::default(), &target, false).unwrap_err();
    assert!(matches!(error, BundleError::TargetExists(_)), "{error}");
    assert_eq!(tree(dir.path()), before);

    extract(&new[..], &Limits::default(), &target, true).unwrap();
    let after: Vec<_> = tree(dir.path()).into_keys().collect();
    assert_eq!(
        after,
        ["greeter", "greeter/new", "greeter/skill.package.yml"]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_replaced_folder_is_never_missing() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("greeter");
    let bundle = Archive::new().gz();
    let install = || extract(&bundle[..], &Limits::default(), &target, true).unwrap();
    install();
    let done = AtomicBool::new(false);
    let missing = std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut missing = 0;
            while !done.load(Ordering::Relaxed) {
                missing += usize::from(!target.exists());
            }
            missing
        });
        for _ in 0..200 {
            install();
        }
        done.store(true, Ordering::Relaxed);
        watch.join().unwrap()
    });
    assert_eq!(missing, 0);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_replaced_folder_that_cannot_be_deleted_is_no_failure() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("greeter");
    let stuck = target.join("stuck");
    fs::create_dir_all(&stuck).unwrap();
    fs::write(stuck.join("file"), "").unwrap();
    // Keeps everyone but root from deleting the file.
    fs::set_permissions(&stuck, fs::Permissions::from_mode(0o555)).unwrap();
    extract(&Archive::new().gz()[..], &Limits::default(), &target, true).unwrap();
    assert!(target.join("skill.package.yml").exists());
    assert!(!stuck.exists());
    // So that the folder of the test can be deleted.
    for left in fs::read_dir(dir.path()).unwrap() {
        for stuck in ["stuck", "old/stuck"].map(|stuck| left.as_ref().unwrap().path().join(stuck)) {
            if stuck.exists() {
                fs::set_permissions(stuck, fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
    }
}

#[test]
fn replaces_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("greeter");
    fs::write(&target, "in the way").unwrap();
    extract(&Archive::new().gz()[..], &Limits::default(), &target, true).unwrap();
    assert!(target.is_dir());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

/// Makes what a killed extract leaves, `age` older than now.
#[cfg(unix)]
fn leave(path: &Path, age: Duration) {
    fs::create_dir(path).unwrap();
    fs::write(path.join("SKILL.md"), "").unwrap();
    let time = path.metadata().unwrap().modified().unwrap() - age;
    let folder = fs::File::open(path).unwrap();
    folder.set_modified(time).unwrap();
}

#[cfg(unix)]
#[test]
fn removes_what_a_killed_extract_left_a_day_ago() {
    let dir = tempfile::tempdir().unwrap();
    let old = Duration::from_hours(24) + Duration::from_secs(1);
    leave(&dir.path().join(".greeter.a1B2c3.partial"), old);
    let kept = [
        (".greeter.a1B2c4.partial", Duration::from_hours(23)),
        (".greeter.a1B2c3.old", old),
        (".greeter.a1B2c3d.partial", old),
        (".greeter.a1B2-3.partial", old),
        (".greeter.more.a1B2c3.partial", old),
        (".other.a1B2c3.partial", old),
        ("greeter.a1B2c3.partial", old),
    ];
    for (name, age) in kept {
        leave(&dir.path().join(name), age);
    }
    // A link to a folder that is old, and old files.
    leave(&dir.path().join("precious"), old);
    std::os::unix::fs::symlink("precious", dir.path().join(".greeter.linked.partial")).unwrap();
    let target = dir.path().join("greeter");
    extract(&Archive::new().gz()[..], &Limits::default(), &target, false).unwrap();

    assert!(!dir.path().join(".greeter.a1B2c3.partial").exists());
    for (name, _) in kept {
        assert!(dir.path().join(name).join("SKILL.md").exists(), "{name}");
    }
    assert!(dir.path().join(".greeter.linked.partial/SKILL.md").exists());
}

#[cfg(unix)]
#[test]
fn removes_what_killed_processes_left_of_many() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let dir = tempfile::tempdir().unwrap();
    let old = Duration::from_hours(24) + Duration::from_secs(1);
    let left = |name: &str| dir.path().join(name);
    fs::create_dir_all(left("a")).unwrap();
    fs::create_dir_all(left("b")).unwrap();
    for name in [
        "a/.x.a1B2c3.partial",
        "a/.y.a1B2c3.partial",
        "b/.z.a1B2c3.partial",
    ] {
        leave(&left(name), old);
    }
    leave(&left("b/.x.a1B2c3.partial"), old);
    // Not every name is text.
    let odd = OsStr::from_bytes(b"gr\xe9eter");
    leave(
        &left("b").join(OsStr::from_bytes(b".gr\xe9eter.a1B2c3.partial")),
        old,
    );
    let targets = [
        left("a/x"),
        left("a/y"),
        left("b/z"),
        left("b").join(odd),
        left("none/x"),
    ];
    let now = dir.path().metadata().unwrap().modified().unwrap();
    enact_bundle::remove_left_over(targets.iter().map(PathBuf::as_path), now);
    let in_folder = |name: &str| fs::read_dir(left(name)).unwrap().count();
    assert_eq!((in_folder("a"), in_folder("b")), (0, 1));
    assert!(left("b/.x.a1B2c3.partial").exists(), "of another target");
}

#[cfg(unix)]
#[test]
fn replaces_a_link_and_not_what_it_points_to() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("greeter");
    fs::create_dir(dir.path().join("precious")).unwrap();
    fs::write(dir.path().join("precious/file"), "mine").unwrap();
    std::os::unix::fs::symlink("precious", &target).unwrap();
    let error = extract(&Archive::new().gz()[..], &Limits::default(), &target, false).unwrap_err();
    assert!(matches!(error, BundleError::TargetExists(_)), "{error}");
    extract(&Archive::new().gz()[..], &Limits::default(), &target, true).unwrap();
    assert!(!target.symlink_metadata().unwrap().is_symlink());
    assert_eq!(fs::read(dir.path().join("precious/file")).unwrap(), b"mine");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn a_disk_that_fails_is_not_the_bundles_fault() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    let bundle = Archive::new().gz();
    for target in ["file/greeter", "file/a/b/greeter"] {
        let target = dir.path().join(target);
        let error = extract(&bundle[..], &Limits::default(), &target, false).unwrap_err();
        assert!(error.is_io(), "{error}");
    }
    let error = extract(&bundle[..], &Limits::default(), Path::new("/"), true).unwrap_err();
    assert!(error.is_io(), "{error}");
    assert_eq!(tree(dir.path()).len(), 1);
}

#[test]
fn what_is_unpacked_stands_beside_the_target_until_it_is_put_in_place() {
    for durability in [Durability::Flushed, Durability::Unflushed] {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a/greeter");
        let limits = Limits::default();
        let made = |archive: Archive| unpack(&archive.gz()[..], &limits, &target, durability);
        drop(made(sample()).unwrap());
        assert!(tree(dir.path()).is_empty(), "{durability:?}");

        let (one, other) = (made(sample()).unwrap(), made(Archive::new()).unwrap());
        assert!(!target.exists());
        let contents = one.contents().clone();
        assert_eq!(one.put_in_place(false).unwrap().keep(), contents);
        assert!(target.join("lib/deep/data.bin").exists());
        other.put_in_place(true).unwrap().keep();
        assert!(!target.join("lib").exists());
        assert_eq!(fs::read_dir(dir.path().join("a")).unwrap().count(), 1);
    }
}

#[test]
fn what_is_not_kept_is_undone() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("a/greeter");
    let limits = Limits::default();
    let made = |archive: Archive| {
        let unpacked = unpack(&archive.gz()[..], &limits, &target, Durability::Unflushed);
        unpacked.unwrap().put_in_place(true).unwrap()
    };
    let placed = made(sample());
    assert!(target.join("SKILL.md").exists());
    drop(placed);
    assert!(tree(dir.path()).is_empty(), "the parent is gone too");

    made(sample()).keep();
    let before = tree(dir.path());
    let placed = made(Archive::new());
    assert!(!target.join("lib").exists());
    drop(placed);
    assert_eq!(tree(dir.path()), before);

    let aside = set_aside(&target).unwrap().unwrap();
    assert!(!target.exists());
    drop(aside);
    assert_eq!(tree(dir.path()), before);
}

#[test]
fn parents_in_common_go_with_the_last_of_those_who_made_them() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| {
        let target = dir.path().join("skills").join(name);
        let bundle = sample().gz();
        unpack(
            &bundle[..],
            &Limits::default(),
            &target,
            Durability::Unflushed,
        )
        .unwrap()
    };
    let (one, two, three) = (at("a/x"), at("a/y"), at("b/z"));
    drop(one);
    drop(three);
    assert!(dir.path().join("skills/a").exists());
    drop(two);
    assert!(tree(dir.path()).is_empty());

    let (one, two) = (at("a/x"), at("b/y"));
    one.put_in_place(false).unwrap().keep();
    drop(two);
    assert!(dir.path().join("skills/a/x/SKILL.md").exists());
    assert!(!dir.path().join("skills/b").exists());
}

#[test]
fn removing_takes_the_folder_and_nothing_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("greeter");
    assert!(set_aside(&target).unwrap().is_none());
    extract(&sample().gz()[..], &Limits::default(), &target, false).unwrap();
    fs::write(dir.path().join("greeter2"), "").unwrap();
    set_aside(&target).unwrap().unwrap().delete().unwrap();
    assert_eq!(tree(dir.path()).len(), 1);
}

#[cfg(unix)]
#[test]
fn removing_a_link_leaves_what_it_points_to() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("precious")).unwrap();
    std::os::unix::fs::symlink("precious", dir.path().join("greeter")).unwrap();
    let aside = set_aside(&dir.path().join("greeter")).unwrap();
    aside.unwrap().delete().unwrap();
    assert_eq!(tree(dir.path()).len(), 1);
}
