//! The cache of bundles.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use crate::bundles::{Bundle, entry};
use crate::published::Published;
use crate::registry::Registry;
use crate::sandbox::Sandbox;

const CACHE: &str = "home/.enact/cache/bundles";
const GREETING: &str = "home/.agents/skills/alice/greeter/lib/greeting";

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:1";

/// The bundles in the cache, sorted.
fn bundles(sandbox: &Sandbox) -> Vec<PathBuf> {
    let Ok(files) = fs::read_dir(sandbox.path(CACHE)) else {
        return Vec::new();
    };
    let paths = files.map(|file| file.unwrap().path());
    let mut bundles: Vec<_> = paths
        .filter(|path| path.to_str().unwrap().ends_with(".tar.gz"))
        .collect();
    bundles.sort();
    bundles
}

fn uninstall_by_hand(sandbox: &Sandbox) {
    fs::remove_dir_all(sandbox.path("home/.agents")).unwrap();
}

#[test]
fn what_was_downloaded_once_serves_every_project() {
    let registry = Published::greeters(&["1.0.0"]);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter"];
    sandbox.enact(&registry.url, &args).success();
    assert_eq!(bundles(&sandbox).len(), 1);
    uninstall_by_hand(&sandbox);
    for record in ["skills.json", "skills.lock"] {
        fs::remove_file(sandbox.path("project/agents").join(record)).unwrap();
    }
    let url = registry.url.clone();
    drop(registry);

    // A new project, and no registry.
    let args = ["install", "alice/greeter@^1", "--offline", "--json"];
    let ended = sandbox.enact(&url, &args).success();
    assert_eq!(ended.json()["source"], "cache");
    assert_eq!(sandbox.read(GREETING), "hello from 1.0.0\n");
    uninstall_by_hand(&sandbox);
    for args in [&["install", "--offline"][..], &["install"]] {
        sandbox.enact(NOWHERE, args).success();
        assert_eq!(sandbox.read(GREETING), "hello from 1.0.0\n");
        uninstall_by_hand(&sandbox);
    }
}

#[test]
fn offline_says_all_that_is_missing_and_asks_nobody() {
    let bundle = Bundle::greeter("1.0.0");
    let registry = Registry::with(&bundle, |_| None);
    let sandbox = Sandbox::new();
    let list = r#"{"tools": {"alice/greeter": "1.0.0", "bob/waver": "^2"}}"#;
    sandbox.write("project/agents/skills.json", list);
    let before = sandbox.tree();
    let ended = sandbox.enact(&registry.url, &["install", "--offline"]);
    assert_eq!(ended.code, 105, "{ended:?}");
    for part in ["alice/greeter@1.0.0", "bob/waver@^2"] {
        assert!(ended.stderr.contains(part), "{ended:?}");
    }
    assert_eq!(sandbox.tree(), before);
    assert!(registry.log().is_empty());
}

#[test]
fn a_damaged_bundle_is_dropped_and_fetched_again() {
    let registry = Published::greeters(&["1.0.0"]);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter"];
    sandbox.enact(&registry.url, &args).success();
    let bundle = bundles(&sandbox).remove(0);
    let good = fs::read(&bundle).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    for damage in [flipped, good[..good.len() - 1].to_vec(), Vec::new()] {
        fs::write(&bundle, &damage).unwrap();
        uninstall_by_hand(&sandbox);
        let offline = sandbox.enact(NOWHERE, &["install", "--offline"]);
        assert_eq!(offline.code, 105, "{offline:?}");
        assert!(!sandbox.path(GREETING).exists());
        fs::write(&bundle, &damage).unwrap();
        sandbox.enact(NOWHERE, &["install"]).success();
        assert_eq!(sandbox.read(GREETING), "hello from 1.0.0\n");
        assert_eq!(fs::read(&bundle).unwrap(), good);
    }
}

/// Somebody else may write to a cache that several share: opening a pipe would wait for ever.
#[test]
fn what_is_no_file_is_a_damaged_bundle() {
    let registry = Published::greeters(&["1.0.0"]);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter", "--json"];
    sandbox.enact(&registry.url, &args).success();
    let bundle = bundles(&sandbox).remove(0);
    let target = sandbox.path("target");
    fs::rename(&bundle, &target).unwrap();
    let pipe = || {
        let made = Command::new("mkfifo").arg(&bundle).status();
        assert!(made.unwrap().success());
    };
    let link = || std::os::unix::fs::symlink(&target, &bundle).unwrap();
    let folder = || fs::create_dir(&bundle).unwrap();
    let damages: [&dyn Fn(); 3] = [&pipe, &link, &folder];
    for damage in damages {
        damage();
        uninstall_by_hand(&sandbox);
        let doctor = sandbox.enact(&registry.url, &["doctor"]);
        assert!(doctor.stdout.contains("damaged"), "{doctor:?}");
        let ended = sandbox.enact(&registry.url, &args).success();
        assert_eq!(ended.json()["source"], "registry");
        let _ = fs::remove_dir(&bundle);
        let _ = fs::remove_file(&bundle);
    }
}

