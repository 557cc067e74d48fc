//! `enact db migrate`: brings the schema up to date.

use enact_catalog::{Catalog, Database};
use serde_json::json;

use super::Choice;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(choice: &Choice, printer: &Printer) -> Result<(), Failure> {
    let database = choice.database();
    if let Database::Sqlite(_) = database {
        enact_server::private_folder(&choice.data)
            .map_err(|error| Failure::io("cannot make the data folder", &error))?;
    }
    let migrated = Catalog::migrate(&database)
        .await
        .map_err(|error| choice.failure(&error))?;
    let to = migrated.applied.last().copied().unwrap_or(migrated.from);
    printer.json(&json!({
        "database": choice.shown(),
        "from": migrated.from,
        "to": to,
        "applied": migrated.applied,
    }));
    for number in &migrated.applied {
        printer.line(&format!("Applied migration {number}"));
    }
    if migrated.applied.is_empty() {
        printer.success(&format!("The schema is up to date, at version {to}"));
    } else {
        let from = migrated.from;
        printer.success(&format!(
            "The schema is at version {to} now; it was at {from}"
        ));
    }
    Ok(())
}
