//! Waiting for what a program under test does, which it tells nobody of.

use std::fs;
use std::io::Read;
use std::os::fd::AsFd;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// How long something may take that takes some milliseconds on an idle machine.
const LIMIT: Duration = Duration::from_mins(1);

/// How long to leave the processor to the program before the next look. It decides nothing.
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until `done`, which `program` is to bring about.
///
/// # Panics
///
/// With what the program has written to pipes that nobody took, if it ends first, or if nothing came of it
/// within a minute; then it is killed.
#[track_caller]
pub fn until(program: &mut Child, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    loop {
        // Looked at first, since what it did before its end counts.
        let ended = program.try_wait();
        if done() {
            return;
        }
        match ended {
            Ok(None) => {}
            Ok(Some(status)) => panic!("it ended first ({status}), and {}", written_by(program)),
            Err(error) => panic!("it cannot be waited for: {error}"),
        }
        if Instant::now() >= deadline {
            let _ = program.kill();
            panic!("it did not come to it, and {}", written_by(program));
        }
        thread::sleep(PAUSE);
    }
}

/// Waits until the process with this id has ended, which is no child of this one.
///
/// # Panics
///
/// If it has not ended within a minute; then it is killed.
#[track_caller]
pub fn until_gone(id: &str) {
    let deadline = Instant::now() + LIMIT;
    while is_running(id) {
        if Instant::now() >= deadline {
            let _ = Command::new("kill").args(["-s", "KILL", id]).status();
            panic!("process {id} did not end");
        }
        thread::sleep(PAUSE);
    }
}

/// Whether there is such a process. One that has ended, and that nobody has asked about yet, is none.
fn is_running(id: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z"))
}

fn written_by(program: &mut Child) -> String {
    let (stdout, stderr) = (program.stdout.take(), program.stderr.take());
    let written = [stdout.map(read_now), stderr.map(read_now)];
    let written: String = written.into_iter().flatten().collect();
    if written.is_empty() {
        return "wrote nothing".to_owned();
    }
    format!("wrote:\n{written}")
}

/// What there is to be read. Not what may come: what the program started may hold the pipe open.
fn read_now(mut pipe: impl Read + AsFd) -> String {
    let mut bytes = Vec::new();
    let flags = fcntl_getfl(&pipe).unwrap_or(OFlags::empty());
    if fcntl_setfl(&pipe, flags | OFlags::NONBLOCK).is_ok() {
        // It ends with an error if the pipe stays open, after what was there.
        let _ = pipe.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;

    fn shell(script: &str) -> Child {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).stdin(Stdio::piped());
        shell.stderr(Stdio::piped()).spawn().unwrap()
    }

    #[test]
    fn what_came_before_the_end_counts() {
        let mut program = shell("exit 3");
        program.wait().unwrap();
        until(&mut program, || true);
    }

    #[test]
    #[should_panic(expected = "it ended first (exit status: 3), and wrote:\nsorry")]
    fn one_that_ends_first_is_quoted() {
        // What it started has the pipe open until the end of this test.
        let script = "exec 3<&0; cat <&3 >&2 & echo sorry >&2; exit 3";
        until(&mut shell(script), || false);
    }
}
