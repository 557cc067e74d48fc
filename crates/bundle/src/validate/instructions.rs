//! Whether agents find something to read.

use std::path::Path;

use enact_types::ToolName;

use super::markdown::{self, Link};
use super::problem::{Place, Problem, Rule, shown};
use super::source::Source;
use super::spelling;
use crate::manifest::{self, SKILL_MD};

/// Says that `dir` has no Markdown file.
pub(super) fn missing(dir: &Path) -> Problem {
    let message = "there is no SKILL.md, so agents get no instructions";
    let fix = spelling::rename(dir, &[SKILL_MD])
        .unwrap_or_else(|| "write a SKILL.md that says when to use the skill and how".to_owned());
    Problem::warning(Rule::NoInstructions, message, fix)
}

/// Checks the Markdown file.
pub(super) fn check(source: &Source, name: Option<&ToolName>, problems: &mut Vec<Problem>) {
    let document = &source.document;
    let file = document.file;
    let body = document.body.as_deref().unwrap_or_default();
    if body.is_empty() {
        let message = "there is no text, so agents get no instructions";
        let fix = "say below the front matter when to use the skill and how";
        problems.push(Problem::warning(Rule::NoInstructions, message, fix).in_file(file));
    }
    check_front_matter(source, name, problems);
}

/// The links to files in `text`, that of the Markdown file `file`, also where its front matter cannot be
/// read.
pub(super) fn links(file: &'static str, text: &str) -> Vec<Link> {
    let (_, body) = manifest::split(file, text);
    let body = body.unwrap_or_default();
    let before = text.len() - body.len();
    let lines = text[..before].matches('\n').count();
    markdown::links(body, u32::try_from(lines + 1).unwrap_or(u32::MAX))
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
