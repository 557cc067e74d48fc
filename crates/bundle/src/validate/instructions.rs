//! Whether agents find something to read.

use enact_types::ToolName;

use super::markdown::{self, Link};
use super::problem::{Place, Problem, Rule, shown};
use super::source::Source;

/// Checks the Markdown file, if there is one, and gives its relative links.
pub(super) fn check(
    source: Option<&Source>,
    name: Option<&ToolName>,
    problems: &mut Vec<Problem>,
) -> Vec<(&'static str, Link)> {
    let Some(source) = source else {
        let message = "there is no SKILL.md, so agents get no instructions";
        let fix = "write a SKILL.md that says when to use the skill and how";
        problems.push(Problem::warning(Rule::NoInstructions, message, fix));
        return Vec::new();
    };
    let document = &source.document;
    let file = document.file;
    let body = document.body.as_deref().unwrap_or_default();
    if body.is_empty() {
        let message = "there is no text, so agents get no instructions";
        let fix = "say below the front matter when to use the skill and how";
        problems.push(Problem::warning(Rule::NoInstructions, message, fix).in_file(file));
    }
    check_front_matter(source, name, problems);
    let first_line = line_of_body(source);
    let (_, body) = crate::manifest::split(file, &source.text);
    let links = markdown::links(body.unwrap_or_default(), first_line);
    links.into_iter().map(|link| (file, link)).collect()
}

/// Many agents look at the front matter alone to decide whether they need the skill.
fn check_front_matter(source: &Source, name: Option<&ToolName>, problems: &mut Vec<Problem>) {
    let document = &source.document;
    let has = |field: &str| {
        document
            .fields
            .get(field)
            .is_some_and(|value| !value.is_null())
    };
    let named = document.display_name.is_some() || has("name");
    if !named || !has("description") {
        let message =
            "the front matter lacks a name or a description, by which agents choose a skill";
        let fix = "write `name: …` and `description: …` between two lines `---` at the top";
        let place = Some(Place { line: 1, column: 1 });
        let problem = Problem::warning(Rule::MissingField, message, fix);
        problems.push(problem.in_file(document.file).at(place));
    }
    if let (Some(here), Some(name)) = (&document.display_name, name)
        && here != name.short_name()
    {
        let folder = name.short_name();
        let message = format!(
            "the name is {}, and the skill is installed into a folder \"{folder}\"",
            shown(here)
        );
        let fix = format!("many agents want the two to be the same: `name: {folder}`");
        let problem = Problem::warning(Rule::Disagreement, message, fix);
        problems.push(problem.in_file(document.file).at(source.value(&["name"])));
    }
}

/// The line on which the text below the front matter starts, counted from 1.
fn line_of_body(source: &Source) -> u32 {
    let (_, body) = crate::manifest::split(source.document.file, &source.text);
    let before = source.text.len() - body.unwrap_or_default().len();
    let lines = source.text[..before].matches('\n').count();
    u32::try_from(lines + 1).unwrap_or(u32::MAX)
}
