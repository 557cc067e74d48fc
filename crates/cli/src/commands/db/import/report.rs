//! What `enact db import` says at its end.

use enact_registry::{Report, Tally};
use serde_json::{Value, json};

use crate::args;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) fn print(
    args: &args::Import,
    report: &Report,
    failure: Option<&Failure>,
    printer: &Printer,
) {
    let refused: Vec<Value> = report
        .refused
        .iter()
        .map(|row| json!({"kind": row.kind.as_str(), "what": row.what, "reason": row.reason}))
        .collect();
    printer.json(&json!({
        "from": args.from,
        "dryRun": args.dry_run,
        "people": counts(report.people),
        "organizations": counts(report.organizations),
        "versions": counts(report.versions),
        "refused": refused,
        "refusedInAll": report.refused_in_all,
        "attestationsLeftOut": report.attestations,
        "error": failure.map(|failure| json!({"code": failure.code(), "message": failure.message()})),
    }));
    let taken = if args.dry_run {
        "WOULD BE TAKEN OVER"
    } else {
        "TAKEN OVER"
    };
    let row = |name: &str, tally: Tally| {
        let number = |count: u64| count.to_string();
        vec![
            name.to_owned(),
            number(tally.taken),
            number(tally.already),
            number(tally.refused),
        ]
    };
    printer.table(
        &["", taken, "THERE ALREADY", "REFUSED"],
        &[
            row("People", report.people),
            row("Organizations", report.organizations),
            row("Versions", report.versions),
        ],
    );
    if !report.refused.is_empty() {
        printer.line("");
        let rows: Vec<Vec<String>> = report
            .refused
            .iter()
            .map(|row| {
                vec![
                    row.kind.as_str().to_owned(),
                    row.what.clone(),
                    row.reason.clone(),
                ]
            })
            .collect();
        printer.table(&["REFUSED", "WHICH", "WHY"], &rows);
    }
    let unlisted = report.refused_in_all - report.refused.len() as u64;
    if unlisted > 0 {
        printer.warning(&format!(
            "{unlisted} more rows were refused and are not listed"
        ));
    }
    if report.attestations > 0 {
        printer.note(&format!(
            "Attestations left out: {}, as the existing server takes them from anybody, unverified.",
            report.attestations
        ));
    }
}

fn counts(tally: Tally) -> Value {
    let taken = tally.taken;
    json!({"imported": taken, "alreadyThere": tally.already, "refused": tally.refused})
}
