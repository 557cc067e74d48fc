//! `enact storage init`: makes the bucket and sets it up.

use enact_storage::{Bucket, BucketSetting, Created, Encryption, Outcome, StorageConfig};
use serde::Serialize;
use serde_json::json;

use super::store::{Choice, failure};
use crate::args::Init;
use crate::exit::Failure;
use crate::printer::{Mark, Printer};

/// One line of the report.
#[derive(Debug, Serialize)]
struct Line {
    name: &'static str,
    /// `created`, `exists`, `set`, `alreadySet`, `keptOthers`, `unsupported` or `failed`.
    outcome: &'static str,
    detail: String,
}

/// Makes the bucket and applies every setting that was asked for; one that fails does not keep the
/// others from being tried.
pub(super) async fn run(args: Init, choice: &Choice, printer: &Printer) -> Result<(), Failure> {
    let client = choice.open()?;
    let mut report = Report {
        printer,
        lines: Vec::new(),
        error: None,
    };
    printer.heading(&client.describe());
    match choice {
        Choice::S3(config) => bucket(&args, config, &mut report).await?,
        // Opening it has made it.
        _ => folder(&args, &mut report),
    }
    let error = report.error;
    printer.json(&json!({
        "store": client.describe(),
        "steps": report.lines,
        "error": error.as_ref().map(|e| json!({"code": e.code(), "message": e.message()})),
    }));
    error.map_or(Ok(()), |error| Err(error.already_in_json()))
}

struct Report<'a> {
    printer: &'a Printer,
    lines: Vec<Line>,
    error: Option<Failure>,
}

impl Report<'_> {
    fn add(&mut self, name: &'static str, outcome: &'static str, mark: Mark, text: &str) {
        self.printer.result(mark, &format!("{name}: {text}"));
        self.lines.push(Line {
            name,
            outcome,
            detail: text.to_owned(),
        });
    }

    fn fail(&mut self, name: &'static str, failure: Failure) {
        let message = failure.message().to_owned();
        self.add(name, "failed", Mark::Bad, &message);
        self.error.get_or_insert(failure);
    }
}

fn settings(args: &Init, config: &StorageConfig) -> Vec<(&'static str, BucketSetting)> {
    let mut settings = Vec::new();
    if !args.cors.is_empty() {
        settings.push(("CORS", BucketSetting::Cors(args.cors.clone())));
    }
    if args.versioning {
        settings.push(("versioning", BucketSetting::Versioning));
    }
    if args.encryption {
        let encryption = match &config.encryption {
            Encryption::None => Encryption::SseS3,
            configured => configured.clone(),
        };
        settings.push(("encryption", BucketSetting::Encryption(encryption)));
    }
    if let Some(days) = args.abort_stale_uploads {
        settings.push(("stale uploads", BucketSetting::AbortStaleUploads(days)));
    }
    settings
}

async fn bucket(
    args: &Init,
    config: &StorageConfig,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let bucket = Bucket::new(config).map_err(|error| failure(&error))?;
    let exists = bucket.exists().await.map_err(|error| failure(&error))?;
    let created = if exists {
        Created::Existed
    } else {
        bucket.create().await.map_err(|error| failure(&error))?
    };
    let name = &config.bucket;
    match created {
        Created::New => report.add("bucket", "created", Mark::Good, &format!("{name} is new")),
        Created::Existed => {
            report.add("bucket", "exists", Mark::Good, &format!("{name} is there"));
        }
    }
    for (name, setting) in settings(args, config) {
        match bucket.apply(&setting).await {
            Ok(Outcome::Set) => report.add(name, "set", Mark::Good, "set"),
            Ok(Outcome::AlreadySet) => {
                report.add(name, "alreadySet", Mark::Good, "was set before");
            }
            Ok(Outcome::KeptOthers) => {
                let message = "the bucket has other rules of this kind, which were left as they are; add this one beside them with the store's own tools";
                report.add(name, "keptOthers", Mark::Doubtful, message);
            }
            Ok(_) => {
                let message = format!("not supported by this store; {}", instead(&setting));
                report.add(name, "unsupported", Mark::Skipped, &message);
            }
            Err(error) => report.fail(name, failure(&error)),
        }
    }
    Ok(())
}

/// What to do where the store lacks it.
fn instead(setting: &BucketSetting) -> &'static str {
    match setting {
        BucketSetting::Cors(_) => {
            "some stores set it for the whole server (MinIO: MINIO_API_CORS_ALLOW_ORIGIN)"
        }
        BucketSetting::Versioning => "a published version is never overwritten in any case",
        BucketSetting::Encryption(_) => {
            "some stores encrypt in any case (R2), and others need a key server (MinIO)"
        }
        _ => "some stores drop them by themselves (MinIO: after a day), others have a command",
    }
}

fn folder(args: &Init, report: &mut Report<'_>) {
    report.add("folder", "exists", Mark::Good, "it is there");
    let asked = [
        ("CORS", !args.cors.is_empty()),
        ("versioning", args.versioning),
        ("encryption", args.encryption),
    ];
    for (name, _) in asked.into_iter().filter(|(_, asked)| *asked) {
        report.add(
            name,
            "unsupported",
            Mark::Skipped,
            "a local folder has none",
        );
    }
    if args.abort_stale_uploads.is_some() {
        let text = "a local folder needs none: what a crash left is removed when it is opened";
        report.add("stale uploads", "unsupported", Mark::Skipped, text);
    }
}
