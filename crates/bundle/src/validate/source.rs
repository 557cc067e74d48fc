//! One manifest file, taken apart, with the places of its fields.

use enact_types::ToolName;
use serde_json::Value;

use super::places::Places;
use super::problem::{Place, Problem, Rule};
use crate::manifest::{self, Document, ManifestProblem};

/// A manifest file that could be parsed.
pub(super) struct Source {
    pub(super) document: Document,
    pub(super) places: Option<Places>,
}

impl Source {
    /// Where the value of this field stands.
    pub(super) fn value(&self, path: &[&str]) -> Option<Place> {
        self.places.as_ref()?.at(path)?.value
    }

    /// Where the key of this field stands.
    pub(super) fn key(&self, path: &[&str]) -> Option<Place> {
        self.places.as_ref()?.at(path)?.key
    }

    /// The text of this field, if it is one and not empty.
    pub(super) fn string(&self, field: &str) -> Option<&str> {
        let text = self.document.fields.get(field)?.as_str()?;
        (!text.is_empty()).then_some(text)
    }

    /// Whether this field says anything.
    pub(super) fn states(&self, field: &str) -> bool {
        let value = self.document.fields.get(field);
        value.is_some_and(|value| !is_empty(value))
    }

    /// The name, if it is a valid one.
    pub(super) fn name(&self) -> Option<ToolName> {
        ToolName::parse(self.string("name")?).ok()
    }
}

/// Parses one file, or says why it cannot be.
pub(super) fn parse(file: &'static str, text: &str, problems: &mut Vec<Problem>) -> Option<Source> {
    let (yaml, _) = manifest::split(file, text);
    // Below the line of dashes.
    let first_line = if manifest::is_markdown(file) { 2 } else { 1 };
    if yaml.is_none() && text.trim_start_matches('\u{feff}').starts_with("---") {
        let message = "the front matter is not closed: there is no second line `---`";
        let fix = "write a line `---` below the last field";
        let place = Place { line: 1, column: 1 };
        let problem = Problem::error(Rule::Unreadable, message, fix);
        problems.push(problem.in_file(file).at(Some(place)));
        return None;
    }
    match Document::parse(file, text.as_bytes()) {
        Ok(document) => Some(Source {
            document,
            places: yaml.and_then(|yaml| Places::of(yaml, first_line)),
        }),
        Err(error) => {
            let yaml_problem = yaml.and_then(|yaml| yaml_error(yaml, first_line));
            let problem = match (&error.problem, yaml_problem) {
                (ManifestProblem::Yaml(_), Some(problem)) => problem,
                _ => unreadable(
                    file,
                    &error,
                    Some(Place {
                        line: first_line,
                        column: 1,
                    }),
                ),
            };
            problems.push(problem.in_file(file));
            None
        }
    }
}

/// What is wrong with this YAML, and where in the file it is.
fn yaml_error(yaml: &str, first_line: u32) -> Option<Problem> {
    let error = manifest::from_yaml::<Value>(yaml).err()?;
    let message = manifest::yaml_message(&error);
    let (message, fix) = match error {
        serde_saphyr::Error::DuplicateMappingKey { .. } => (message, "remove one of the two"),
        _ => (
            format!("this is not YAML: {message}"),
            "correct the YAML; texts with special characters need quotes",
        ),
    };
    let place = error.location().and_then(Place::of);
    let place = place.map(|place| place.after(first_line - 1));
    Some(Problem::error(Rule::Unreadable, message, fix).at(place))
}

pub(super) fn unreadable(
    file: &str,
    error: &dyn std::error::Error,
    place: Option<Place>,
) -> Problem {
    let text = error.to_string();
    let message = text.strip_prefix(&format!("{file}: ")).unwrap_or(&text);
    let fix = "write fields like `name: alice/greeter`, one a line, as UTF-8 text";
    Problem::error(Rule::Unreadable, message, fix)
        .in_file(file)
        .at(place)
}

/// Null and "" are as good as absent.
pub(super) fn is_empty(value: &Value) -> bool {
    value.is_null() || value == ""
}
