//! `enact config get`: one setting of the file.

use serde_json::json;

use super::super::home;
use super::text;
use crate::args::GetSetting;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::settings::{Document, secrets};

/// Runs the command. What is not set is no failure.
pub(super) fn run(args: &GetSetting, printer: &Printer) -> Result<(), Failure> {
    let document = Document::read(&home()?)?;
    let key = args.key.as_str();
    let value = document.get(&args.key);
    let value = value.map(|value| secrets::shown(key, value));
    match &value {
        Some(value) => printer.line(&text(value)),
        None => printer.note(&format!(
            "{key} is not set in {}",
            document.path().display()
        )),
    }
    printer.json(&json!({"key": key, "value": value}));
    Ok(())
}
