//! `enact audit`: who did what.
//!
//! `--json` prints one value a line, the newest first: `at`, `action`, `actor`, `via`, `credential`,
//! `address`, `tool`, `version`, `target`, `detail`, `result`, `status`, `requestId`; texts but for
//! `status`, and null where there is nothing to say. docs/operating.md explains them.

use enact_catalog::{AuditFilter, AuditRecord};
use enact_registry::Registry;
use enact_types::limits::MAX_AUDIT_PAGE;
use serde_json::{Value, json};

use super::database::Choice;
use crate::args::Audit;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::text::second;

/// Runs the command.
pub(super) async fn run(args: Audit, printer: &Printer) -> Result<(), Failure> {
    let choice = Choice::new(&args.data.folder, |name| std::env::var(name).ok())?;
    let filter = AuditFilter {
        since: args.since.map(|since| since.0),
        actor: args.user,
        tool: args.tool,
        action: args.action,
        result: args.result,
    };
    let choice = &choice;
    choice
        .with_accounts(async |registry| show(registry, choice, &filter, args.limit, printer).await)
        .await
}

/// Shows page after page, so that none of a long log is kept.
async fn show(
    registry: &Registry,
    choice: &Choice,
    filter: &AuditFilter,
    limit: u32,
    printer: &Printer,
) -> Result<(), Failure> {
    let (mut left, mut last, mut found) = (limit, None, false);
    while left > 0 {
        let size = left.min(MAX_AUDIT_PAGE);
        let page = registry.audit(filter, last.as_ref(), size).await;
        let page = page.map_err(|error| choice.failure(&error))?;
        let rows = u32::try_from(page.len()).unwrap_or(size);
        if rows > 0 {
            found = true;
            print(&page, printer);
        }
        if rows < size {
            break;
        }
        left -= rows;
        last = page.into_iter().last();
        if printer.is_cut() {
            return Ok(());
        }
    }
    if !found {
        printer.note("Nothing of that is in the audit log.");
    } else if left == 0 && !printer.is_json() {
        printer.note(&format!(
            "There may be more than these {limit}: --limit shows more."
        ));
    }
    Ok(())
}

fn print(page: &[AuditRecord], printer: &Printer) {
    if printer.is_json() {
        for row in page {
            printer.json_line(&value(row));
        }
        return;
    }
    let rows: Vec<_> = page.iter().map(cells).collect();
    let heading = [
        "TIME (UTC)",
        "WHO",
        "BY",
        "FROM",
        "ACTION",
        "WHAT",
        "RESULT",
    ];
    printer.table(&heading, &rows);
}

fn cells(row: &AuditRecord) -> Vec<String> {
    let or_dash = |text: &Option<String>| text.as_deref().unwrap_or("-").to_owned();
    let by = match &row.credential {
        Some(credential) => format!("{} {credential}", row.via),
        None => row.via.clone(),
    };
    vec![
        second(row.at),
        or_dash(&row.actor),
        by,
        or_dash(&row.address),
        row.action.clone(),
        what(row),
        row.result.clone(),
    ]
}

/// To what something was done, as in `alice/greeter@1.0.0` or `@acme bob admin`.
fn what(row: &AuditRecord) -> String {
    let tool = match (&row.tool, &row.version) {
        (Some(tool), Some(version)) => Some(format!("{tool}@{version}")),
        (tool, _) => tool.clone(),
    };
    let parts = [tool, row.target.clone(), row.detail.clone()];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return "-".to_owned();
    }
    parts.join(" ")
}

fn value(row: &AuditRecord) -> Value {
    json!({
        "at": row.at,
        "action": row.action,
        "actor": row.actor,
        "via": row.via,
        "credential": row.credential,
        "address": row.address,
        "tool": row.tool,
        "version": row.version,
        "target": row.target,
        "detail": row.detail,
        "result": row.result,
        "status": row.status,
        "requestId": row.request_id,
    })
}
