//! Which file of the skill a command runs.

use enact_types::limits::MAX_PATH_BYTES;
use serde_json::Value;

use super::problem::Place;
use super::source::Source;

/// Where the folder of a skill is mounted when existing clients run it.
const WORKSPACE: &str = "/workspace/";

/// Programs that run the file which they are given first.
const INTERPRETERS: [&str; 16] = [
    "bash", "bun", "deno", "node", "perl", "php", "pwsh", "python", "python3", "ruby", "sh", "tsx",
    "ts-node", "Rscript", "zsh", "lua",
];

/// Options of those that are followed by no file.
const NO_FILE: [&str; 5] = ["-c", "-e", "-m", "-p", "-"];

/// A file of the skill that is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    /// Inside the skill's folder.
    pub(super) path: String,
    /// Whether it is run by itself and not read by an interpreter.
    pub(super) directly: bool,
}

/// A command of the manifest that runs a file of the skill.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) file: &'static str,
    pub(super) place: Option<Place>,
    /// As in `scripts.greet`.
    pub(super) field: String,
    pub(super) program: Program,
}

/// The commands that run a file of the skill.
pub(super) fn of(source: &Source) -> Vec<Command> {
    let fields = &source.document.fields;
    let mut texts: Vec<(Vec<&str>, &str)> = Vec::new();
    if let Some(Value::String(command)) = fields.get("command") {
        texts.push((vec!["command"], command));
    }
    if let Some(Value::Object(scripts)) = fields.get("scripts") {
        for (name, script) in scripts {
            match script {
                Value::String(command) => texts.push((vec!["scripts", name], command)),
                Value::Object(script) => {
                    if let Some(Value::String(command)) = script.get("command") {
                        texts.push((vec!["scripts", name, "command"], command));
                    }
                }
                _ => {}
            }
        }
    }
    let hook = fields
        .get("hooks")
        .and_then(|hooks| hooks.get("postinstall"));
    if let Some(Value::String(command)) = hook {
        texts.push((vec!["hooks", "postinstall"], command));
    }
    let command = |(path, text): (Vec<&str>, &str)| {
        Some(Command {
            file: source.document.file,
            place: source.value(&path),
            field: path.join("."),
            program: program(text)?,
        })
    };
    texts.into_iter().filter_map(command).collect()
}

/// The file of the skill that `command` runs, as far as that can be told: nothing is said of what
/// later words mean, or of anything that is filled in.
fn program(command: &str) -> Option<Program> {
    let mut words = command.split_whitespace().map(unquoted);
    let mut first = words.next()?;
    // Variables that are set for it alone.
    while first.contains('=') || first == "exec" || first == "env" {
        first = words.next()?;
    }
    if let Some(path) = own_path(first) {
        return Some(Program {
            path,
            directly: true,
        });
    }
    let name = first.rsplit('/').next().unwrap_or(first);
    if !INTERPRETERS.contains(&name) {
        return None;
    }
    for word in words {
        if NO_FILE.contains(&word) {
            return None;
        }
        // `deno run`, `bun run`.
        if word.starts_with('-') || word == "run" {
            continue;
        }
        let path = own_path(word).or_else(|| plain_name(word))?;
        return Some(Program {
            path,
            directly: false,
        });
    }
    None
}

/// A path that is inside the skill: relative, with a slash, or below [`WORKSPACE`].
fn own_path(word: &str) -> Option<String> {
    let path = word.strip_prefix(WORKSPACE).or_else(|| {
        let relative = word.contains('/') && !word.starts_with(['/', '~']) && !word.contains("://");
        relative.then_some(word)
    })?;
    checked(path.strip_prefix("./").unwrap_or(path))
}

/// A file at the top, as in `sh run.sh`.
fn plain_name(word: &str) -> Option<String> {
    (word.contains('.') && !word.contains('/')).then(|| checked(word))?
}

/// Nothing that is filled in, matched or leads elsewhere.
fn checked(path: &str) -> Option<String> {
    let unclear = |char: char| {
        matches!(
            char,
            '$' | '{' | '}' | '*' | '?' | '`' | '(' | ')' | ';' | '|' | '&' | '<' | '>' | '@' | ':'
        ) || char.is_control()
    };
    let clear = (1..=MAX_PATH_BYTES).contains(&path.len())
        && !path.contains(unclear)
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    clear.then(|| path.to_owned())
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_file_that_is_run() {
        for (command, path, directly) in [
            ("sh scripts/greet.sh {{name}}", "scripts/greet.sh", false),
            ("python3 -u /workspace/hello.py x", "hello.py", false),
            ("./run.sh", "run.sh", true),
            ("scripts/run {{x}}", "scripts/run", true),
            ("A=1 exec /workspace/tool ${input}", "tool", true),
            ("/usr/bin/python3 main.py", "main.py", false),
            ("deno run --allow-net main.ts", "main.ts", false),
            ("sh \"a b\"", "", false),
        ] {
            let found = program(command).map(|program| (program.path, program.directly));
            let expected = (!path.is_empty()).then(|| (path.to_owned(), directly));
            assert_eq!(found, expected, "{command}");
        }
    }

    #[test]
    fn says_nothing_of_what_it_cannot_tell() {
        for command in [
            "",
            "echo \"Hello, ${name}!\"",
            "python3 -m json.tool data/x.json",
            "sh -c 'scripts/x.sh'",
            "curl https://example.org/a/b.sh",
            "{{dir}}/run.sh",
            "sh ../outside.sh",
            "~/bin/x",
            "/bin/ls scripts/x.sh",
            "pip install requests",
            "npx @scope/tool",
            "A=1",
        ] {
            assert_eq!(program(command), None, "{command}");
        }
    }
}
