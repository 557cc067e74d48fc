//! Commands of which somebody who reads them on a terminal would not see everything.

use serde_json::Value;

use super::problem::{Problem, Rule};
use super::source::Source;
use crate::hidden::hidden_character;

/// The fields of a manifest that hold commands.
const FIELDS: [&str; 4] = ["hooks", "scripts", "command", "build"];

/// Warns of each field that has such a character.
pub(super) fn check(source: &Source, problems: &mut Vec<Problem>) {
    for field in FIELDS {
        if let Some(value) = source.document.fields.get(field) {
            look(source, &mut vec![field], value, problems);
        }
    }
}

/// Looks at `value`, which stands at `path`; what is in a list stands where the list does.
fn look<'s>(
    source: &'s Source,
    path: &mut Vec<&'s str>,
    value: &'s Value,
    problems: &mut Vec<Problem>,
) {
    match value {
        Value::String(text) => {
            if let Some(char) = hidden_character(text) {
                let message = format!(
                    "{} has the character U+{:04X}, which is not seen on a terminal",
                    path.join("."),
                    u32::from(char)
                );
                let fix = "leave it out: a hook with such a character is never run";
                let problem = Problem::warning(Rule::HiddenCharacter, message, fix);
                problems.push(problem.in_file(source.document.file).at(source.value(path)));
            }
        }
        Value::Array(list) => list
            .iter()
            .for_each(|value| look(source, path, value, problems)),
        Value::Object(fields) => {
            for (key, value) in fields {
                path.push(key);
                look(source, path, value, problems);
                path.pop();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
