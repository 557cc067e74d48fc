//! Every kind of bundle that is refused, and what its author reads.

mod containers;
mod headers;
mod kinds;
mod manifests;
mod paths;
mod version_control;

use enact_bundle::{Limits, extract, inspect};

use crate::archive::{Archive, Head, pax};

/// What is wrong, the bundle, and a part of the message.
type Case = (&'static str, Vec<u8>, &'static str);

/// A valid archive with one file of this path.
fn path(path: impl AsRef<[u8]>) -> Vec<u8> {
    Archive::new().file(path, "x").gz()
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
        containers::containers(),
        paths::paths(),
        paths::names(),
        version_control::version_control(),
        kinds::kinds(),
        kinds::extensions(),
        headers::headers(),
        manifests::manifests(),
        manifests::yaml(),
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
