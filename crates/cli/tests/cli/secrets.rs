//! Likely secrets, as `enact validate`, `pack` and `publish` tell of them.

use enact_types::Token;

use crate::publish::author;
use crate::sandbox::Sandbox;

/// No registry is asked.
const NOBODY: &str = "http://127.0.0.1:9";

/// With a token of a registry in a script, and the token.
fn leaking(comment: &str) -> (Sandbox, String) {
    let token = Token::new(*b"twenty-four random bytes").expose().to_owned();
    let sandbox = author();
    let script = format!("echo hello\ncurl -H \"Authorization: {token}\" x {comment}\n");
    sandbox.write("project/scripts/greet.sh", &script);
    (sandbox, token)
}

#[test]
fn every_command_warns_and_none_shows_the_secret() {
    for args in [
        &["validate"][..],
        &["validate", "--json"],
        &["pack", "-f"],
        &["pack", "-f", "--json"],
        &["publish", "--dry-run"],
        &["publish", "--dry-run", "--json"],
    ] {
        let (sandbox, token) = leaking("");
        let ended = sandbox.enact(NOBODY, args).success();
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(
            said.contains("this looks like an Enact token: enact_…"),
            "{args:?}: {said}"
        );
        assert!(said.contains("likely-secret"), "{args:?}: {said}");
        assert!(!said.contains(&token[..20]), "{args:?}: {said}");
        let strict = sandbox.enact(NOBODY, &[args, &["--strict"]].concat());
        assert_eq!(strict.code, 1, "{args:?}: {strict:?}");
    }
}

#[test]
fn the_line_and_the_column_are_named() {
    let (sandbox, _) = leaking("");
    let ended = sandbox.enact(NOBODY, &["validate"]).success();
    assert!(
        ended.stdout.starts_with("scripts/greet.sh:2:25: warning:"),
        "{ended:?}"
    );
}

#[test]
fn a_comment_says_that_it_is_none() {
    let (sandbox, _) = leaking("# enact:allow-secret");
    let ended = sandbox.enact(NOBODY, &["validate", "--strict"]).success();
    assert!(!ended.stdout.contains("secret"), "{ended:?}");
}

#[test]
fn files_too_large_to_be_searched_whole_are_named() {
    let (sandbox, _) = leaking("# enact:allow-secret");
    sandbox.write("project/large.txt", &"text\n".repeat(300_000));
    let ended = sandbox.enact(NOBODY, &["validate"]).success();
    assert!(
        ended
            .stderr
            .contains("the first 1.0 MiB were searched for secrets: large.txt"),
        "{ended:?}"
    );
    let ended = sandbox.enact(NOBODY, &["validate", "--json"]).success();
    assert_eq!(ended.json()["partlyScanned"][0], "large.txt");
}
