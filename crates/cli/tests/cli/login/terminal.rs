//! A token that is pasted at a terminal.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::Stdio;

use enact_testkit::until;
use rustix::termios::{LocalModes, tcgetattr};

use super::Team;
use super::page::page;
use crate::sandbox::signal;
use crate::terminal::terminal;

fn shows_what_is_typed(terminal: &File) -> bool {
    let modes = tcgetattr(terminal).unwrap().local_modes;
    modes.contains(LocalModes::ECHO)
}

#[test]
fn what_is_pasted_is_not_shown() {
    let team = Team::new();
    let token = team.token();
    let (mut person, program) = terminal();
    let vars = [("ENACT_REGISTRY_URL", &*team.server.url)];
    let mut command = team.sandbox.command(&vars, &["login", "--no-browser"]);
    command
        .stdin(program.try_clone().unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    page(&mut child);
    let stderr = child.stderr.as_mut().unwrap();
    // Whatever comes after the question is typed.
    let mut asked = Vec::new();
    while !asked.ends_with(b"):") {
        let mut byte = [0];
        stderr.read_exact(&mut byte).unwrap();
        asked.push(byte[0]);
    }
    assert!(!shows_what_is_typed(&program));
    person.write_all(format!("{token}\n").as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(shows_what_is_typed(&program));
    // What the terminal has shown, up to a mark.
    person.write_all(b"mark\n").unwrap();
    let mut shown = String::new();
    while !shown.contains("mark") {
        let mut bytes = [0; 4096];
        let count = person.read(&mut bytes).unwrap();
        shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    assert!(!shown.contains("enact_"), "{shown}");
    assert_eq!(team.whoami(&[], &[]).0, "alice");
}

#[test]
fn a_terminal_is_left_as_it_was_when_the_wait_is_broken_off() {
    let team = Team::new();
    let (_person, program) = terminal();
    let vars = [("ENACT_REGISTRY_URL", &*team.server.url)];
    let mut command = team.sandbox.command(&vars, &["login", "--no-browser"]);
    command
        .stdin(program.try_clone().unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    page(&mut child);
    // Soon after the address.
    until(&mut child, || !shows_what_is_typed(&program));
    signal("INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(shows_what_is_typed(&program));
}
