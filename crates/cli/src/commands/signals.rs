//! What Ctrl-C and SIGTERM do: end a command with the same word and code wherever it is.
//!
//! A command that waits for the network drops what it does, which cleans up. One that reads a folder or
//! a question's answer does not get to look, and has nothing to clean up: a thread of its own ends the
//! program for it.

use std::future::Future;
use std::io;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::{Exit, Failure};
use crate::printer::Printer;

/// What belongs to the same signal, or takes no longer than a person waits.
const AT_ONCE: Duration = Duration::from_secs(1);

/// How long a command may take to end after a signal, and threads when it has.
const LAST_ORDERS: Duration = Duration::from_secs(10);

/// Whether the command looks for signals itself.
static HEEDED: Mutex<bool> = Mutex::new(false);

/// Has signals end the program from here on, until [`or_ctrl_c`] looks for them.
pub(super) fn watch() {
    let (registered, is_registered) = channel();
    let watching = thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || watch_here(&registered));
    if watching.is_ok() {
        // Fails if signals cannot be listened for: then they do what they always do.
        let _ = is_registered.recv();
    }
}

fn watch_here(registered: &Sender<()>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut signals = Signals::listen()?;
        // Whoever started this waits for it.
        let _ = registered.send(());
        signals.next().await;
        {
            // Held to the end, so that nothing is begun meanwhile that would have to be cleaned up.
            let heeded = HEEDED.lock().unwrap_or_else(PoisonError::into_inner);
            if !*heeded {
                tell();
                std::process::exit(Exit::Interrupted.code().into());
            }
        }
        // The command ends by itself, unless something keeps it that takes no notice. One signal can come
        // twice, from a terminal and from a supervisor.
        tokio::time::sleep(AT_ONCE).await;
        let _ = tokio::time::timeout(LAST_ORDERS, signals.next()).await;
        std::process::exit(Exit::Interrupted.code().into());
    })
}

/// To stderr alone: whoever should read stdout may be what the command waits for. Nobody may be reading
/// stderr either, so it is not waited for long.
fn tell() {
    let (told, is_told) = channel();
    let telling = thread::Builder::new().spawn(move || {
        Printer::new(false, false).failure(&interrupted());
        let _ = told.send(());
    });
    if telling.is_ok() {
        let _ = is_told.recv_timeout(AT_ONCE);
    }
}

/// Ctrl-C and SIGTERM.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// From here on they do nothing by themselves.
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Completes at the next of them.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

fn interrupted() -> Failure {
    Failure::new("INTERRUPTED", "interrupted").with_exit(Exit::Interrupted)
}

/// Runs a command of the client. Ctrl-C or SIGTERM drops it where it waits for the network, which
/// removes whatever temporary files it has; the steps that change something on disk do not wait.
pub(super) fn until_ctrl_c(
    command: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let runtime = runtime()?;
    let result = runtime.block_on(or_ctrl_c(command));
    // For threads that clean up after a signal; one that hangs does not keep the program.
    runtime.shutdown_timeout(LAST_ORDERS);
    result
}

/// What waits for the network, on this thread.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("cannot start", &error))
}

/// Runs something until it is done, or Ctrl-C or SIGTERM drops it.
pub(super) async fn or_ctrl_c<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    // Listened for only when the work waits for the first time: what is done before that, such as reading
    // a folder or asking a keyring for a token, may take long and changes nothing.
    let signals = async {
        let mut signals = Signals::listen()?;
        *HEEDED.lock().unwrap_or_else(PoisonError::into_inner) = true;
        signals.next().await;
        io::Result::Ok(())
    };
    tokio::select! {
        biased;
        result = work => result,
        heard = signals => Err(match heard {
            Ok(()) => interrupted(),
            Err(error) => Failure::io("cannot listen for signals", &error),
        }),
    }
}

/// From here on a command looks for signals itself: to be awaited before the first thing that is to be
/// removed again if one comes.
pub(crate) async fn heed_signals() {
    tokio::task::yield_now().await;
}
