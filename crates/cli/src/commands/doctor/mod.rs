//! `enact doctor`: looks at everything between the settings and what is installed, in the order in which
//! a person would, and says what mends each failure.

mod account;
mod here;
mod installed;
mod registry;

use serde_json::{Value, json};

use super::report::Report;
use super::{or_ctrl_c, runtime, storage};
use crate::args::{Doctor, Global};
use crate::exit::Failure;
use crate::printer::Printer;

/// The code of the failure when a check failed.
const CODE: &str = "CHECKS_FAILED";

/// Runs the checks. Fails if any of them did.
pub(super) fn run(args: Doctor, global: &Global, printer: &Printer) -> Result<(), Failure> {
    runtime()?.block_on(async {
        let mut report = Report::new(printer);
        or_ctrl_c(client(global, &mut report)).await?;
        let mut failed = report.failed();
        let mut store = Value::Null;
        if args.server || args.data.is_some() || storage::is_in_environment() {
            printer.line("");
            printer.heading("Object store");
            // It removes what it stores also after Ctrl-C.
            let examined = storage::examine(args.data, printer).await?;
            failed.extend(examined.failed);
            store = examined.json;
        }
        finish(&report, &failed, &store, printer)
    })
}

/// The checks of those who use registries.
async fn client(global: &Global, report: &mut Report<'_>) -> Result<(), Failure> {
    let settings = here::settings(global, report);
    here::home(report);
    here::proxies(settings.as_ref(), report);
    here::certificates(report);
    if let Some(settings) = &settings
        && let Some(client) = registry::check(settings, report).await
    {
        account::check(&client, settings, report).await;
    }
    report.skip_the_rest(&registry::CHECKS);
    installed::cache(settings.as_ref(), report);
    installed::skills(report);
    Ok(())
}

fn finish(
    report: &Report<'_>,
    failed: &[&str],
    store: &Value,
    printer: &Printer,
) -> Result<(), Failure> {
    let summary = format!("not everything works: {}", failed.join(", "));
    let ok = failed.is_empty();
    printer.json(&json!({
        "ok": ok,
        "checks": report.checks(),
        "storage": store,
        "error": (!ok).then(|| json!({"code": CODE, "message": summary})),
    }));
    if ok {
        printer.success("Everything works.");
        return Ok(());
    }
    Err(Failure::new(CODE, summary).already_in_json())
}
