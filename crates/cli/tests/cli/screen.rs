//! What a terminal shows: how wide, in which colours, and how much.

use std::process::Command;

use crate::published::Published;
use crate::registry::{Answer, Registry};
use crate::sandbox::Sandbox;
use crate::terminal::shown;

const CAT: [&str; 3] = ["cat", "alice/greeter@1.0.0", "noise.txt"];

fn at_terminal(sandbox: &Sandbox, registry: &str, terminal: &str, args: &[&str]) -> Command {
    let vars = [("ENACT_REGISTRY_URL", registry), ("TERM", terminal)];
    sandbox.command(&vars, args)
}

#[test]
fn a_file_that_is_too_large_to_be_shown_can_be_sent_to_a_file() {
    let sandbox = Sandbox::new();
    let content = vec![b'x'; 9 << 20];
    for (answer, size) in [
        (Answer::bytes(200, &content), "the file has 9.0 MiB"),
        (
            Answer::until_close(&content),
            "the file has more than 8.0 MiB",
        ),
    ] {
        let registry = Registry::start(move |_| answer.clone());
        let command = at_terminal(&sandbox, &registry.url, "xterm", &CAT);
        let screen = shown(command, 200, 24);
        let ended = sandbox.enact(&registry.url, &[&CAT[..], &["--json"]].concat());
        assert_eq!(ended.code, 1);
        assert_eq!(ended.json()["error"]["code"], "FILE_TOO_LARGE");
        for told in [&screen, &ended.stderr] {
            assert!(told.contains(size), "{told}");
            assert!(told.contains("enact cat … > FILE"), "{told}");
        }
        let piped = sandbox.enact(&registry.url, &CAT).success();
        assert_eq!(piped.stdout.len(), content.len());
    }
}

#[test]
fn a_terminal_that_is_dumb_gets_neither_colours_nor_styles() {
    let registry = Published::greeters(&["1.0.0"]);
    let sandbox = Sandbox::new();
    for args in [&["learn", "alice/greeter"][..], &["info", "nobody/nothing"]] {
        let on = |terminal| {
            let command = at_terminal(&sandbox, &registry.url, terminal, args);
            shown(command, 80, 24)
        };
        assert!(on("xterm").contains('\u{1b}'), "{args:?}");
        assert!(!on("dumb").contains('\u{1b}'), "{args:?}");
    }
}

#[test]
fn a_terminal_without_a_size_is_as_wide_as_usual() {
    let registry = Published::new();
    let text = "word ".repeat(60);
    registry.publish("alice/greeter", "1.0.0", &[("SKILL.md", &text)]);
    let sandbox = Sandbox::new();
    for (columns, rows, expected) in [(0, 0, 80), (60, 24, 60)] {
        let args = ["learn", "alice/greeter"];
        let command = at_terminal(&sandbox, &registry.url, "dumb", &args);
        let screen = shown(command, columns, rows);
        let longest = screen.lines().map(str::len).max().unwrap();
        assert!((expected - 5..=expected).contains(&longest), "{screen}");
    }
}
