//! What is wrong with each field of a manifest.

use enact_types::Manifest;
use serde_json::{Map, Value};

use super::fields::{Field, REGISTRY_FIELDS};
use super::problem::{Problem, Rule, shown};
use super::shape::{Misfit, MisfitKind, Shape};
use super::source::{Source, is_empty};
use super::{license, tags};

/// Checks the fields one by one, so that each says what is wrong with it.
pub(super) fn check(
    source: &Source,
    known: &'static [Field],
    strangers: bool,
    problems: &mut Vec<Problem>,
) {
    let file = source.document.file;
    let fields = &source.document.fields;
    for field in REGISTRY_FIELDS {
        let Some(value) = fields.get(field).filter(|value| !is_empty(value)) else {
            continue;
        };
        let alone = Map::from_iter([(field.to_owned(), value.clone())]);
        if let Err(error) = Manifest::from_value(Value::Object(alone)) {
            let text = error.to_string();
            let message = text.replacen("manifest field \"", "field \"", 1);
            let problem = Problem::error(Rule::InvalidField, message, example(field));
            problems.push(problem.in_file(file).at(source.value(&[field])));
        }
    }
    license::check(source, problems);
    tags::check(source, problems);
    let shape = Shape::Object {
        fields: known,
        open: false,
    };
    for misfit in shape.misfits(&Value::Object(fields.clone())) {
        if let Some(problem) = misfit_problem(source, &misfit, strangers) {
            problems.push(problem.in_file(file));
        }
    }
}

fn misfit_problem(source: &Source, misfit: &Misfit, strangers: bool) -> Option<Problem> {
    let path: Vec<&str> = misfit.path.iter().map(String::as_str).collect();
    let name = shown(&path.join("."));
    let problem = match &misfit.kind {
        MisfitKind::NotA(what) => {
            let message = format!("field {name} must be {what}");
            let fix = "existing clients refuse it otherwise: correct it, or remove the field";
            Problem::error(Rule::InvalidField, message, fix).at(source.value(&path))
        }
        MisfitKind::Missing(field) => {
            let message = format!("field {name} lacks \"{field}\", which it needs");
            let fix = format!("add `{field}: …` to it");
            Problem::error(Rule::MissingField, message, fix).at(source.key(&path))
        }
        MisfitKind::Unknown(_) if path.iter().any(|key| is_own(key)) => return None,
        MisfitKind::Unknown(Some(near)) => {
            let message = format!("nobody reads a field {name}");
            let fix = format!("did you mean `{near}`?");
            Problem::warning(Rule::UnknownField, message, fix).at(source.key(&path))
        }
        MisfitKind::Unknown(None) if strangers => {
            let message = format!("nobody reads a field {name}");
            let fix = "put what is your own under `metadata`, or start its name with `x-`";
            Problem::warning(Rule::UnknownField, message, fix).at(source.key(&path))
        }
        MisfitKind::Unknown(None) => return None,
    };
    Some(problem)
}

/// Whether it is a name for what belongs to the author's other tools.
fn is_own(key: &str) -> bool {
    key.starts_with("x-") || key.starts_with('$')
}

fn example(field: &str) -> &'static str {
    match field {
        "name" => "write it like `name: alice/greeter` or `name: \"@acme/tools/greeter\"`",
        "version" => "write it like `version: 1.0.0` (https://semver.org)",
        "description" => "say in one sentence what it does; the rest belongs into SKILL.md",
        "license" => "write it like `license: MIT` (https://spdx.org/licenses)",
        "tags" => "write it like `tags: [csv, data]`",
        _ => "write a URL, as in `https://example.org/greeter`",
    }
}
