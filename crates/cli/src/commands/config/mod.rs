//! `enact config`: the settings.

mod get;
mod list;
mod set;
mod show;

use serde_json::{Value, json};

use super::home;
use crate::args::{Config, Global, OperateConfig};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::settings::Document;

/// Runs the command.
pub(super) fn run(args: Config, global: &Global, printer: &Printer) -> Result<(), Failure> {
    match args.command {
        OperateConfig::Get(args) => get::run(&args, printer),
        OperateConfig::Set(args) => set::run(args, printer),
        OperateConfig::List => list::run(printer),
        OperateConfig::Path => path(printer),
        OperateConfig::Show => {
            show::run(global, printer);
            Ok(())
        }
    }
}

/// `enact config path`. Does not read the file, which may be broken.
fn path(printer: &Printer) -> Result<(), Failure> {
    let path = Document::place(&home()?);
    printer.line(&path.display().to_string());
    printer.json(&json!({"file": path, "exists": path.exists()}));
    Ok(())
}

/// A value as it is printed: a text as it is, anything else as JSON.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
