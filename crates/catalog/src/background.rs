//! Where searches run: on threads that all others go before.
//!
//! Looking a tool up takes some tens of microseconds of computing, a search some milliseconds. On
//! threads of the same priority the system lets a search finish its turn, of about three
//! milliseconds, before it runs the request that came meanwhile.

use std::future::Future;
use std::num::NonZero;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::OnceCell;
use tokio_util::task::AbortOnDropHandle;

use crate::CatalogError;

/// The most threads; the machine may have fewer processors.
const MAX_THREADS: usize = 8;

/// The threads, which the first search starts, and which end with this value.
#[derive(Debug, Default)]
pub(crate) struct Background(OnceCell<Runtime>);

impl Background {
    /// Runs `work` there. It is dropped if whoever asked gives up. Fails if the system gives no threads.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, CatalogError>> + Send + 'static,
    ) -> Result<T, CatalogError> {
        let runtime = self.0.get_or_try_init(async || start()).await?;
        AbortOnDropHandle::new(runtime.spawn(work))
            .await
            .map_err(|error| CatalogError::internal("a search broke off", error))?
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // To wait for the threads would need a thread that may wait, which the one that drops this
        // often is not.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

fn start() -> Result<Runtime, CatalogError> {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    Builder::new_multi_thread()
        .worker_threads(processors.min(MAX_THREADS))
        .thread_name("enact-search")
        .on_thread_start(give_way)
        .enable_all()
        .build()
        .map_err(|error| CatalogError::internal("threads for searching", error))
}

/// Lowers the priority of this thread, and of those that it starts: SQLite's run a connection each.
#[cfg(target_os = "linux")]
fn give_way() {
    /// Enough that a thread of normal priority that wakes up runs at once (nice(2): 19 is the most).
    const LESS_URGENT_BY: i32 = 10;
    // On Linux it is the thread's own, and lowering it is always allowed.
    let _ = rustix::process::nice(LESS_URGENT_BY);
}

/// Elsewhere a priority is that of the whole process.
#[cfg(not(target_os = "linux"))]
fn give_way() {}
