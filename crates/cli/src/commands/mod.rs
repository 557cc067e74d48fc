//! The commands, one module each.

mod audit;
mod cache;
mod cat;
mod config;
mod database;
mod db;
mod delete;
mod doctor;
mod files;
mod identity;
mod info;
mod init;
mod inspect;
mod install;
mod learn;
mod list;
mod login;
mod logout;
mod operator;
mod org;
mod pack;
mod pick;
mod problems;
mod publish;
mod publisher;
mod reach;
mod report;
mod search;
mod serve;
mod shell;
mod signals;
mod skill;
mod storage;
mod token;
mod uninstall;
mod update;
mod user;
mod validate;
mod verify;
mod visibility;
mod whoami;
mod yank;

use std::path::{Path, PathBuf};

pub(crate) use self::signals::heed_signals;
use self::signals::{or_ctrl_c, runtime, until_ctrl_c, watch};
use crate::args::{Cli, Command, Global};
use crate::client::Client;
use crate::credentials::Credentials;
use crate::exit::Failure;
use crate::installed::{Records, Scope};
use crate::printer::Printer;
use crate::settings::{self, Settings};

/// Runs the command.
pub(crate) fn run(cli: Cli, printer: &Printer) -> Result<(), Failure> {
    let global = &cli.global;
    if is_operators(&cli.command) {
        operator::keep_files_private();
    } else {
        watch();
    }
    match cli.command {
        Command::Serve(args) => serve::run(args, printer),
        Command::Init(args) => init::run(args, printer),
        Command::Validate(args) => validate::run(&args, printer),
        Command::Pack(args) => pack::run(args, printer),
        Command::Publish(args) => until_ctrl_c(publish::run(args, global, printer)),
        Command::Install(args) => until_ctrl_c(install::run(args, global, printer)),
        Command::Update(args) => until_ctrl_c(update::run(args, global, printer)),
        Command::Uninstall(args) => until_ctrl_c(uninstall::run(args, printer)),
        Command::List(args) => until_ctrl_c(list::run(args, global, printer)),
        Command::Verify(args) => verify::run(&args, printer),
        Command::Cache(args) => cache::run(&args, global, printer),
        Command::Info(args) => until_ctrl_c(info::run(args, global, printer)),
        Command::Search(args) => until_ctrl_c(search::run(args, global, printer)),
        Command::Learn(args) => until_ctrl_c(learn::run(args, global, printer)),
        Command::Files(args) => until_ctrl_c(files::run(args, global, printer)),
        Command::Cat(args) => until_ctrl_c(cat::run(args, global, printer)),
        Command::Inspect(args) => until_ctrl_c(inspect::run(args, global, printer)),
        Command::Yank(args) => until_ctrl_c(yank::yank(args, global, printer)),
        Command::Unyank(args) => until_ctrl_c(yank::unyank(args, global, printer)),
        Command::Visibility(args) => until_ctrl_c(visibility::run(args, global, printer)),
        Command::Delete(args) => delete::run(&args, global, printer),
        Command::Org(args) => until_ctrl_c(org::run(args, global, printer)),
        Command::Login(args) => until_ctrl_c(login::run(args, global, printer)),
        Command::Logout(args) => until_ctrl_c(logout::run(args, global, printer)),
        Command::Whoami => until_ctrl_c(whoami::run(global, printer)),
        Command::Config(args) => config::run(args, global, printer),
        Command::Doctor(args) => doctor::run(args, global, printer),
        Command::Db(args) => db::run(args, printer),
        Command::User(args) => until_ctrl_c(user::run(args, printer)),
        Command::Token(args) => until_ctrl_c(token::run(args, printer)),
        Command::Completions(args) => {
            shell::completions(&args, printer);
            Ok(())
        }
        Command::Man(args) => shell::man(&args, printer),
        Command::Identity(args) => until_ctrl_c(identity::run(args, printer)),
        Command::Publisher(args) => until_ctrl_c(publisher::run(args, printer)),
        Command::Audit(args) => until_ctrl_c(audit::run(args, printer)),
        Command::Storage(args) => storage::run(args, global.json, printer),
    }
}

/// Whether a command works on the registry's own data.
fn is_operators(command: &Command) -> bool {
    matches!(
        command,
        Command::Serve(_)
            | Command::Db(_)
            | Command::User(_)
            | Command::Token(_)
            | Command::Identity(_)
            | Command::Publisher(_)
            | Command::Audit(_)
            | Command::Storage(_)
    )
}

/// The settings that the flags, the environment and the configuration file add up to.
fn settings(global: &Global) -> Result<Settings, Failure> {
    let mut settings = Settings::resolve(
        global.registry.as_deref(),
        global.token.as_deref(),
        |name| std::env::var(name).ok(),
        settings::home().as_deref(),
    )?;
    settings.network.quiet = global.quiet || global.json;
    Ok(settings)
}

/// The user's home folder, where settings and skills are kept.
fn home() -> Result<PathBuf, Failure> {
    settings::home().ok_or_else(|| {
        let message = "HOME is not set to a folder, so there is no place for settings and skills";
        Failure::new("NO_HOME", message)
    })
}

/// The list and the lock of the user, or of the project that the current folder lies in.
fn records(global: bool, home: &Path) -> Result<Records, Failure> {
    let folder = std::env::current_dir()
        .map_err(|error| Failure::io("cannot tell the current folder", &error))?;
    Records::open(Scope::new(global), home, &folder)
}

/// What `enact login` kept.
fn credentials() -> Result<Credentials, Failure> {
    let home = settings::home().ok_or_else(|| {
        Failure::new(
            "NO_HOME",
            "HOME is not set, so there is no place to keep tokens",
        )
        .hint("set ENACT_AUTH_TOKEN instead")
    })?;
    Ok(Credentials::in_home(&home))
}

/// A client for the registry of the settings.
fn client(global: &Global) -> Result<Client, Failure> {
    Ok(Client::new(settings(global)?)?)
}
