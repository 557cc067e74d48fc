//! Every exit code that `enact --help` names, once each.

use crate::bundles::Bundle;
use crate::registry::{Answer, Registry};
use crate::sandbox::Sandbox;
use crate::served::Served;

/// The codes, and the suites and tests that have them.
const CODES: [(i32, &str); 7] = [
    (0, "exit::code_0"),
    (1, "exit::code_1"),
    (2, "exit::code_2"),
    // Only an import from the existing server refuses rows, which the suite `import` has.
    (3, "import: takeover"),
    (104, "exit::code_104"),
    (105, "exit::code_105"),
    (130, "exit::code_130"),
];

#[test]
fn the_codes_are_those_of_the_help() {
    let help = Sandbox::new().enact_with(&[], &["--help"]).success().stdout;
    let (_, codes) = help.split_once("Exit codes:").unwrap();
    let words = codes.split(|char: char| !char.is_ascii_alphanumeric());
    let named: Vec<i32> = words.filter_map(|word| word.parse().ok()).collect();
    assert_eq!(named, CODES.map(|(code, _)| code));
}

#[test]
fn code_0() {
    let ended = Sandbox::new().enact_with(&[], &["--version"]);
    assert_eq!(ended.code, 0, "{ended:?}");
}

#[test]
fn code_1() {
    let ended = Served::new().enact(&["info", "alice/missing"]);
    assert_eq!(ended.code, 1, "{ended:?}");
}

#[test]
fn code_2() {
    let ended = Sandbox::new().enact_with(&[], &["install", "--backwards"]);
    assert_eq!(ended.code, 2, "{ended:?}");
}

#[test]
fn code_104() {
    let bundle = Bundle::greeter("1.0.0");
    let other = Registry::with(&bundle, |request| {
        let is_download = request.path.ends_with("/download");
        is_download.then(|| Answer::bytes(200, b"something else"))
    });
    let ended = Sandbox::new().enact(&other.url, &["install", &bundle.name]);
    assert_eq!(ended.code, 104, "{ended:?}");
}

#[test]
fn code_105() {
    let served = Served::new();
    for command in ["install", "inspect"] {
        let ended = served.enact(&[command, "alice/missing"]);
        assert_eq!(ended.code, 105, "{ended:?}");
    }
}

#[test]
fn code_130() {
    let bundle = Bundle::greeter("1.0.0");
    let (registry, is_asked, _go_on) = Registry::stalling(&bundle);
    let sandbox = Sandbox::new();
    let running = sandbox.start(&registry.url, &["install", &bundle.name]);
    is_asked.recv().unwrap();
    running.signal("INT");
    let ended = running.wait();
    assert_eq!(ended.code, 130, "{ended:?}");
}
