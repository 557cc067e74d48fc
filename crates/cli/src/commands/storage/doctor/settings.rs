//! Which settings are in force and where each came from.

use enact_storage::config::{DEFAULT_BUCKET, DEFAULT_REGION, vars};
use enact_storage::{StorageError, StorageErrorCode};
use serde::Serialize;

use super::super::store::Choice;
use crate::printer::Printer;
use crate::settings::{Origin, Setting};

/// One setting.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    name: &'static str,
    /// As it may be shown: never a secret.
    value: String,
    source: String,
}

/// The settings that `choice` was made of; `var` reads the environment.
pub(super) fn rows(choice: &Choice, var: impl Fn(&str) -> Option<String>) -> Vec<Row> {
    if let Choice::Local { folder, origin } = choice {
        return vec![Row {
            name: "folder",
            value: folder.display().to_string(),
            source: (*origin).to_owned(),
        }];
    }
    let row = |name: &'static str| {
        let set = var(name).map(|value| value.trim().to_owned());
        match set.filter(|value| !value.is_empty()) {
            Some(value) => Row {
                name,
                value: shown(name, &value),
                source: "environment".to_owned(),
            },
            None => default(name, choice),
        }
    };
    vars::ALL.into_iter().map(row).collect()
}

fn default(name: &'static str, choice: &Choice) -> Row {
    let row = |value: &str, source: &str| Row {
        name,
        value: value.to_owned(),
        source: source.to_owned(),
    };
    match (name, choice) {
        (vars::ENDPOINT, Choice::S3(config)) => match config.endpoint_url() {
            Ok(Some(url)) => row(&url, "derived from R2_ACCOUNT_ID"),
            _ => row("AWS S3", "default"),
        },
        (vars::BUCKET, _) => row(DEFAULT_BUCKET, "default"),
        (vars::REGION, _) => row(DEFAULT_REGION, "default"),
        (vars::SSE, _) => row("none", "default"),
        _ => row("–", "not set"),
    }
}

fn shown(name: &str, value: &str) -> String {
    if name == vars::SECRET_ACCESS_KEY {
        return "•••••••• (not shown)".to_owned();
    }
    // Refused later, but shown here first.
    if value.contains('@') {
        return "(not shown: it may hold a password)".to_owned();
    }
    value.to_owned()
}

impl From<Row> for Setting {
    fn from(row: Row) -> Self {
        match &*row.source {
            "environment" => Self::set(row.name, row.value, Origin::Env, row.name),
            "not set" => Self::default(row.name, None),
            _ => Self::default(row.name, Some(&row.value)),
        }
    }
}

/// Prints the table.
pub(super) fn print(rows: &[Row], printer: &Printer) {
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| vec![row.name.to_owned(), row.value.clone(), row.source.clone()])
        .collect();
    printer.table(&["SETTING", "VALUE", "FROM"], &cells);
    printer.line("");
}

/// The command that mends a wrong setting.
pub(super) fn remedy(error: &StorageError) -> String {
    if error.code() != StorageErrorCode::MissingCredentials {
        // It says first which setting it is about.
        let named = |name: &&str| error.message().starts_with(name);
        return match vars::ALL
            .iter()
            .copied()
            .filter(named)
            .max_by_key(|name| name.len())
        {
            Some(name) => format!("export {name}=… with a value that follows the rule"),
            None => "see docs/storage.md for the settings of each store".to_owned(),
        };
    }
    let missing = |name: &str| error.message().contains(&format!("export {name}="));
    let exports: Vec<String> = [
        (vars::ACCESS_KEY_ID, "AWS_ACCESS_KEY_ID"),
        (vars::SECRET_ACCESS_KEY, "AWS_SECRET_ACCESS_KEY"),
    ]
    .into_iter()
    .filter(|(name, _)| missing(name))
    .map(|(name, aws)| match std::env::var_os(aws) {
        // A common slip: the key pair is there, under the names of other programs.
        Some(_) => format!("{name}=\"${aws}\""),
        None => format!("{name}=…"),
    })
    .collect();
    format!("export {}", exports.join(" "))
}
