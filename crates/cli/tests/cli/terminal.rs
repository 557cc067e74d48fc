//! Commands at a terminal.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::Command;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::sandbox::Ended;

/// A terminal: the person's side and the program's.
pub(crate) fn terminal() -> (File, File) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let name = ptsname(&person, Vec::new()).unwrap();
    let mut options = File::options();
    let program = options.read(true).write(true).open(name.to_str().unwrap());
    (person.into(), program.unwrap())
}

/// Runs the command with stdin and stderr on a terminal, and types `answer` when it has asked
/// something that ends with a colon and a space. Its stderr is what the terminal shows.
pub(crate) fn answer(command: Command, answer: &str) -> Ended {
    answer_after(command, answer, || {})
}

/// The same, where something happens before that is typed.
pub(crate) fn answer_after(mut command: Command, answer: &str, meanwhile: impl FnOnce()) -> Ended {
    let mut meanwhile = Some(meanwhile);
    let (mut person, program) = terminal();
    command
        // So that what it asks ends as it is written.
        .env("NO_COLOR", "1")
        .stdin(program.try_clone().unwrap())
        .stderr(program.try_clone().unwrap())
        .stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The terminal ends when nobody has the program's side open any more.
    drop((command, program));
    let mut shown = String::new();
    let mut bytes = [0; 4096];
    // Linux tells the end of a terminal by an error.
    while let Ok(count @ 1..) = person.read(&mut bytes) {
        shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
        // A warning has that in the middle of a line.
        let asks = shown.rsplit('\n').next().unwrap().ends_with(": ");
        if asks && let Some(meanwhile) = meanwhile.take() {
            meanwhile();
            person.write_all(format!("{answer}\n").as_bytes()).unwrap();
        }
    }
    let mut stdout = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut stdout)
        .unwrap();
    Ended {
        code: child.wait().unwrap().code().unwrap(),
        stdout,
        stderr: shown,
    }
}

/// What a terminal of so many columns and rows shows when the command ends, which has nothing to read.
pub(crate) fn shown(mut command: Command, columns: u16, rows: u16) -> String {
    let (mut person, program) = terminal();
    let size = Winsize {
        ws_col: columns,
        ws_row: rows,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&program, size).unwrap();
    command
        .stdin(std::process::Stdio::null())
        .stdout(program.try_clone().unwrap())
        .stderr(program.try_clone().unwrap());
    let mut child = command.spawn().unwrap();
    drop((command, program));
    let mut shown = Vec::new();
    let mut bytes = [0; 4096];
    // Linux tells the end of a terminal by an error.
    while let Ok(count @ 1..) = person.read(&mut bytes) {
        shown.extend_from_slice(&bytes[..count]);
    }
    child.wait().unwrap();
    String::from_utf8(shown).unwrap()
}
