//! One command of a skill's author, which is a stranger's: what it sees, and how it ends.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::retry_on_intr;
use rustix::process::{
    Pid, Signal, WaitOptions, kill_process_group, test_kill_process_group, waitpid,
};

use super::super::{Installed, blocking};
use crate::exit::Failure;
use crate::lock_file::Held;
use crate::settings::NETWORK_VARIABLES;

/// How long a command that is asked to end has for that, before it is made to.
const GRACE: Duration = Duration::from_secs(3);

/// How long to wait before the next look whether it has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// The variables that a command finds in its environment, besides `LC_*` and those of the network: what
/// programs need to run, and where some look for certificates. In all others there may be secrets, of this program or of any other.
const PASSED_ON: [&str; 13] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "TMPDIR",
    "TZ",
    "LANG",
    "LANGUAGE",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
];

/// Runs a command in the skill's folder, as the existing client does. What it prints goes to stderr:
/// stdout belongs to this program. It finds in its environment what [`is_passed_on`] lets through, and is the
/// first of a group of processes, which ends as a whole if nobody waits for it any more. What it leaves
/// running when it ends by itself stays: that may be what it is for.
///
/// What is `held` is let go when the command is in the folder.
pub(super) async fn run_one(one: &Installed, command: &str, held: Held) -> Result<(), Failure> {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .current_dir(&one.folder)
        .stdin(Stdio::null())
        .stdout(io::stderr())
        .env_clear()
        .envs(env::vars_os().filter(|(name, _)| is_passed_on(name)))
        .process_group(0);
    let failed = |how: String| {
        let command = command.replace('\n', "\\n");
        let message = format!("the post-install hook of {} {how}: {command}", one.name);
        Failure::new("HOOK_FAILED", message).hint(format!(
            "the skill is installed; what its hook does can be done by hand in {}",
            one.folder.display()
        ))
    };
    let child = shell
        .spawn()
        .map_err(|error| failed(format!("cannot be run ({error})")))?;
    drop(held);
    let id = Pid::from_child(&child);
    let mut running = Running(Some(id));
    let ended = blocking(move || wait(id)).await?;
    let ended = ended.map_err(|error| failed(format!("was lost ({error})")))?;
    if ended != Ended::Stopped {
        running.0 = None;
    }
    match ended {
        Ended::Code(0) => Ok(()),
        Ended::Code(code) => Err(failed(format!("failed with {code}"))),
        Ended::Killed => Err(failed("was killed".to_owned())),
        Ended::Stopped => Err(failed(
            "wants to ask something at the terminal, or was stopped".to_owned(),
        )),
    }
}

/// How a command ended, or that it does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Code(i32),
    Killed,
    /// By the system, as it does with whatever is not in the terminal's foreground and reads from there.
    Stopped,
}

fn wait(id: Pid) -> rustix::io::Result<Ended> {
    loop {
        let found = retry_on_intr(|| waitpid(Some(id), WaitOptions::UNTRACED))?;
        let Some((_, status)) = found else { continue };
        if let Some(code) = status.exit_status() {
            return Ok(Ended::Code(code));
        }
        if status.stopped() {
            return Ok(Ended::Stopped);
        }
        return Ok(Ended::Killed);
    }
}

/// Whether a command may see the variable.
fn is_passed_on(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| {
        let known = PASSED_ON.contains(&name) || NETWORK_VARIABLES.contains(&name);
        known || name.starts_with("LC_")
    })
}

/// Ends a command that nobody waits for any more, with whatever it has started.
struct Running(Option<Pid>);

impl Drop for Running {
    /// Takes up to [`GRACE`]. Nothing else is to be done meanwhile: this program is about to end, and
    /// would leave behind what has not ended by then.
    fn drop(&mut self) {
        let Some(group) = self.0 else {
            return;
        };
        // It may have ended just now.
        let _ = kill_process_group(group, Signal::TERM);
        // What is stopped is not asked before it goes on.
        let _ = kill_process_group(group, Signal::CONT);
        let deadline = Instant::now() + GRACE;
        // The number is the group's for as long as anything is in it, whether or not its first process,
        // which another thread waits for, has ended.
        while test_kill_process_group(group).is_ok() {
            // It stays in its group until somebody has asked how it ended, which may be nobody else.
            let _ = waitpid(Some(group), WaitOptions::NOHANG);
            if Instant::now() >= deadline {
                let _ = kill_process_group(group, Signal::KILL);
                return;
            }
            thread::sleep(PAUSE);
        }
    }
}
