//! What new skills are made of.

use enact_types::ToolName;

use crate::args::Template;

/// The first sentence of a new skill, to be replaced.
const DESCRIPTION: &str = "Says in one sentence what this skill does.";

/// One file of a template.
#[derive(Debug, Clone, Copy)]
struct Source {
    path: &'static str,
    text: &'static str,
    executable: bool,
}

/// One file of a new skill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewFile {
    /// Inside the skill's folder.
    pub(super) path: &'static str,
    pub(super) text: String,
    pub(super) executable: bool,
}

const IGNORE: Source = text(".enactignore", include_str!("templates/enactignore"));

const BASIC: &[Source] = &[
    text("SKILL.md", include_str!("templates/basic/SKILL.md")),
    text(
        "skill.package.yml",
        include_str!("templates/basic/skill.package.yml"),
    ),
    IGNORE,
];

const SCRIPT: &[Source] = &[
    text("SKILL.md", include_str!("templates/script/SKILL.md")),
    text(
        "skill.package.yml",
        include_str!("templates/script/skill.package.yml"),
    ),
    program(
        "scripts/run.sh",
        include_str!("templates/script/scripts/run.sh"),
    ),
    IGNORE,
];

const PYTHON: &[Source] = &[
    text("SKILL.md", include_str!("templates/python/SKILL.md")),
    text(
        "skill.package.yml",
        include_str!("templates/python/skill.package.yml"),
    ),
    program(
        "scripts/main.py",
        include_str!("templates/python/scripts/main.py"),
    ),
    IGNORE,
];

const fn text(path: &'static str, text: &'static str) -> Source {
    Source {
        path,
        text,
        executable: false,
    }
}

const fn program(path: &'static str, text: &'static str) -> Source {
    Source {
        path,
        text,
        executable: true,
    }
}

/// The files of a skill called `name`.
pub(super) fn files(template: Template, name: &ToolName) -> Vec<NewFile> {
    let sources = match template {
        Template::Basic => BASIC,
        Template::Script => SCRIPT,
        Template::Python => PYTHON,
    };
    let short = name.short_name();
    let filled = |text: &str| {
        text.replace("%NAME%", &yaml(name.as_str()))
            .replace("%SHORT%", &yaml(short))
            .replace("%TITLE%", &title(short))
            .replace("%DESCRIPTION%", DESCRIPTION)
    };
    let sources = sources.iter();
    sources
        .map(|source| NewFile {
            path: source.path,
            text: filled(source.text),
            executable: source.executable,
        })
        .collect()
}

/// A name as a text of YAML: in quotes where it would be something else, or nothing at all.
fn yaml(name: &str) -> String {
    const WORDS: [&str; 9] = ["false", "n", "no", "null", "off", "on", "true", "y", "yes"];
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) && !WORDS.contains(&name) {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    }
}

/// `Csv summary` of `csv-summary`.
fn title(short: &str) -> String {
    let words = short.replace(['-', '_'], " ");
    let words = words.trim();
    let mut chars = words.chars();
    match chars.next() {
        Some(first) => first.to_ascii_uppercase().to_string() + chars.as_str(),
        None => short.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_words() {
        assert_eq!(title("csv-summary"), "Csv summary");
        assert_eq!(title("--"), "--");
    }

    #[test]
    fn names_stay_texts() {
        let names = ["greeter", "no", "1e3", "-", "@acme/x", "alice/no"];
        let expected = [
            "greeter",
            "\"no\"",
            "\"1e3\"",
            "\"-\"",
            "\"@acme/x\"",
            "alice/no",
        ];
        assert_eq!(names.map(yaml), expected);
    }
}
