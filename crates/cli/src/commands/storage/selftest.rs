//! `enact storage test`: the life of one object, step by step.

use std::time::{Duration, Instant};

use enact_storage::{Key, StorageClient, StorageError, UploadOptions};
use futures_util::TryStreamExt as _;
use serde::Serialize;
use serde_json::json;

use super::probe::Probes;
use super::store::failure;
use super::until_ctrl_c;
use crate::exit::Failure;
use crate::printer::{Mark, Printer};

const CONTENT: &[u8] = b"enact storage test\n";
const CONTENT_TYPE: &str = "application/gzip";

/// The steps, in order.
#[derive(Debug, Clone, Copy)]
enum Step {
    Upload,
    Exists,
    Metadata,
    Download,
    Delete,
    Deleted,
}

/// A step that was carried out.
#[derive(Debug, Serialize)]
struct Done {
    name: &'static str,
    ok: bool,
    milliseconds: f64,
}

impl Step {
    const ALL: [Self; 6] = [
        Self::Upload,
        Self::Exists,
        Self::Metadata,
        Self::Download,
        Self::Delete,
        Self::Deleted,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Upload => "Upload test bundle",
            Self::Exists => "Verify file exists",
            Self::Metadata => "Get metadata",
            Self::Download => "Download and verify content",
            Self::Delete => "Delete bundle",
            Self::Deleted => "Verify deletion",
        }
    }

    async fn run(self, client: &StorageClient, key: &Key) -> Result<(), Failure> {
        let storage = |error: StorageError| failure(&error);
        match self {
            Self::Upload => {
                let options = UploadOptions::default().content_type(CONTENT_TYPE);
                let uploaded = client.upload(key, CONTENT, options).await;
                uploaded.map(drop).map_err(storage)
            }
            Self::Exists => {
                if client.exists(key).await.map_err(storage)? {
                    return Ok(());
                }
                Err(wrong("the object that was just stored is not there"))
            }
            Self::Metadata => {
                let metadata = client.get_metadata(key).await.map_err(storage)?;
                if metadata.size != CONTENT.len() as u64 {
                    return Err(wrong(&format!(
                        "the object has {} bytes instead of {}",
                        metadata.size,
                        CONTENT.len()
                    )));
                }
                Ok(())
            }
            Self::Download => {
                let download = client.download_stream(key, None).await.map_err(storage)?;
                let mut stream = download.stream;
                let mut content = Vec::new();
                // Whatever the store sends, no more than what is compared.
                while let Some(chunk) = stream.try_next().await.map_err(storage)? {
                    content.extend_from_slice(&chunk);
                    if content.len() > CONTENT.len() {
                        break;
                    }
                }
                if content != CONTENT {
                    return Err(wrong("what was read is not what was stored"));
                }
                Ok(())
            }
            Self::Delete => client.delete(key).await.map_err(storage),
            Self::Deleted => {
                if client.exists(key).await.map_err(storage)? {
                    return Err(wrong("the object is still there after it was deleted"));
                }
                Ok(())
            }
        }
    }
}

fn wrong(message: &str) -> Failure {
    Failure::new("INTEGRITY_FAILED", message)
        .hint("does R2_ENDPOINT name a cache or a custom domain instead of the S3 API?")
}

/// Runs the steps until one fails, and removes the object in any case.
pub(super) async fn run(client: &StorageClient, printer: &Printer) -> Result<(), Failure> {
    let store = client.describe();
    printer.heading(&store);
    let mut probes = Probes::new(client);
    let key = probes.key("test.tar.gz")?;
    let mut steps = Vec::new();
    let result = until_ctrl_c(carry_out(client, &key, printer, &mut steps)).await;
    let cleaned = probes.clean_up().await;
    if let (Ok(()), Err(error)) = (&result, &cleaned) {
        printer.warning(&format!("the test object could not be removed: {error}"));
    }
    let error = result.as_ref().err();
    printer.json(&json!({
        "store": store,
        "ok": error.is_none(),
        "steps": steps,
        "error": error.map(|failure| json!({"code": failure.code(), "message": failure.message()})),
    }));
    if result.is_ok() {
        printer.success("The store works.");
    }
    result.map_err(Failure::already_in_json)
}

async fn carry_out(
    client: &StorageClient,
    key: &Key,
    printer: &Printer,
    steps: &mut Vec<Done>,
) -> Result<(), Failure> {
    for (index, step) in Step::ALL.into_iter().enumerate() {
        let started = Instant::now();
        let result = step.run(client, key).await;
        let took = started.elapsed();
        let mark = if result.is_ok() {
            Mark::Good
        } else {
            Mark::Bad
        };
        let (number, name) = (index + 1, step.name());
        printer.result(
            mark,
            &format!("{number}. {name:<29} {}", milliseconds(took)),
        );
        steps.push(Done {
            name,
            ok: result.is_ok(),
            milliseconds: (took.as_secs_f64() * 1e6).round() / 1e3,
        });
        result?;
    }
    Ok(())
}

fn milliseconds(time: Duration) -> String {
    format!("{:>8.1} ms", time.as_secs_f64() * 1e3)
}
