//! `enact storage bench`: how fast the store is, from here.

use std::time::{Duration, Instant};

use bytes::Bytes;
use enact_storage::{Body, Key, StorageClient, UploadOptions};
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::json;

use super::probe::Probes;
use super::store::failure;
use super::until_ctrl_c;
use crate::args::Bench;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::text::bytes;

/// How much data is made; longer objects repeat it.
const PATTERN: usize = 1024 * 1024;

/// What a pass took.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Pass {
    operation: &'static str,
    objects: usize,
    seconds: f64,
    bytes_per_second: f64,
    objects_per_second: f64,
    latency_milliseconds: Latency,
}

/// Percentiles by the nearest-rank method.
#[derive(Debug, Serialize)]
struct Latency {
    p50: f64,
    p90: f64,
    p99: f64,
    max: f64,
}

/// Stores, reads and deletes the objects, and prints a table. They are deleted also on failure.
pub(super) async fn run(
    args: &Bench,
    client: &StorageClient,
    printer: &Printer,
) -> Result<(), Failure> {
    let mut probes = Probes::new(client);
    let keys: Vec<Key> = (0..args.count)
        .map(|index| probes.key(&index.to_string()))
        .collect::<Result<_, _>>()?;
    printer.heading(&format!(
        "{}: {} × {}, {} at a time",
        client.describe(),
        args.count,
        bytes(args.size.bytes()),
        args.concurrency
    ));
    let total = args.size.bytes().saturating_mul(u64::from(args.count));
    let measured = until_ctrl_c(async {
        let data = pattern();
        let bar = printer.transfer("Storing", total);
        let put = pass("put", args, &keys, |key| {
            put(client, key, &data, args.size.bytes(), &bar)
        });
        let put = put.await?;
        bar.finish_and_clear();
        let bar = printer.transfer("Reading", total);
        let get = pass("get", args, &keys, |key| {
            get(client, key, args.size.bytes(), &bar)
        });
        let get = get.await?;
        bar.finish_and_clear();
        Ok([put, get])
    })
    .await;
    let cleaned = probes.clean_up().await;
    let passes = measured?;
    cleaned.map_err(|error| failure(&error))?;
    printer.json(&json!({
        "store": client.describe(),
        "objectSize": args.size.bytes(),
        "concurrency": args.concurrency,
        "passes": passes,
    }));
    print(&passes, printer);
    Ok(())
}

async fn pass<'k, F>(
    operation: &'static str,
    args: &Bench,
    keys: &'k [Key],
    one: impl Fn(&'k Key) -> F,
) -> Result<Pass, Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    let started = Instant::now();
    let mut times: Vec<Duration> = stream::iter(keys)
        .map(|key| {
            let work = one(key);
            async move {
                let started = Instant::now();
                work.await?;
                Ok::<_, Failure>(started.elapsed())
            }
        })
        .buffer_unordered(usize::from(args.concurrency))
        .try_collect()
        .await?;
    let seconds = started.elapsed().as_secs_f64();
    times.sort_unstable();
    let total = bytes_of(args.size.bytes()) * f64::from(args.count);
    Ok(Pass {
        operation,
        objects: keys.len(),
        seconds,
        bytes_per_second: total / seconds,
        objects_per_second: f64::from(args.count) / seconds,
        latency_milliseconds: Latency {
            p50: percentile(&times, 50),
            p90: percentile(&times, 90),
            p99: percentile(&times, 99),
            max: percentile(&times, 100),
        },
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a rate is shown with three digits"
)]
fn bytes_of(count: u64) -> f64 {
    count as f64
}

/// The smallest time that `percent` of all do not exceed, in milliseconds.
fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    let time = sorted.get(rank.saturating_sub(1)).copied();
    time.unwrap_or_default().as_secs_f64() * 1e3
}

async fn put(
    client: &StorageClient,
    key: &Key,
    data: &Bytes,
    size: u64,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let body = match usize::try_from(size).ok().filter(|size| *size <= PATTERN) {
        Some(size) => Body::Bytes(data.slice(..size)),
        None => Body::Stream(repeated(data.clone(), size)),
    };
    let stored = client.upload(key, body, UploadOptions::default()).await;
    stored.map_err(|error| failure(&error))?;
    bar.inc(size);
    Ok(())
}

/// The data again and again, `size` bytes altogether; nothing is copied.
fn repeated(data: Bytes, size: u64) -> BoxStream<'static, std::io::Result<Bytes>> {
    stream::unfold(size, move |left| {
        let length = usize::try_from(left).map_or(PATTERN, |left| left.min(PATTERN));
        let piece = data.slice(..length);
        async move { (left > 0).then(|| (Ok(piece), left - length as u64)) }
    })
    .boxed()
}

async fn get(
    client: &StorageClient,
    key: &Key,
    size: u64,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let download = client.download_stream(key, None).await;
    let mut stream = download.map_err(|error| failure(&error))?.stream;
    let mut count = 0;
    while let Some(chunk) = stream.try_next().await.map_err(|error| failure(&error))? {
        count += chunk.len() as u64;
        bar.inc(chunk.len() as u64);
    }
    if count != size {
        let message = format!("{} has {count} bytes instead of {size}", key.as_str());
        return Err(Failure::new("INTEGRITY_FAILED", message));
    }
    Ok(())
}

/// Bytes that do not compress, so that no store is faster than it is. Marsaglia's xorshift.
fn pattern() -> Bytes {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut data = Vec::with_capacity(PATTERN);
    while data.len() < PATTERN {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        data.extend_from_slice(&state.to_le_bytes());
    }
    data.into()
}

fn print(passes: &[Pass], printer: &Printer) {
    let heading = [
        "",
        "MiB/s",
        "objects/s",
        "p50 ms",
        "p90 ms",
        "p99 ms",
        "max ms",
        "seconds",
    ];
    let rows: Vec<Vec<String>> = passes
        .iter()
        .map(|pass| {
            let latency = &pass.latency_milliseconds;
            let numbers = [
                pass.bytes_per_second / (1024.0 * 1024.0),
                pass.objects_per_second,
                latency.p50,
                latency.p90,
                latency.p99,
                latency.max,
                pass.seconds,
            ];
            let mut row = vec![pass.operation.to_owned()];
            row.extend(numbers.map(|number| format!("{number:>9.1}")));
            row
        })
        .collect();
    let heading = heading.map(|name| format!("{name:>9}"));
    let mut heading: Vec<&str> = heading.iter().map(String::as_str).collect();
    heading[0] = "";
    printer.table(&heading, &rows);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let times: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        let rounded = |percent| format!("{:.0}", percentile(&times, percent));
        assert_eq!([50, 90, 99, 100].map(rounded), ["100", "180", "198", "200"]);
        assert_eq!(format!("{:.0}", percentile(&times[..1], 50)), "1");
    }

    #[tokio::test]
    async fn repeats_up_to_the_size() {
        let size = 2 * PATTERN as u64 + 5;
        let pieces: Vec<Bytes> = repeated(pattern(), size).try_collect().await.unwrap();
        let lengths: Vec<_> = pieces.iter().map(Bytes::len).collect();
        assert_eq!(lengths, [PATTERN, PATTERN, 5]);
    }
}
