//! What a person sees, kept in `snapshots/` and compared: the help of every command, and what each
//! prints when it succeeds and when it fails, with paths, ports, times and digests filtered.
//!
//! `INSTA_UPDATE=always cargo test -p enact-cli --test cli seen` writes the snapshots anew; read the
//! difference before you commit it.

mod complete;
mod operating;
mod settings;
mod signing;
mod storing;

use std::fmt::Write as _;
use std::sync::LazyLock;

use crate::sandbox::{Ended, Sandbox};
use crate::served::Served;

/// The help of every command goes into one snapshot each. Commands are found by reading the help of
/// the one above them, so a new one is here without being named.
#[test]
fn help_of_every_command() {
    for (command, help) in COMMANDS.iter() {
        let name = [&["help".to_owned()], &command[..]].concat().join("-");
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, help);
        });
    }
}

/// Every command, as the words that it consists of, and its help.
static COMMANDS: LazyLock<Vec<(Vec<String>, String)>> = LazyLock::new(|| {
    let sandbox = Sandbox::new();
    let mut commands = Vec::new();
    let mut waiting = vec![Vec::new()];
    while let Some(command) = waiting.pop() {
        let args: Vec<&str> = command.iter().map(String::as_str).collect();
        let help = sandbox
            .enact_with(&[("COLUMNS", "100")], &[&args[..], &["--help"]].concat())
            .success()
            .stdout;
        waiting.extend(
            subcommands(&help)
                .into_iter()
                .filter(|subcommand| subcommand != "help")
                .map(|subcommand| [command.clone(), vec![subcommand]].concat()),
        );
        commands.push((command, help));
    }
    commands
});

/// Those that do something themselves: without commands below them.
fn leaf_commands() -> Vec<String> {
    let leaves = COMMANDS
        .iter()
        .filter(|(_, help)| subcommands(help).is_empty());
    leaves.map(|(command, _)| command.join(" ")).collect()
}

/// The names in the part of a help text that lists commands.
fn subcommands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    // A description may go on in a line that is indented further.
    let names = lines.filter_map(|line| {
        line.strip_prefix("  ")
            .filter(|rest| !rest.starts_with(' '))
    });
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

/// A story whose every step is shown: what was typed, what it printed, how it ended.
struct Story {
    served: Served,
    text: String,
}

impl Story {
    fn new() -> Self {
        let (served, _) = Served::with_example("greeter");
        let text = String::new();
        Self { served, text }
    }

    /// Runs `enact` with these arguments.
    fn run(&mut self, args: &[&str]) {
        let ended = self.served.enact(args);
        self.tell(args, &ended);
    }

    /// Runs `enact` with these variables and arguments, without a token of its own.
    fn run_with(&mut self, vars: &[(&str, &str)], args: &[&str]) -> Ended {
        let url = ("ENACT_REGISTRY_URL", &*self.served.server.url);
        let vars = [&[url], vars].concat();
        let ended = self.served.sandbox.enact_with(&vars, args);
        self.tell(args, &ended);
        ended
    }

    /// As [`run_with`](Self::run_with), with something on stdin.
    fn run_told(&mut self, vars: &[(&str, &str)], args: &[&str], input: &str) {
        let url = ("ENACT_REGISTRY_URL", &*self.served.server.url);
        let vars = [&[url], vars].concat();
        let ended = self.served.sandbox.enact_told(&vars, args, input);
        self.tell(args, &ended);
    }

    /// As [`run_with`](Self::run_with), where what is printed is too long or different each time.
    fn run_unseen(&mut self, vars: &[(&str, &str)], args: &[&str]) {
        let mut ended = self.served.sandbox.enact_with(vars, args);
        let lines = ended.stdout.lines().count();
        assert!(lines > 0, "{args:?} printed nothing: {ended:?}");
        "(output left out)\n".clone_into(&mut ended.stdout);
        self.tell(args, &ended);
    }

    /// Runs `enact` as the operator of the registry.
    fn operate(&mut self, args: &[&str]) -> Ended {
        let data = self.served.sandbox.path("data");
        self.run_with(&[], &[args, &["--data", data.to_str().unwrap()]].concat())
    }

    fn tell(&mut self, args: &[&str], ended: &Ended) {
        let _ = writeln!(self.text, "$ enact {}", args.join(" "));
        self.text.push_str(&ended.stdout);
        for line in ended.stderr.lines() {
            let _ = writeln!(self.text, "! {line}");
        }
        let _ = writeln!(self.text, "[{}]\n", ended.code);
    }

