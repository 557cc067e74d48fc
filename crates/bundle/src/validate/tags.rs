//! Whether people find the skill by its tags.

use serde_json::Value;

use super::problem::{Problem, Rule, shown};
use super::source::Source;

/// Looks at each tag that is a text.
pub(super) fn check(source: &Source, problems: &mut Vec<Problem>) {
    let Some(Value::Array(tags)) = source.document.fields.get("tags") else {
        return;
    };
    for (at, tag) in tags.iter().enumerate() {
        let Value::String(tag) = tag else { continue };
        let usual = tag.split_whitespace().collect::<Vec<_>>().join("-");
        let usual = usual.to_lowercase();
        let (message, fix) = if usual.is_empty() {
            ("a tag is empty".to_owned(), "remove it".to_owned())
        } else if usual != *tag {
            let message = format!("the tag {} has spaces or capital letters", shown(tag));
            (message, format!("write it like {}", shown(&usual)))
        } else if tags[..at].iter().any(|earlier| earlier == tag) {
            let message = format!("the tag {} is there twice", shown(tag));
            (message, "remove one of the two".to_owned())
        } else {
            continue;
        };
        let place = source.value(&["tags", &at.to_string()]);
        let problem = Problem::warning(Rule::InvalidField, message, fix);
        problems.push(problem.in_file(source.document.file).at(place));
    }
}
