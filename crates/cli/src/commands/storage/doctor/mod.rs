//! `enact storage doctor`: looks at everything between the settings and a stored object, in the
//! order in which a person would, and says what mends each failure.

mod access;
mod answer;
mod endpoint;
mod folder;
mod network;
mod operations;
mod settings;

use enact_storage::{Retries, StorageClient, StorageConfig, StorageError, Timeouts};
use serde_json::{Value, json};

use super::probe::Probes;
use super::store::{Choice, failure, no_store};
use super::until_ctrl_c;
use crate::commands::reach::PATIENCE;
use crate::commands::report::Report;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::settings::Setting;

/// The checks of an S3-compatible store, in order.
const S3_CHECKS: [&str; 17] = [
    "settings",
    "DNS",
    "TCP",
    "TLS",
    "S3 API",
    "clock",
    "credentials",
    "region",
    "bucket",
    "put",
    "head",
    "get",
    "list",
    "delete",
    "addressing style",
    "conditional put",
    "presigned link",
];

/// What the checks found.
#[derive(Debug)]
pub(in crate::commands) struct Examined {
    /// For programs.
    pub(in crate::commands) json: Value,
    /// The names of the checks that failed.
    pub(in crate::commands) failed: Vec<&'static str>,
}

/// Runs the checks. Fails if any of them did.
pub(super) async fn run(choice: &Choice, printer: &Printer) -> Result<(), Failure> {
    let Examined { json, failed } = examine(choice, printer).await?;
    printer.json(&json);
    if failed.is_empty() {
        printer.success("The store works.");
        return Ok(());
    }
    Err(Failure::new(CODE, summary(&failed)).already_in_json())
}

/// Runs the checks, each printed as soon as it is known.
pub(super) async fn examine(choice: &Choice, printer: &Printer) -> Result<Examined, Failure> {
    let rows = settings::rows(choice, |name| std::env::var(name).ok());
    settings::print(&rows, printer);
    let mut report = Report::new(printer);
    let store = match choice {
        Choice::S3(config) => s3(config, &mut report).await?,
        Choice::Local { folder, .. } => folder::check(folder, &mut report).await?,
        Choice::Broken(error) => {
            report.fail("settings", error.message(), settings::remedy(error));
            None
        }
        Choice::None => {
            let failure = no_store();
            report.fail("settings", failure.message(), failure.hints().join("; or "));
            None
        }
    };
    if !matches!(choice, Choice::Local { .. }) {
        report.skip_the_rest(&S3_CHECKS);
    }
    let failed = report.failed();
    let json = json!({
        "store": store,
        "ok": failed.is_empty(),
        "settings": rows,
        "checks": report.checks(),
        "error": (!failed.is_empty())
            .then(|| json!({"code": CODE, "message": summary(&failed)})),
    });
    Ok(Examined { json, failed })
}

/// The settings of the store that `var` says, whatever there is on this machine.
pub(in crate::commands) fn environment(var: impl Fn(&str) -> Option<String>) -> Vec<Setting> {
    let choice = match StorageConfig::from_vars(&var) {
        Ok(Some(config)) => Choice::S3(Box::new(config)),
        Ok(None) => Choice::None,
        Err(error) => Choice::Broken(error),
    };
    let rows = settings::rows(&choice, var).into_iter();
    rows.map(Setting::from).collect()
}

/// The code of the failure when a check failed.
const CODE: &str = "CHECKS_FAILED";

fn summary(failed: &[&str]) -> String {
    format!(
        "the store does not work as configured: {}",
        failed.join(", ")
    )
}

/// Checks an S3-compatible store, and removes what that took. Gives what the store is.
async fn s3(config: &StorageConfig, report: &mut Report<'_>) -> Result<Option<String>, Failure> {
    let client = match impatient(config) {
        Ok(client) => client,
        Err(error) => {
            report.fail("settings", error.message(), settings::remedy(&error));
            return Ok(None);
        }
    };
    let store = client.describe();
    let mut probes = Probes::new(&client);
    let checked = until_ctrl_c(async {
        let endpoint = endpoint::Endpoint::of(config)?;
        if let Some((cause, fix)) = endpoint.names_bucket(&config.bucket) {
            report.fail("settings", &cause, fix);
            return Ok(());
        }
        report.ok("settings", &store);
        let Some(answer) = network::check(&endpoint, report).await else {
            return Ok(());
        };
        if !access::check(config, &client, &endpoint, &answer, &mut probes, report).await? {
            return Ok(());
        }
        endpoint.report_style(report);
        operations::conditional_put(&client, &mut probes, report).await?;
        operations::presigned(config, &client, &mut probes, report).await
    })
    .await;
    clean_up(probes, report).await;
    checked.map(|()| Some(store))
}

/// A client that gives up early.
fn impatient(config: &StorageConfig) -> Result<StorageClient, StorageError> {
    let mut config = config.clone();
    config.timeouts = Timeouts {
        connect: PATIENCE,
        idle: PATIENCE,
    };
    config.retries = Retries {
        max: 1,
        ..Retries::default()
    };
    StorageClient::new(config)
}

/// Removes what was stored. That it cannot be is no further failure where deleting failed already.
async fn clean_up(probes: Probes, report: &Report<'_>) {
    if !report.has_touched_objects() {
        return;
    }
    if let Err(error) = probes.clean_up().await {
        report.warn_in_passing(&format!(
            "test objects below bundles/.enact-probe/ could not be removed: {}",
            failure(&error).message()
        ));
    }
}
