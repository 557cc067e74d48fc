//! `enact config list`: all settings of the file.

use serde_json::{Map, Value, json};

use super::super::home;
use super::text;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::settings::{Document, secrets};

/// Runs the command.
pub(super) fn run(printer: &Printer) -> Result<(), Failure> {
    let document = Document::read(&home()?)?;
    let mut settings = Map::new();
    flatten("", document.value(), &mut settings);
    let path = document.path();
    if settings.is_empty() {
        let what = if document.exists() {
            "sets nothing"
        } else {
            "does not exist"
        };
        printer.note(&format!(
            "{} {what}: all settings are the defaults",
            path.display()
        ));
    } else {
        let rows = settings.iter();
        let rows: Vec<Vec<String>> = rows
            .map(|(name, value)| vec![name.clone(), text(value)])
            .collect();
        printer.table(&["SETTING", "VALUE"], &rows);
    }
    printer.json(&json!({"file": path, "exists": document.exists(), "settings": settings}));
    Ok(())
}

/// Notes every setting below `value` under its whole name, as it may be shown.
fn flatten(name: &str, value: &Value, settings: &mut Map<String, Value>) {
    match value {
        Value::Object(fields) if name.is_empty() || !secrets::is_secret(name) => {
            for (field, value) in fields {
                let name = match name {
                    "" => field.clone(),
                    name => format!("{name}.{field}"),
                };
                flatten(&name, value, settings);
            }
        }
        Value::Null => {}
        // A file may be something else than sections; nothing of it is a setting.
        _ if name.is_empty() => {}
        value => {
            settings.insert(name.to_owned(), secrets::shown(name, value));
        }
    }
}
