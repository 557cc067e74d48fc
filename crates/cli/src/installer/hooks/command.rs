//! One command of a skill's author, which is a stranger's: what it sees, and how it ends.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use super::super::{Installed, blocking};
use crate::exit::Failure;
use crate::lock_file::Held;

/// How long a command that is asked to end has for that, before it is made to.
const GRACE: Duration = Duration::from_secs(3);

/// How long to wait before the next look whether it has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// The variables that a command finds in its environment, besides `LC_*`: those that programs need to run
/// and to reach the network. In all others there may be secrets, of this program or of any other.
const PASSED_ON: [&str; 23] = [
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
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
];

/// Runs a command in the skill's folder, as the existing client does. What it prints goes to stderr:
/// stdout belongs to this program. It finds in its environment what is [`PASSED_ON`] alone, and is the
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
    let mut child = shell
        .spawn()
        .map_err(|error| failed(format!("cannot be run ({error})")))?;
    drop(held);
    let mut running = Running(Some(Pid::from_child(&child)));
    let status = blocking(move || child.wait()).await?;
    running.0 = None;
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(how_it_ended(status))),
        Err(error) => Err(failed(format!("was lost ({error})"))),
    }
}

fn how_it_ended(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("failed with {code}"),
        None => "was killed".to_owned(),
    }
}

/// Whether a command may see the variable.
fn is_passed_on(name: &OsStr) -> bool {
    name.to_str()
        .is_some_and(|name| PASSED_ON.contains(&name) || name.starts_with("LC_"))
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
        let deadline = Instant::now() + GRACE;
        // The number is the group's for as long as anything is in it, whether or not its first process,
        // which another thread waits for, has ended.
        while test_kill_process_group(group).is_ok() {
            if Instant::now() >= deadline {
                let _ = kill_process_group(group, Signal::KILL);
                return;
            }
            thread::sleep(PAUSE);
        }
    }
}
