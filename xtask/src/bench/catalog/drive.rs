//! Requests at a constant rate, whether or not earlier ones were answered: a server that falls
//! behind is not waited for, and what waits counts from when it was due.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};

use super::connection::Connection;

/// Connections, and so the most requests under way. At 200 requests a second a server may be a
/// third of a second behind before one is sent late, and that counts too.
const CONNECTIONS: usize = 64;

/// A request to make.
#[derive(Debug, Clone)]
pub(super) struct Request {
    route: String,
    path: String,
}

impl Request {
    /// Reads a line: a route's name, a tab, a path.
    pub(super) fn parse(line: &str) -> Result<Self> {
        let (route, path) = line.split_once('\t').context("a line without a tab")?;
        Ok(Self {
            route: route.to_owned(),
            path: path.to_owned(),
        })
    }
}

/// How long each request took, by route, with its path.
pub(super) type Answers = BTreeMap<String, Vec<(Duration, String)>>;

/// Makes `rate` requests a second for `length`. Fails if one is not answered with 200.
pub(super) fn drive(
    url: &str,
    requests: &[Request],
    rate: u32,
    length: Duration,
) -> Result<Answers> {
    ensure!(!requests.is_empty(), "there are no requests");
    let next = AtomicU32::new(0);
    let total = u32::try_from(length.as_secs())?.saturating_mul(rate);
    let interval = Duration::from_secs(1) / rate;
    let start = Instant::now() + Duration::from_millis(100);
    let worker = || -> Result<Vec<(usize, Duration)>> {
        let mut connection = Connection::open(url)?;
        let mut took = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= total {
                return Ok(took);
            }
            let due = start + interval * number;
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let at = number as usize % requests.len();
            let path = &requests[at].path;
            let status = connection.get(path).with_context(|| path.clone())?;
            ensure!(status == 200, "{path} was answered with {status}");
            took.push((at, due.elapsed()));
        }
    };
    let mut answers = Answers::new();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            let took = worker.join().map_err(|_| anyhow!("a thread panicked"))??;
            for (at, took) in took {
                let Request { route, path } = &requests[at];
                let answers = answers.entry(route.clone()).or_default();
                answers.push((took, path.clone()));
            }
        }
        Ok(answers)
    })
}
