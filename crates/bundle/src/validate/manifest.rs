//! What is wrong with the manifest and with `SKILL.md`.

use std::path::Path;

use enact_types::ToolName;
use serde_json::Value;

use super::fields::{MANIFEST, SKILL_MD_BESIDE};
use super::markdown::Link;
use super::problem::{Problem, Rule, shown};
use super::source::{Source, is_empty, parse, unreadable};
use super::{commands, field_values, hidden, instructions, placeholders, spelling};
use crate::error::PackError;
use crate::folder;
use crate::manifest::{self, ENACT_MD, NAMES, SKILL_MD};

/// What the rest of the folder is held against.
#[derive(Debug, Default)]
pub(super) struct Stated {
    /// The skill's name, if it is a valid one.
    pub(super) name: Option<ToolName>,
    /// The commands of the manifest.
    pub(super) commands: Vec<commands::Command>,
    /// Whether it makes files of its own before it is run.
    pub(super) is_built: bool,
    /// The links to files in the text for agents, and its file.
    pub(super) links: Vec<(&'static str, Link)>,
}

/// Looks at every manifest file in `dir`. Fails only if one cannot be read from the disk.
pub(super) fn check(dir: &Path, problems: &mut Vec<Problem>) -> Result<Stated, PackError> {
    let mut found = Vec::new();
    let mut links = Vec::new();
    for file in NAMES {
        match folder::read_text(dir, file) {
            Ok(None) => {}
            Ok(Some(text)) => {
                placeholders::check(file, &text, problems);
                if manifest::is_markdown(file) {
                    links.push((file, instructions::links(file, &text)));
                }
                found.push((file, parse(file, &text, problems)));
            }
            Err(error @ PackError::Read { .. }) => return Err(error),
            Err(error) => {
                found.push((file, None));
                problems.push(unreadable(file, &error, None));
            }
        }
    }
    let Some(main) = found.first().map(|(file, _)| *file) else {
        let message = "there is neither a skill.package.yml nor a SKILL.md";
        let fix = spelling::rename(dir, &NAMES)
            .unwrap_or_else(|| "`enact init` writes both; or is this another folder?".to_owned());
        problems.push(Problem::error(Rule::NoManifest, message, fix));
        return Ok(Stated::default());
    };
    warn_of_rivals(main, &found, problems);
    let mut sources = found.into_iter();
    let main_source = sources.next().and_then(|(_, source)| source);
    let text_file = if manifest::is_markdown(main) {
        None
    } else {
        // The first that is Markdown: SKILL.md, else enact.md.
        sources.find(|(file, _)| manifest::is_markdown(file))
    };
    let beside = text_file.as_ref().filter(|(file, _)| *file == SKILL_MD);
    let beside = beside.and_then(|(_, source)| source.as_ref());
    let mut stated = Stated::default();
    if let Some(source) = &main_source {
        field_values::check(source, MANIFEST, !manifest::is_markdown(main), problems);
        check_complete(source, beside, problems);
        check_env(source, problems);
        hidden::check(source, problems);
        stated.commands = commands::of(source);
        let hooks = source.document.fields.get("hooks");
        let builds = |fields: Option<&Value>| fields.is_some_and(|value| !value.is_null());
        stated.is_built = builds(source.document.fields.get("build"))
            || builds(hooks.and_then(|hooks| hooks.get("build")));
        stated.name = source.name().or_else(|| beside?.name());
    }
    if let Some(skill) = beside {
        field_values::check(skill, SKILL_MD_BESIDE, false, problems);
        hidden::check(skill, problems);
        if let Some(main) = &main_source {
            check_agreement(main, skill, problems);
        }
    }
    let (file, source) = match &text_file {
        Some((file, source)) => (*file, source.as_ref()),
        None if manifest::is_markdown(main) => (main, main_source.as_ref()),
        None => {
            problems.push(instructions::missing(dir));
            return Ok(stated);
        }
    };
    if let Some(source) = source {
        instructions::check(source, stated.name.as_ref(), problems);
    }
    let of_file = links.into_iter().filter(|(name, _)| *name == file);
    let links = of_file.flat_map(|(_, links)| links);
    stated.links = links.map(|link| (file, link)).collect();
    Ok(stated)
}

/// Of several manifests one is read, and not the same one by all clients.
fn warn_of_rivals(
    main: &str,
    found: &[(&'static str, Option<Source>)],
    problems: &mut Vec<Problem>,
) {
    let has_skill_md = found.iter().any(|(file, _)| *file == SKILL_MD);
    for (file, _) in found.iter().skip(1) {
        let read = match *file {
            ENACT_MD if has_skill_md => SKILL_MD,
            SKILL_MD | ENACT_MD => continue,
            _ => main,
        };
        let message = format!("{file} is not read, as {read} is there");
        let fix = format!("keep one of the two: some clients read {file} instead");
        problems.push(Problem::warning(Rule::Disagreement, message, fix).in_file(*file));
    }
}

/// Checks that what every skill needs is there, in the manifest or in the `SKILL.md` beside it.
fn check_complete(main: &Source, beside: Option<&Source>, problems: &mut Vec<Problem>) {
    let file = main.document.file;
    for field in ["name", "version", "description"] {
        if main.states(field) || beside.is_some_and(|skill| skill.states(field)) {
            continue;
        }
        let place = main.key(&[field]);
        let problem = match &main.document.display_name {
            Some(name) if field == "name" => Problem::error(
                Rule::MissingField,
                format!("{} is not the full name of a skill", shown(name)),
                "put whose it is in front, as in `name: alice/greeter`".to_owned(),
            ),
            _ => {
                let line = match field {
                    "name" => "name: alice/greeter",
                    "version" => "version: 1.0.0",
                    _ => "description: Greets a person by name",
                };
                let at_top = if manifest::is_markdown(file) {
                    " between two lines `---` at the top"
                } else {
                    ""
                };
                Problem::error(
                    Rule::MissingField,
                    format!("there is no {field}"),
                    format!("add a line like `{line}`{at_top}"),
                )
            }
        };
        problems.push(problem.in_file(file).at(place));
    }
}

/// Checks that `SKILL.md`, which agents read, and the manifest, which clients read, say the same.
fn check_agreement(main: &Source, skill: &Source, problems: &mut Vec<Problem>) {
    let other = main.document.file;
    for field in ["name", "version", "license"] {
        let (Some(here), Some(there)) = (skill.string(field), main.string(field)) else {
            continue;
        };
        if here == there {
            continue;
        }
        let message = format!(
            "{field} is {} here and {} in {other}",
            shown(here),
            shown(there)
        );
        let fix = "make them the same, or leave it out here";
        let problem = if field == "license" {
            Problem::warning(Rule::Disagreement, message, fix)
        } else {
            Problem::error(Rule::Disagreement, message, fix)
        };
        problems.push(problem.in_file(SKILL_MD).at(skill.value(&[field])));
    }
}

/// A secret with a default is none.
fn check_env(source: &Source, problems: &mut Vec<Problem>) {
    let Some(Value::Object(env)) = source.document.fields.get("env") else {
        return;
    };
    for (name, variable) in env {
        let is_secret = variable.get("secret") == Some(&Value::Bool(true));
        let default = variable.get("default").filter(|value| !is_empty(value));
        if is_secret && default.is_some() {
            let message = format!(
                "the secret {} has a default, which everybody can read",
                shown(name)
            );
            let fix = "remove `default`: who runs the skill sets its secrets";
            let problem = Problem::warning(Rule::LikelySecret, message, fix);
            let place = source.key(&["env", name, "default"]);
            problems.push(problem.in_file(source.document.file).at(place));
        }
    }
}
