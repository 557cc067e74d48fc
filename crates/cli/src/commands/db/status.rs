//! `enact db status`: which database, how old its schema is, and what it holds.

use enact_catalog::{Catalog, SchemaState, Status};
use serde_json::json;

use super::Choice;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(choice: &Choice, printer: &Printer) -> Result<(), Failure> {
    let database = choice.database();
    let status = Catalog::status(&database)
        .await
        .map_err(|error| choice.failure(&error))?;
    let counts = status.counts;
    printer.json(&json!({
        "database": choice.shown(),
        "state": name(status.state),
        "schema": { "applied": status.applied, "known": status.known, "pending": status.pending },
        "tools": counts.tools,
        "versions": counts.versions,
        "reservations": counts.reservations,
        "abandonedAttempts": counts.abandoned,
    }));
    let count = |count: Option<u64>| count.map_or_else(|| "–".to_owned(), |n| n.to_string());
    printer.facts(&[
        ("Database", choice.shown()),
        ("Schema", schema(&status)),
        ("Pending migrations", pending(&status)),
        ("Skills", count(counts.tools)),
        ("Versions", count(counts.versions)),
        ("Publishes under way", count(counts.reservations)),
        ("Failed publishes to clean up", count(counts.abandoned)),
    ]);
    judge(&status, printer)
}

/// Says what to do; fails if a server could not start.
fn judge(status: &Status, printer: &Printer) -> Result<(), Failure> {
    match status.state {
        SchemaState::Missing => printer.note(
            "There is no database yet: `enact serve` or `enact db migrate` makes it. If there should \
             be one, name its folder with --data, or set DATABASE_URL.",
        ),
        SchemaState::Empty | SchemaState::Older => printer
            .note("`enact serve` brings the schema up to date when it starts, `enact db migrate` now."),
        SchemaState::Current => {}
        SchemaState::Newer => {
            let (applied, known) = (status.applied, status.known);
            let message = format!(
                "the schema is at version {applied}, and this enact knows up to {known}: a newer enact made it"
            );
            return Err(Failure::new("SCHEMA_TOO_NEW", message)
                .hint("run the newer enact, or restore a backup from before it")
                .already_in_json());
        }
        SchemaState::Foreign => {
            let message = "the database was made by another program";
            return Err(Failure::new("FOREIGN_DATABASE", message)
                .hint(
                    "if it is of the existing self-hosted server: choose another --data folder for this \
                     registry, and take it over with `enact db import --from FOLDER`",
                )
                .already_in_json());
        }
    }
    Ok(())
}

fn schema(status: &Status) -> String {
    let (applied, known) = (status.applied, status.known);
    match status.state {
        SchemaState::Missing => "none: there is no database yet".to_owned(),
        SchemaState::Empty => "none: the database is empty".to_owned(),
        SchemaState::Older => format!("version {applied}, and this enact needs more"),
        SchemaState::Current => format!("version {applied}, up to date"),
        SchemaState::Newer => format!("version {applied}, newer than this enact's ({known})"),
        SchemaState::Foreign => "of another program".to_owned(),
    }
}

fn pending(status: &Status) -> String {
    if status.pending.is_empty() || status.state == SchemaState::Foreign {
        return "none".to_owned();
    }
    let numbers: Vec<String> = status.pending.iter().map(i64::to_string).collect();
    numbers.join(", ")
}

fn name(state: SchemaState) -> &'static str {
    match state {
        SchemaState::Missing => "missing",
        SchemaState::Empty => "empty",
        SchemaState::Older => "older",
        SchemaState::Current => "current",
        SchemaState::Newer => "newer",
        SchemaState::Foreign => "foreign",
    }
}
