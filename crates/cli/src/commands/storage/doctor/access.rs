//! Who we are to the store and what it lets us do.

use enact_storage::{
    Bucket, Key, StorageClient, StorageConfig, StorageError, StorageErrorKind, UploadOptions,
};
use enact_types::{Clock, SystemClock};
use futures_util::TryStreamExt as _;

use super::super::probe::Probes;
use super::super::store::failure;
use super::answer::Answer;
use super::endpoint::Endpoint;
use crate::commands::reach;
use crate::commands::report::Report;
use crate::exit::Failure;

/// Further than this apart, S3 refuses every request (its error `RequestTimeTooSkewed`).
const MAX_SKEW_SECONDS: u64 = 15 * 60;

/// What an object of the checks holds.
pub(super) const CONTENT: &[u8] = b"enact storage doctor\n";

/// Checks what answers, the clock, credentials, region, bucket and permissions. Gives whether
/// objects can be stored and read, so that there is more to look at.
pub(super) async fn check(
    config: &StorageConfig,
    client: &StorageClient,
    endpoint: &Endpoint,
    answer: &Answer,
    probes: &mut Probes,
    report: &mut Report<'_>,
) -> Result<bool, Failure> {
    let bucket = Bucket::new(config).map_err(|error| failure(&error))?;
    let seen = bucket.exists().await;
    // MinIO's console answers signed requests, to say in S3's words that it is not the S3 API.
    let is_s3 = answer.is_s3()
        || match &seen {
            Ok(_) => true,
            Err(error) => error.store_code().is_some() && !answer.is_console(),
        };
    if !is_s3 {
        let (cause, fix) = answer.mistaken(endpoint);
        report.fail("S3 API", &cause, fix);
        return Ok(false);
    }
    let api = format!("{} speaks S3 ({})", endpoint.host(), answer.took());
    report.ok("S3 API", &api);
    if !clock_is_right(answer, &SystemClock, report) {
        return Ok(false);
    }
    let refused = match seen {
        Ok(true) => {
            report.ok("credentials", "the store accepts the key pair");
            report.ok("region", &format!("the store accepts {}", config.region));
            report.ok("bucket", &format!("{} is there", config.bucket));
            None
        }
        Ok(false) => {
            report.ok("credentials", "the store accepts the key pair");
            report.ok("region", &format!("the store accepts {}", config.region));
            report.fail(
                "bucket",
                &format!("the store has no bucket {:?}", config.bucket),
                "enact storage init (creates it), or export R2_BUCKET=… with the right name",
            );
            return Ok(false);
        }
        Err(error) => match diagnose(config, &error, report) {
            Diagnosis::Final => return Ok(false),
            Diagnosis::MayBeListingAlone => Some(error),
        },
    };
    permissions(config, client, probes, refused, report).await
}

fn clock_is_right(answer: &Answer, clock: &dyn Clock, report: &mut Report<'_>) -> bool {
    let Some(ahead) = answer.clock_ahead(clock) else {
        report.skip("clock", "the store does not tell its time");
        return true;
    };
    let text = reach::skew(ahead, "store");
    if ahead.unsigned_abs() <= MAX_SKEW_SECONDS {
        report.ok("clock", &text);
        return true;
    }
    let cause = format!("{text}; beyond 15 minutes it refuses every request");
    report.fail(
        "clock",
        &cause,
        "set this machine's clock (`timedatectl set-ntp true`), or the store's",
    );
    false
}

/// What the refusal of the first signed request means.
enum Diagnosis {
    /// Reported; nothing else can work.
    Final,
    /// Access was denied: that may be everything, or just listing.
    MayBeListingAlone,
}

