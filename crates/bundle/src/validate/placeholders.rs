//! Whether texts of a template are still there, which nobody wrote for this skill.

use super::problem::{Place, Problem, Rule, shown};

/// What `enact init` writes to be replaced.
const PLACEHOLDERS: [&str; 7] = [
    "Says in one sentence what this skill does.",
    "Say here what an agent should do, as you would tell a new colleague.",
    "Change the script, and say here what it does.",
    "Show an example of a good result, and what to do when something is missing.",
    "Use it when … (agents decide by this line whether they need the skill).",
    "The user asks for …",
    "You are about to …",
];

/// Warns of each line of the text of `file` in which there is one.
pub(super) fn check(file: &str, text: &str, problems: &mut Vec<Problem>) {
    for (line, text) in (1..).zip(text.lines()) {
        let found = PLACEHOLDERS
            .iter()
            .find_map(|&placeholder| Some((placeholder, text.find(placeholder)?)));
        let Some((placeholder, before)) = found else {
            continue;
        };
        let message = format!("{} is a template's text", shown(placeholder));
        let fix = "write in its place what is true of this skill, or delete it";
        let column = text[..before].chars().count() + 1;
        let place = Place {
            line,
            column: u32::try_from(column).unwrap_or(u32::MAX),
        };
        let problem = Problem::warning(Rule::Placeholder, message, fix);
        problems.push(problem.in_file(file).at(Some(place)));
    }
}