    /// Compares with the snapshot called `name`.
    fn end(self, name: &str) {
        let root = regex_escape(self.served.sandbox.path("").to_str().unwrap());
        let url = regex_escape(&self.served.server.url);
        let filters = vec![
            (root.as_str(), "[ROOT]/"),
            (url.as_str(), "[URL]"),
            (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "[TIME]"),
            (r"\d{4}-\d\d-\d\d \d\d:\d\d", "[MINUTE]"),
            (r"\d{4}-\d\d-\d\d", "[DAY]"),
            (r"http://127\.0\.0\.1:\d+", "[ADDRESS]"),
            (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "[ID]"),
            (r"sha256:[0-9a-f]{64}", "sha256:[HEX]"),
            (r"\b[0-9a-f]{32}\b", "[ID]"),
            (r"enact_[A-Za-z0-9]+", "[TOKEN]"),
            (r"\d+(\.\d+)? ms", "[TOOK]"),
            // What depends on the machine, and on how many letters its names have.
            (r#""[0-9a-f]+-[0-9a-f.]+-\d+""#, "[ETAG]"),
            (r"SETTING +VALUE +FROM", "SETTING  VALUE  FROM"),
            (r"✓ clock .*", "✓ clock            [CLOCK]"),
            (
                r"[✓!] attributes .*(\n    → .*)?",
                "  attributes       [ATTRIBUTES]",
            ),
            (r"(Schema +|at )version \d+", "${1}version [N]"),
            (r"127\.0\.0\.1:\d+", "[ADDRESS]"),
        ];
        insta::with_settings!({
            filters => filters,
            omit_expression => true,
            prepend_module_to_snapshot => false,
        }, {
            insta::assert_snapshot!(name, self.text);
        });
    }
}

fn regex_escape(text: &str) -> String {
    let special = |char: char| !char.is_alphanumeric() && !matches!(char, '/' | '_' | '-');
    let escaped = |char: char| {
        if special(char) {
            format!("\\{char}")
        } else {
            char.to_string()
        }
    };
    text.chars().map(escaped).collect()
}

#[test]
fn reading() {
    let mut story = Story::new();
    for args in [
        &["search", "greet"][..],
        &["search", "nothing-like-it"],
        &["info", "alice/utils/greeter"],
        &["info", "alice/utils/missing"],
        &["learn", "alice/utils/greeter"],
        &["learn", "alice/utils/greeter", "--local"],
        &["files", "alice/utils/greeter"],
        &["files", "alice/utils/greeter@9.9.9"],
        &["cat", "alice/utils/greeter", "skill.package.yml"],
        &["cat", "alice/utils/greeter", "missing"],
        &["cat", "alice/utils/greeter", "../SKILL.md"],
        &["inspect", "alice/utils/greeter"],
    ] {
        story.run(args);
    }
    story.end("reading");
}

#[test]
fn changing() {
    let mut story = Story::new();
    for args in [
        &["yank", "alice/utils/greeter@1.0.0", "--reason", "rude"][..],
        &["yank", "alice/utils/greeter"],
        &["install", "alice/utils/greeter@1.0.0"],
        &["unyank", "alice/utils/greeter@1.0.0"],
        &["visibility", "alice/utils/greeter", "unlisted"],
        &["visibility", "alice/utils/greeter", "secret"],
        &["org", "create", "acme"],
        &["org", "create", "acme"],
        &["org", "info", "acme"],
        &["org", "add-member", "acme", "nobody"],
    ] {
        story.run(args);
    }
    story.end("changing");
}

#[test]
fn authoring() {
    let mut story = Story::new();
    for args in [
        &["init", "--list-templates"][..],
        &["init", "greeter"],
        &["init", "alice/new", "-t", "script"],
        &["init", "alice/new", "-t", "script"],
        &["validate", "new"],
        &["publish", "new", "--dry-run"],
        &["pack", "new"],
        &["pack", "new"],
        &["publish", "new", "--unlisted"],
        &["publish", "new", "--unlisted"],
        &["delete", "alice/new"],
        &["delete", "alice/new", "--yes"],
        &["publish", "new", "--unlisted"],
    ] {
        story.run(args);
    }
    let sandbox = &story.served.sandbox;
    sandbox.write("project/new/SKILL.md", "See [more](more.md).\n");
    let manifest = "name: alice/new\nversion: 1\nlicence: MIT\ncommand: sh gone.sh\n";
    sandbox.write("project/new/skill.package.yml", manifest);
    for args in [
        &["validate", "new"][..],
        &["publish", "new"],
        &["validate", "gone"],
    ] {
        story.run(args);
    }
    story.end("authoring");
}

#[test]
fn installing() {
    let mut story = Story::new();
    for args in [
        &["install"][..],
        &["install", "--frozen"],
        &["install", "alice/utils/greeter@^1"],
        &["install", "alice/utils/greeter@^1"],
        &["install", "alice/utils/greeter@^2"],
        &["install", "alice/utils/missing"],
        &["install", "alice/utils/greeter@1.2.x.3"],
        &["install", "alice/utils/missing@1.0.0", "--offline"],
        &["list"],
        &["list", "--outdated"],
        &["update"],
        &["verify"],
    ] {
        story.run(args);
    }
    let sandbox = &story.served.sandbox;
    let skill = "home/.agents/skills/alice/utils/greeter";
    sandbox.write(&format!("{skill}/SKILL.md"), "# Changed\n");
    sandbox.write(&format!("{skill}/notes/mine.txt"), "");
    for args in [
        &["verify"][..],
        &["install"],
        &["verify", "alice/utils/greeter"],
        &["cache", "info"],
        &["cache", "clean"],
        &["uninstall", "alice/utils/greeter"],
        &["uninstall", "alice/utils/greeter"],
        &["list"],
    ] {
        story.run(args);
    }
    story.end("installing");
}