#[test]
fn what_was_not_used_for_the_longest_time_goes() {
    let registry = Published::new();
    let sandbox = Sandbox::new();
    // Half a mebibyte each that no compression makes smaller.
    let noise = |seed: u64| {
        let mut state = seed;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
        };
        (0..500_000).map(|_| next()).collect::<String>()
    };
    let install = |name: &str| {
        let vars = [
            ("ENACT_REGISTRY_URL", &*registry.url),
            ("ENACT_CACHE_MAX_SIZE_MB", "1"),
        ];
        sandbox
            .enact_with(&vars, &["install", name, "--force"])
            .success();
    };
    let mut by_name = Vec::new();
    for (number, name) in ["a/one", "a/two", "a/three"].into_iter().enumerate() {
        registry.publish(name, "1.0.0", &[("SKILL.md", &noise(number as u64 + 1))]);
        let before = bundles(&sandbox);
        install(name);
        let after = bundles(&sandbox);
        let new = after.iter().find(|path| !before.contains(path)).cloned();
        by_name.push(new.unwrap());
        if number == 1 {
            // The first was used after the second.
            for (path, seconds) in [(&by_name[0], 2_000), (&by_name[1], 1_000)] {
                let file = fs::File::options().write(true).open(path).unwrap();
                file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds))
                    .unwrap();
            }
        }
    }
    let left = bundles(&sandbox);
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(!left.contains(&by_name[1]));
    // Using one makes it the newest.
    install("a/one");
    let used = fs::metadata(&by_name[0]).unwrap().modified().unwrap();
    assert!(used > UNIX_EPOCH + Duration::from_secs(1_000_000));
}

#[test]
fn a_bundle_that_is_refused_is_not_kept() {
    let hostile = Bundle::holding("1.0.0", &[entry("../../evil", 0o644, b"x")]);
    let registry = Registry::with(&hostile, |_| None);
    let sandbox = Sandbox::new();
    let ended = sandbox.enact(&registry.url, &["install", "alice/greeter"]);
    assert_eq!(ended.code, 104);
    assert!(bundles(&sandbox).is_empty());
}

#[test]
fn can_be_looked_at_and_cleaned() {
    let registry = Published::greeters(&["1.0.0"]);
    let sandbox = Sandbox::new();
    let info = |sandbox: &Sandbox| {
        let args = ["cache", "info", "--json"];
        sandbox.enact(NOWHERE, &args).success().json()
    };
    assert_eq!(info(&sandbox)["bundles"], 0);
    sandbox
        .enact(&registry.url, &["install", "alice/greeter"])
        .success();
    let used = info(&sandbox);
    assert_eq!(used["bundles"], 1);
    assert_eq!(used["directory"], sandbox.path(CACHE).to_str().unwrap());
    assert_eq!(used["maxSize"], 1024 * 1024 * 1024);
    let text = sandbox.enact(NOWHERE, &["cache", "info"]).success();
    assert!(text.stdout.contains("1.0 GiB"), "{text:?}");

    let cleaned = sandbox.enact(NOWHERE, &["cache", "clean", "--json"]);
    let cleaned = cleaned.success().json();
    assert_eq!(cleaned["removed"], 1);
    assert_eq!(cleaned["freed"], used["totalSize"]);
    assert_eq!(info(&sandbox)["bundles"], 0);
    assert!(sandbox.path(GREETING).exists(), "what is installed stays");
}

#[test]
fn what_others_keep_beside_it_is_left_alone() {
    let registry = Published::greeters(&["1.0.0"]);
    let sandbox = Sandbox::new();
    for path in ["home/.enact/cache/theirs/file", "home/.enact/cache/file"] {
        sandbox.write(path, "theirs");
    }
    sandbox
        .enact(&registry.url, &["install", "alice/greeter"])
        .success();
    sandbox.enact(NOWHERE, &["cache", "clean"]).success();
    for path in ["home/.enact/cache/theirs/file", "home/.enact/cache/file"] {
        assert_eq!(sandbox.read(path), "theirs");
    }
}

#[test]
fn one_that_others_may_write_is_as_good_as_empty() {
    let registry = Published::greeters(&["1.0.0"]);
    let sandbox = Sandbox::new();
    let install = ["install", "alice/greeter@^1", "--force"];
    sandbox.enact(&registry.url, &install).success();
    let before = bundles(&sandbox);
    let set = |mode| {
        let permissions = Permissions::from_mode(mode);
        fs::set_permissions(sandbox.path(CACHE), permissions).unwrap();
    };
    for mode in [0o777, 0o770, 0o702] {
        set(mode);
        let offline = [&install[..], &["--offline"]].concat();
        let ended = sandbox.enact(&registry.url, &offline);
        assert_eq!(ended.code, 105, "{mode:o}: {ended:?}");
        let why = "is not used: other users of this machine can write it";
        assert!(ended.stderr.contains(why), "{ended:?}");
        let json = [&install[..], &["--json"]].concat();
        let ended = sandbox.enact(&registry.url, &json).success();
        assert_eq!(ended.json()["source"], "registry", "{mode:o}");
        for command in ["doctor", "cache info"] {
            let args: Vec<_> = command.split(' ').collect();
            let told = sandbox.enact(&registry.url, &args);
            let said = format!("{}{}", told.stdout, told.stderr);
            assert!(
                said.contains(why) && said.contains("chmod go-w"),
                "{told:?}"
            );
        }
    }
    assert_eq!(bundles(&sandbox), before);
    set(0o755);
    let offline = [&install[..], &["--offline"]].concat();
    sandbox.enact(&registry.url, &offline).success();
}
