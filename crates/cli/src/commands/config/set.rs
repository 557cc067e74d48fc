//! `enact config set`: changes one setting of the file.

use std::io::{self, Read as _};

use serde_json::{Value, json};

use super::super::home;
use super::text;
use crate::args::SetSetting;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::settings::{ConfigKey, Document, Saved, secrets};

/// The longest value that is read from stdin, in bytes.
const MAX_BYTES: u64 = 64 * 1024;

/// Runs the command.
pub(super) fn run(args: SetSetting, printer: &Printer) -> Result<(), Failure> {
    let SetSetting { key, value } = args;
    let value = if value == "-" {
        parse(&key, from_stdin()?)
    } else {
        let value = parse(&key, value);
        if (key.is_secret() && !value.is_null()) || has_secret(&value) {
            return Err(visible(&key));
        }
        value
    };
    let home = home()?;
    let saved = Document::set(&home, &key, &value)?;
    let shown = secrets::shown(key.as_str(), &value);
    let file = Document::place(&home);
    printer.success(&format!("Set {key} = {}", text(&shown)));
    let backup = match saved {
        Saved::InPlace => None,
        Saved::Anew(old) => {
            printer.note(&format!(
                "{} was written anew, without its comments; as it was before it is {}",
                file.display(),
                old.display()
            ));
            Some(old)
        }
    };
    printer.json(&json!({"key": key.as_str(), "value": shown, "file": file, "backup": backup}));
    Ok(())
}

/// JSON is what it says, and anything else a text. Secrets are texts in any case.
fn parse(key: &ConfigKey, text: String) -> Value {
    if key.is_secret() && text != "null" {
        return Value::from(text);
    }
    serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text))
}

/// Whether anything in it is called a secret or looks like one.
fn has_secret(value: &Value) -> bool {
    match value {
        Value::String(text) => secrets::looks_like_token(text),
        Value::Array(values) => values.iter().any(has_secret),
        Value::Object(fields) => {
            let mut fields = fields.iter();
            fields.any(|(name, value)| {
                (secrets::is_secret(name) && !value.is_null()) || has_secret(value)
            })
        }
        _ => false,
    }
}

fn visible(key: &ConfigKey) -> Failure {
    let message = format!(
        "{key} is not taken from the command line, where others on this machine can see it, and where \
         the shell keeps it"
    );
    Failure::new("SECRET_ON_COMMAND_LINE", message)
        .hint("`enact login` keeps a registry's token, in the keyring if there is one")
        .hint(format!(
            "or give it on stdin: enact config set {key} - < FILE"
        ))
}

fn from_stdin() -> Result<String, Failure> {
    let mut text = String::new();
    let read = io::stdin()
        .lock()
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text);
    read.map_err(|error| Failure::io("cannot read the value from stdin", &error))?;
    if text.len() as u64 > MAX_BYTES {
        let message = format!("the value on stdin has more than {MAX_BYTES} bytes");
        return Err(Failure::new("INVALID_CONFIG", message));
    }
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
