//! A program that runs beside this process and must not outlive it.
//!
//! Dropping a [`Process`] ends it. That does not happen when this process is killed or leaves by
//! Ctrl-C, so each program gets a watchdog: a shell that waits for the end of a pipe which only
//! this process holds open. The system closes the pipe however this process ends, and the watchdog
//! then ends the program and removes its folder. (`PR_SET_PDEATHSIG` is no substitute: it follows
//! the *thread* that started the program, and tests share services across threads.)

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};

/// How much of a program's output is kept, in bytes; what comes later is read and dropped.
const MAX_OUTPUT: usize = 1024 * 1024;

/// How long a program may take to end after it was asked to.
const STOP_GRACE: Duration = Duration::from_secs(30);

/// Arguments: the signal, the program's id, its folder or nothing. The program may still be writing
/// while it ends, so removing the folder can take several tries.
const WATCHDOG: &str = r#"
read -r _
kill -s "$1" "$2" 2>/dev/null
tries=50
until [ -z "$3" ] || rm -rf -- "$3" || [ "$tries" -eq 0 ]; do sleep 0.1; tries=$((tries - 1)); done
"#;

/// A running program whose output is captured.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
    watchdog: Option<Child>,
    stop_signal: Signal,
    output: Arc<Mutex<String>>,
    lines: Option<Receiver<String>>,
    /// Hangs up when both output streams have ended, which is when the program has.
    ended: Receiver<Infallible>,
}

impl Process {
    /// Starts `command` in a process group of its own, so that Ctrl-C reaches this process alone.
    /// `stop_signal` ends it when it is dropped; `folder` is what its watchdog removes afterwards.
    pub(crate) fn start(
        mut command: Command,
        stop_signal: Signal,
        folder: Option<&Path>,
    ) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;

        let output = Arc::new(Mutex::new(String::new()));
        let (line_sender, lines) = channel();
        let (end_sender, ended) = channel();
        if let Some(stdout) = child.stdout.take() {
            capture(stdout, &output, line_sender.clone(), end_sender.clone());
        }
        if let Some(stderr) = child.stderr.take() {
            capture(stderr, &output, line_sender, end_sender);
        }

        // Owned by a value that ends the program from here on, whatever fails.
        let mut process = Self {
            name,
            child,
            watchdog: None,
            stop_signal,
            output,
            lines: Some(lines),
            ended,
        };
        process.watchdog = Some(process.start_watchdog(folder)?);
        Ok(process)
    }

    fn start_watchdog(&self, folder: Option<&Path>) -> Result<Child> {
        let signal = match self.stop_signal {
            Signal::QUIT => "QUIT",
            Signal::TERM => "TERM",
            _ => "KILL",
        };
        Command::new("/bin/sh")
            .args(["-c", WATCHDOG, "watchdog", signal])
            .arg(self.pid().to_string())
            .arg(folder.unwrap_or(Path::new("")))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("cannot start the watchdog, /bin/sh")
    }

    /// The program's process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What the program has written so far, both streams together, at most [`MAX_OUTPUT`] bytes.
    pub(crate) fn output(&self) -> String {
        lock(&self.output).clone()
    }

    /// Waits for a line of output in which `find` finds something. Can be used once. Fails, with
    /// the output so far, if the program ends first or `limit` passes.
    pub(crate) fn wait_for<T>(
        &mut self,
        limit: Duration,
        find: impl Fn(&str) -> Option<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + limit;
        let lines = self
            .lines
            .take()
            .ok_or_else(|| anyhow!("the output of {} was already looked at", self.name))?;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match lines.recv_timeout(left) {
                Ok(line) => {
                    if let Some(found) = find(&line) {
                        return Ok(found);
                    }
                }
                Err(RecvTimeoutError::Timeout) => bail!(
                    "{} was not ready after {} s; it wrote:\n{}",
                    self.name,
                    limit.as_secs(),
                    self.output()
                ),
                Err(RecvTimeoutError::Disconnected) => {
                    let status = self.child.wait()?;
                    bail!(
                        "{} ended ({status}) before it was ready; it wrote:\n{}",
                        self.name,
                        self.output()
                    );
                }
            }
        }
    }

    /// Asks the program to end and waits for it. Fails, having killed it, if it is still there
    /// after [`STOP_GRACE`].
    pub(crate) fn stop(&mut self, signal: Signal) -> Result<ExitStatus> {
        // First the watchdog: afterwards the id may belong to somebody else.
        if let Some(mut watchdog) = self.watchdog.take() {
            watchdog.kill()?;
            watchdog.wait()?;
        }
        if let Some(status) = self.child.try_wait()? {
            return Ok(status);
        }
        kill_process(Pid::from_child(&self.child), signal)
            .with_context(|| format!("cannot signal {}", self.name))?;
        if self.ended.recv_timeout(STOP_GRACE) == Err(RecvTimeoutError::Timeout) {
            self.child.kill()?;
            self.child.wait()?;
            bail!(
                "{} did not end within {} s of {signal:?}; it wrote:\n{}",
                self.name,
                STOP_GRACE.as_secs(),
                self.output()
            );
        }
        Ok(self.child.wait()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nobody is left to tell; what could not be stopped was killed.
        let _ = self.stop(self.stop_signal);
    }
}

/// Reads `stream` to its end on a thread of its own, so that the program never blocks on a full
/// pipe.
fn capture(
    stream: impl Read + Send + 'static,
    output: &Arc<Mutex<String>>,
    lines: Sender<String>,
    ended: Sender<Infallible>,
) {
    let output = Arc::clone(output);
    thread::spawn(move || {
        let _hangs_up_at_the_end = ended;
        let mut stream = BufReader::new(stream);
        let mut bytes = Vec::new();
        while stream
            .read_until(b'\n', &mut bytes)
            .is_ok_and(|count| count > 0)
        {
            let line = String::from_utf8_lossy(&bytes);
            let mut kept = lock(&output);
            if kept.len() + line.len() <= MAX_OUTPUT {
                kept.push_str(&line);
            }
            drop(kept);
            // Nobody listens any more once the program is ready.
            let _ = lines.send(line.trim_end().to_owned());
            bytes.clear();
        }
    });
}

fn lock(output: &Mutex<String>) -> std::sync::MutexGuard<'_, String> {
    output.lock().unwrap_or_else(PoisonError::into_inner)
}
