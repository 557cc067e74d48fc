//! What the command line of the existing client has beyond this one's: taken where it means something
//! here, else refused with what to do instead. None of it is in the help, the completions or the manual
//! pages, which are made of [`Cli`] alone. `docs/moving.md` has it as a table.

mod tables;

use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{
    Arg, ArgAction, ArgMatches, Args as _, Command as Definition, CommandFactory as _,
    FromArgMatches as _,
};

use self::tables::{COMMANDS, FLAGS, Flag};
use super::{Cli, Command, Global, Login, Logout};
use crate::exit::{Exit, Failure};

/// Why there is no command line to carry out.
#[derive(Debug)]
pub(super) enum Unparsed {
    /// The help, or what the parser has to say.
    Told(clap::Error),
    /// Something of the existing client that this one does not have.
    Gone(Failure),
}

impl From<clap::Error> for Unparsed {
    fn from(error: clap::Error) -> Self {
        Self::Told(error)
    }
}

/// Parses a command line, the first word of which is the program's name.
pub(super) fn parse(args: &[OsString]) -> Result<Cli, Unparsed> {
    let mut definition = extended();
    let asks_for_version = args.get(1..).is_some_and(|rest| rest == ["-v"]);
    let matches = if asks_for_version {
        definition.try_get_matches_from_mut(["enact", "--version"])
    } else {
        definition.try_get_matches_from_mut(args)
    };
    let matches = matches.map_err(|error| match missing_command(&error, args) {
        Some(failure) => Unparsed::Gone(failure),
        None => Unparsed::Told(error),
    })?;
    if let Some(failure) = FLAGS.iter().find_map(|flag| refused(flag, &matches)) {
        return Err(Unparsed::Gone(failure));
    }
    let parsed = match matches.subcommand_matches(AUTH) {
        Some(auth) => sign_in(auth, &matches),
        None => Cli::from_arg_matches(&matches),
    };
    parsed.map_err(|error| Unparsed::Told(error.format(&mut definition)))
}

/// Whose subcommands are commands of their own here.
const AUTH: &str = "auth";

/// The command line of [`Cli`] with what the existing client has beyond it.
fn extended() -> Definition {
    let verbose = Arg::new("verbose")
        .short('v')
        .long("verbose")
        .global(true)
        .hide(true)
        .action(ArgAction::SetTrue);
    let auth = Definition::new(AUTH)
        .about("Sign in and out: `enact login`, `enact logout`, `enact whoami`")
        .hide(true)
        .arg_required_else_help(true)
        .subcommand_required(true)
        .subcommand(Login::augment_args(Definition::new("login")))
        .subcommand(Logout::augment_args(Definition::new("logout")))
        .subcommand(Definition::new("whoami").alias("status"));
    let cache = |cache: Definition| {
        cache
            .mut_subcommand("info", |info| info.aliases(["list", "ls"]))
            .mut_subcommand("clean", |clean| clean.alias("clear"))
    };
    let definition = Cli::command()
        .arg(verbose)
        .subcommand(auth)
        .mut_subcommand("cache", cache);
    FLAGS.iter().fold(definition, |definition, flag| {
        with_arg(definition, flag.command, argument(flag))
    })
}

/// Adds an argument to the command below `definition` that `path` names.
fn with_arg(definition: Definition, path: &[&'static str], arg: Arg) -> Definition {
    match path {
        [] => definition.arg(arg),
        [first, rest @ ..] => {
            definition.mut_subcommand(first, |command| with_arg(command, rest, arg))
        }
    }
}

fn argument(flag: &Flag) -> Arg {
    let action = if flag.takes_value {
        ArgAction::Set
    } else {
        ArgAction::SetTrue
    };
    let arg = Arg::new(flag.long)
        .long(flag.long)
        .hide(true)
        .action(action);
    match flag.short {
        Some(short) => arg.short(short),
        None => arg,
    }
}

/// Why a flag is refused, if it was given.
fn refused(flag: &Flag, matches: &ArgMatches) -> Option<Failure> {
    let instead = flag.instead?;
    let mut path = flag.command.iter();
    let matches = path.try_fold(matches, |matches, name| matches.subcommand_matches(name))?;
    let source = matches.value_source(flag.long);
    (source == Some(ValueSource::CommandLine)).then(|| {
        let command = flag.command.join(" ");
        let message = format!("`enact {command}` has no --{} in this client", flag.long);
        Failure::new("USAGE", message)
            .hint(instead)
            .with_exit(Exit::Usage)
    })
}

/// What to say about a command that only the existing client has.
fn missing_command(error: &clap::Error, args: &[OsString]) -> Option<Failure> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let (name, hints) = COMMANDS.iter().find(|(name, _)| name == unknown)?;
    // Not as in `enact storage run`, where it is unknown for another reason.
    let commands = Cli::command();
    let mut before = args.iter().take_while(|arg| *arg != OsStr::new(name));
    let is_first = before.all(|arg| commands.find_subcommand(arg).is_none());
    is_first.then(|| {
        let message = format!("this client has no `enact {name}`");
        let failure = Failure::new("USAGE", message).with_exit(Exit::Usage);
        hints.iter().copied().fold(failure, Failure::hint)
    })
}

/// `enact auth login` and its like, as the commands that they are here.
fn sign_in(auth: &ArgMatches, all: &ArgMatches) -> Result<Cli, clap::Error> {
    let command = match auth.subcommand() {
        Some(("login", login)) => Command::Login(Login::from_arg_matches(login)?),
        Some(("logout", logout)) => Command::Logout(Logout::from_arg_matches(logout)?),
        _ => Command::Whoami,
    };
    let global = Global::from_arg_matches(all)?;
    Ok(Cli { command, global })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        extended().debug_assert();
    }

    #[test]
    fn no_command_is_called_like_one_that_is_missing() {
        for (name, _) in COMMANDS {
            assert!(extended().find_subcommand(name).is_none(), "{name}");
        }
    }
}
