//! `enact config show`: every setting, and where it comes from.

use clap::{CommandFactory as _, FromArgMatches as _};
use enact_server::{Config, VARIABLES, VariableDefault};
use serde::Serialize;

use super::super::{serve, storage};
use crate::args::{Cli, Global, Serve};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::settings::secrets::MASK;
use crate::settings::{self, Origin, Setting};

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Output {
    /// Those of the commands that talk to a registry.
    client: Vec<Setting>,
    /// Those of `enact serve`, started here and now without flags.
    server: Vec<Setting>,
    /// What is wrong with them.
    problems: Vec<Problem>,
}

/// Why settings do not work.
#[derive(Debug, Serialize)]
struct Problem {
    /// `client` or `server`.
    of: &'static str,
    message: String,
    hints: Vec<String>,
}

/// Runs the command. That settings do not work is shown with them.
pub(super) fn run(global: &Global, printer: &Printer) {
    let var = |name: &str| std::env::var(name).ok();
    let (registry, token) = (global.registry.as_deref(), global.token.as_deref());
    let home = settings::home();
    let (client, failure) = settings::shown(registry, token, var, home.as_deref());
    let server = server(var);
    let of_server = check(var).err();
    let problems = [("client", failure), ("server", of_server)];
    let problems = problems.into_iter().filter_map(|(of, failure)| {
        let failure = failure?;
        Some(Problem {
            of,
            message: failure.message().to_owned(),
            hints: failure.hints().to_vec(),
        })
    });
    let output = Output {
        client,
        server,
        problems: problems.collect(),
    };
    printer.heading("Client");
    print(&output.client, printer);
    printer.line("");
    printer.heading("Server, as `enact serve` would start here");
    print(&output.server, printer);
    for problem in &output.problems {
        printer.warning(&format!("of the {}: {}", problem.of, problem.message));
        for hint in &problem.hints {
            printer.note(&format!("  hint: {hint}"));
        }
    }
    printer.json(&output);
}

fn print(settings: &[Setting], printer: &Printer) {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    let row = |setting: &Setting| {
        let from = match (setting.source, &setting.from) {
            // The variable of the setting's own name.
            (Origin::Env, Some(from)) if *from == setting.name => "environment".to_owned(),
            (_, Some(from)) => from.clone(),
            (Origin::Unset, None) => "not set".to_owned(),
            (_, None) => "default".to_owned(),
        };
        vec![setting.name.clone(), or_dash(&setting.value), from]
    };
    let rows: Vec<Vec<String>> = settings.iter().map(row).collect();
    printer.table(&["SETTING", "VALUE", "FROM"], &rows);
}

/// Flags by their definition, variables by those who read them.
fn server(var: impl Fn(&str) -> Option<String> + Copy) -> Vec<Setting> {
    let set = |name: &str| var(name).filter(|value| !value.is_empty());
    let mut settings = flags();
    settings.extend(VARIABLES.iter().map(|variable| {
        let name = variable.name;
        match (set(name), variable.default) {
            (Some(value), _) if !variable.may_show(&value) => {
                Setting::set(name, MASK.to_owned(), Origin::Env, name)
            }
            (value, VariableDefault::Value(default) | VariableDefault::Words(default)) => {
                Setting::variable(name, value, Some(default))
            }
            (value, VariableDefault::Nothing) => Setting::variable(name, value, None),
        }
    }));
    settings.extend(storage::settings(var));
    settings.push(Setting::variable(
        "ENACT_LOG",
        set("ENACT_LOG"),
        Some("info"),
    ));
    settings
}

/// The flags of `enact serve` that have a default.
fn flags() -> Vec<Setting> {
    let cli = Cli::command();
    let serve = cli.find_subcommand("serve");
    let arguments = serve.into_iter().flat_map(clap::Command::get_arguments);
    let flag = |argument: &clap::Arg| {
        let default = argument.get_default_values().first()?.to_str()?;
        let takes_value = argument.get_action().takes_values();
        let name = format!("--{}", argument.get_long()?);
        takes_value.then(|| Setting::default(&name, Some(default)))
    };
    arguments.filter_map(flag).collect()
}

/// What `enact serve` without flags would say to the settings.
fn check(var: impl Fn(&str) -> Option<String>) -> Result<(), Failure> {
    let command = Cli::command();
    let Some(definition) = command.find_subcommand("serve") else {
        return Ok(());
    };
    let matches = definition.clone().try_get_matches_from(["serve"]);
    let args = matches.and_then(|matches| Serve::from_arg_matches(&matches));
    let args = args.map_err(|error| Failure::new("USAGE", error.to_string()))?;
    let resolved = Config::resolve(serve::options(args)?, var);
    resolved.map(drop).map_err(|error| serve::invalid(&error))
}
