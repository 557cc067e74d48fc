//! With the `tar` command of the system, which existing clients use. Without one there is nothing
//! to agree with, and the tests say so.

use std::path::Path;
use std::process::{Command, Stdio};

use enact_bundle::{Limits, extract, inspect};

use crate::extracting::tree;
use crate::packing::{awkward, pack};

/// Runs `tar` with `input`, and gives what it writes; `None` if there is no GNU tar.
fn tar(dir: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let version = Command::new("tar").arg("--version").output().ok()?;
    if !String::from_utf8_lossy(&version.stdout).contains("GNU tar") {
        return None;
    }
    let output = Command::new("tar")
        .args(arguments)
        .current_dir(dir)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && complaints.is_empty(),
        "{arguments:?}: {complaints}"
    );
    Some(output.stdout)
}

#[test]
fn reads_what_system_tar_writes() {
    let dir = awkward();
    let files = tree(dir.path());
    for format in ["gnu", "oldgnu", "pax", "posix", "ustar"] {
        let format_argument = format!("--format={format}");
        let mut arguments = vec!["-czf", "-", &format_argument];
        if format == "ustar" {
            // Names that ustar cannot hold.
            arguments.extend(["--exclude=nnn*", "--exclude=long", "--exclude=ddd*"]);
        }
        arguments.push(".");
        let Some(bundle) = tar(dir.path(), &arguments) else {
            return;
        };
        let out = tempfile::tempdir().unwrap();
        let target = out.path().join("greeter");
        let contents = extract(&bundle[..], &Limits::default(), &target, false)
            .unwrap_or_else(|error| panic!("{format}: {error}"));
        let executable: Vec<_> = contents
            .files
            .iter()
            .filter(|file| file.executable)
            .collect();
        assert_eq!(executable.len(), 1, "{format}");
        assert_eq!(executable[0].path, "scripts/greet.sh");
        if format == "ustar" {
            assert!(contents.files.len() > 6, "{format}");
        } else {
            assert_eq!(tree(&target), files, "{format}");
        }
    }
}

#[test]
fn reads_a_list_of_files_as_the_existing_client_packs_it() {
    let dir = awkward();
    let Some(bundle) = tar(
        dir.path(),
        &[
            "-czf",
            "-",
            "SKILL.md",
            "skill.package.yml",
            "scripts/greet.sh",
        ],
    ) else {
        return;
    };
    let contents = inspect(&bundle[..], &Limits::default()).unwrap();
    let paths: Vec<_> = contents
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(paths, ["SKILL.md", "scripts/greet.sh", "skill.package.yml"]);
}

#[test]
fn refuses_links_that_system_tar_writes() {
    let dir = awkward();
    let at = dir.path();
    std::fs::hard_link(at.join("SKILL.md"), at.join("hard")).unwrap();
    let Some(bundle) = tar(at, &["-czf", "-", "SKILL.md", "hard"]) else {
        return;
    };
    let error = inspect(&bundle[..], &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("hard link"), "{error}");
}

#[test]
fn system_tar_reads_what_is_packed() {
    let dir = awkward();
    let out = tempfile::tempdir().unwrap();
    std::fs::write(out.path().join("bundle.tar.gz"), pack(dir.path()).0).unwrap();
    let target = out.path().join("greeter");
    std::fs::create_dir(&target).unwrap();
    if tar(&target, &["-xzf", "../bundle.tar.gz"]).is_none() {
        return;
    }
    assert_eq!(tree(&target), tree(dir.path()));
    // Extracted and packed again, so modes survived as well.
    assert_eq!(pack(&target).0, pack(dir.path()).0);
}
