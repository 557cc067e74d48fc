//! Running one asynchronous test.

use std::future::Future;
use std::time::Duration;

use libtest_mimic::Failed;

/// No test may hang: a store that misbehaves must not hold a run up. Far above what any takes, also on
/// a machine that is busy with other things.
const LIMIT: Duration = Duration::from_mins(5);

pub(crate) fn run(test: impl Future<Output = anyhow::Result<()>>) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let result = runtime.block_on(async { tokio::time::timeout(LIMIT, test).await });
    // What a test left running (an abort after its last step) may not wait for anything for long.
    runtime.shutdown_timeout(Duration::from_secs(5));
    match result {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(format!("{error:#}").into()),
        Err(_) => Err(format!("not done after {LIMIT:?}").into()),
    }
}