fn diagnose(config: &StorageConfig, error: &StorageError, report: &mut Report<'_>) -> Diagnosis {
    use StorageErrorKind as Kind;
    let message = error.message();
    let code = error.store_code().unwrap_or_default();
    match (error.kind(), code) {
        (Kind::NotAllowed, "SignatureDoesNotMatch") => report.fail(
            "credentials",
            message,
            "export R2_SECRET_ACCESS_KEY=… with the secret of this access key id",
        ),
        (Kind::NotAllowed, "RequestTimeTooSkewed") => {
            report.fail("credentials", message, "set this machine's clock");
        }
        (Kind::NotAllowed, "AccessDenied" | "AllAccessDisabled" | "Forbidden") => {
            return Diagnosis::MayBeListingAlone;
        }
        (Kind::NotAllowed, _) => report.fail(
            "credentials",
            message,
            "export R2_ACCESS_KEY_ID=… R2_SECRET_ACCESS_KEY=… with a key pair of this store",
        ),
        // R2 says so of a key id that has the wrong length.
        (Kind::Other, "InvalidArgument") => report.fail(
            "credentials",
            message,
            "export R2_ACCESS_KEY_ID=… (R2 gives it together with the secret, not the API token)",
        ),
        (Kind::WrongRegion, _) => {
            report.skip("credentials", "the store looks at the region first");
            let fix = message
                .split_whitespace()
                .find(|word| word.starts_with("R2_REGION="))
                .map_or_else(
                    || "export R2_REGION=… with the bucket's region".to_owned(),
                    |setting| format!("export {setting}"),
                );
            report.fail("region", message, fix);
        }
        (Kind::BucketNotFound, _) => {
            report.fail("bucket", message, "enact storage init (creates it)");
        }
        _ => report.fail(
            "credentials",
            message,
            format!(
                "see the store's own log; the request was a listing of {:?}",
                config.bucket
            ),
        ),
    }
    Diagnosis::Final
}

/// Tries each operation. `refused` is the error of listing the bucket, if that was refused.
async fn permissions(
    config: &StorageConfig,
    client: &StorageClient,
    probes: &mut Probes,
    refused: Option<StorageError>,
    report: &mut Report<'_>,
) -> Result<bool, Failure> {
    let key = probes.key("permissions")?;
    let tried = try_all(client, &key).await;
    if let Some(error) = refused {
        if tried.iter().all(|(_, result)| result.is_err()) {
            report.fail(
                "credentials",
                error.message(),
                "check the key pair and its policy: docs/storage.md has one that is enough",
            );
            return Ok(false);
        }
        report.ok("credentials", "the store accepts the key pair");
        report.ok("region", &format!("the store accepts {}", config.region));
        report.ok("bucket", &format!("{} is there", config.bucket));
    }
    let mut usable = true;
    for ((name, result), permission) in tried.into_iter().zip(PERMISSIONS) {
        match result {
            Ok(()) => report.ok(name, "allowed"),
            Err(error) => {
                usable &= !matches!(name, "put" | "get");
                let fix = if error.kind() == StorageErrorKind::NotAllowed {
                    allow(permission, &config.bucket)
                } else {
                    "see the store's own log".to_owned()
                };
                report.fail(name, error.message(), fix);
            }
        }
    }
    Ok(usable)
}

/// What each operation needs, in the order of [`try_all`].
const PERMISSIONS: [&str; 5] = [
    "s3:PutObject",
    "s3:GetObject",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:DeleteObject",
];

fn allow(permission: &str, bucket: &str) -> String {
    let resource = match permission {
        "s3:ListBucket" => bucket.to_owned(),
        _ => format!("{bucket}/*"),
    };
    format!(
        "allow {permission} on arn:aws:s3:::{resource} in the key's policy (see docs/storage.md)"
    )
}

async fn try_all(
    client: &StorageClient,
    key: &Key,
) -> [(&'static str, Result<(), StorageError>); 5] {
    let put = client.upload(key, CONTENT, UploadOptions::default()).await;
    let stored = put.is_ok();
    // What could not be stored is not there; that the store says so shows that it may be asked.
    let absent_is_fine = |result: Result<(), StorageError>| match result {
        Err(error) if error.is_not_found() && !stored => Ok(()),
        result => result,
    };
    let head = client.get_metadata(key).await.map(drop);
    let get = client.download(key).await.map(drop);
    let list = client.list(key.as_str()).try_next().await.map(drop);
    let delete = client.delete(key).await;
    [
        ("put", put.map(drop)),
        ("head", absent_is_fine(head)),
        ("get", absent_is_fine(get)),
        ("list", list),
        ("delete", delete),
    ]
}
