//! The command line.

mod audit;
mod config;
mod data;
mod db;
mod delete;
mod doctor;
mod existing;
mod identity;
mod init;
mod install;
mod login;
mod org;
mod pack;
mod publish;
mod publisher;
mod read;
mod serve;
mod shell;
mod storage;
mod token;
mod user;
mod validate;
mod values;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use enact_types::{ToolName, Version, Visibility};

use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::tool_request::{ToolRequest, Wanted};
use crate::tool_spec::{ToolVersion, name_alone};

pub(crate) use self::audit::Audit;
pub(crate) use self::config::{Config, GetSetting, OperateConfig, SetSetting};
pub(crate) use self::db::{Db, Import, OperateDb};
pub(crate) use self::delete::Delete;
pub(crate) use self::doctor::Doctor;
use self::existing::Unparsed;
pub(crate) use self::identity::{Identities, OperateIdentities, Who};
pub(crate) use self::init::{NewSkill, Template};
pub(crate) use self::install::{Cache, Install, List, OperateCache, Uninstall, Update, Verify};
pub(crate) use self::login::{Login, Logout};
pub(crate) use self::org::{ManageOrgs, Orgs};
pub(crate) use self::pack::Pack;
pub(crate) use self::publish::Publish;
pub(crate) use self::publisher::{AddPublisher, OperatePublishers, Publishers};
pub(crate) use self::read::{Cat, Files, Inspect, Learn};
pub(crate) use self::serve::Serve;
pub(crate) use self::shell::{Completions, Man, Shell};
pub(crate) use self::storage::{Bench, Get, Init, Ls, Operate, Presign, Put, Rm, Stat, Storage};
pub(crate) use self::token::{CreateToken, OperateTokens, Tokens};
pub(crate) use self::user::{OperateUsers, Users};
pub(crate) use self::validate::Validate;
use self::values::visibility;

/// Publish, find and install skills for AI agents.
#[derive(Debug, Parser)]
#[command(
    name = "enact",
    version,
    max_term_width = 100,
    propagate_version = true
)]
#[command(after_help = "\
Examples:
  enact serve                           Start a registry on this machine
  enact publish ./greeter --public      Publish the skill in ./greeter
  enact search greet                    Find skills
  enact install alice/greeter           Install the latest version
  enact install alice/greeter@1.0.0 -g  One version, for all projects
  enact install                         Install what the lock says

Exit codes:
  0    success
  1    failure
  2    wrong usage
  3    an import refused some rows
  104  the download is not what the registry promised
  105  install, update, inspect or list --outdated did not get what it asked the registry for
  130  interrupted")]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Options of all commands.
    #[command(flatten)]
    pub(crate) global: Global,
}

/// Options of all commands.
#[expect(
    clippy::doc_markdown,
    reason = "these texts are the help, where backticks only disturb"
)]
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The registry to talk to
    ///
    /// Else ENACT_REGISTRY_URL, else `registry.url` in ~/.enact/config.yaml, else
    /// http://127.0.0.1:3000.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) registry: Option<String>,
    /// The token to sign in with; better given as ENACT_AUTH_TOKEN, as others on this machine can
    /// see command lines
    ///
    /// Else ENACT_AUTH_TOKEN, else the one that `enact login` kept for the registry, else
    /// `registry.authToken` in ~/.enact/config.yaml, which is sent to the registry of that file alone.
    #[arg(long, global = true, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// Print one JSON value on stdout instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print neither confirmations nor progress
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a registry server
    Serve(Serve),
    /// Make a new skill, which can be published as it is
    Init(NewSkill),
    /// List everything that is wrong with a skill, and how to put it right
    Validate(Validate),
    /// Pack a skill into a bundle, without publishing it
    Pack(Pack),
    /// Publish a skill to the registry
    Publish(Publish),
    /// Install skills into ~/.agents/skills
    #[command(visible_alias = "i")]
    Install(Install),
    /// Bring installed skills to newer versions
    Update(Update),
    /// Remove installed skills
    #[command(visible_alias = "rm")]
    Uninstall(Uninstall),
    /// Show what is installed
    #[command(visible_alias = "ls")]
    List(List),
    /// Compare what is installed with the lock, file by file
    Verify(Verify),
    /// Look after the downloaded bundles that are kept for the next install
    Cache(Cache),
    /// Show a skill or one of its versions
    #[command(visible_alias = "get")]
    Info(Info),
    /// Find skills by name, description and tags
    Search(Search),
    /// Read what a skill teaches: its SKILL.md
    Learn(Learn),
    /// List the files of a skill
    Files(Files),
    /// Print one file of a skill
    Cat(Cat),
    /// Look at what a skill holds and would run, before installing it
    Inspect(Inspect),
    /// Mark a version as not to be used any more
    Yank(Yank),
    /// Take the mark of a yanked version away
    Unyank(Unyank),
    /// Change who can see a skill
    Visibility(SetVisibility),
    /// Delete a skill with all its versions, for ever
    Delete(Delete),
    /// Manage organisations, which own skills called @ORG/…
    Org(Orgs),
    /// Sign in to a registry, and stay signed in
    Login(Login),
    /// Forget the token of a registry
    Logout(Logout),
    /// Show who is signed in to a registry, and by what
    Whoami,
    /// Show and change settings
    Config(Config),
    /// Find out why something does not work, and what mends it
    Doctor(Doctor),
    /// Operate the object store that holds the bundles
    Storage(Storage),
    /// Operate the database that holds the metadata, or take over an existing server
    Db(Db),
    /// Make the accounts of those who use the registry, and close them
    User(Users),
    /// Make, list and revoke the tokens that users sign in with
    Token(Tokens),
    /// Print the script that completes command lines in a shell
    Completions(Completions),
    /// Write the manual pages
    Man(Man),
    /// Show and change who at an identity provider signs in as whom
    Identity(Identities),
    /// Let workflows of GitHub Actions publish, without a secret
    Publisher(Publishers),
    /// Show who did what
    Audit(Audit),
}

/// `enact info`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact info alice/greeter
  enact info alice/greeter@1.0.0 --json
  enact info \"alice/greeter@^1.2\"     The highest below 2.0.0")]
pub(crate) struct Info {
    /// The skill, as in alice/greeter; of alice/greeter@1.0.0 or alice/greeter@^1.2 that version, with
    /// its manifest
    #[arg(value_name = "NAME[@VERSION]")]
    pub(crate) tool: ToolRequest,
    /// The same as @VERSION
    #[arg(long, value_name = "VERSION", value_parser = Wanted::parse)]
    pub(crate) ver: Option<Wanted>,
}

impl Info {
    /// The skill, and the version that was asked for, either way.
    pub(crate) fn request(&self) -> ToolRequest {
        self.tool.or_version(self.ver.as_ref())
    }
}

/// `enact search`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact search csv
  enact search \"spell check\" --tags text,writing
  enact search --tags text            Everything with this tag
  enact search \"\" --limit 100          List everything")]
pub(crate) struct Search {
    /// Words to look for; "" lists everything. Not needed with --tags
    #[arg(value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    /// Only skills with any of these tags, separated by commas
    #[arg(short, long, value_delimiter = ',')]
    pub(crate) tags: Vec<String>,
    /// The most rows to show, at most 100
    #[arg(short, long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// How many rows to skip
    #[arg(short, long, default_value_t = 0)]
    pub(crate) offset: u32,
}

/// `enact yank`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact yank alice/greeter@1.0.0 --reason \"it is rude\" --replacement 1.0.1")]
pub(crate) struct Yank {
    /// The version, as in alice/greeter@1.0.0
    #[arg(value_name = "NAME@VERSION")]
    pub(crate) tool: ToolVersion,
    /// Why; shown to those who want to install it
    #[arg(short, long)]
    pub(crate) reason: Option<String>,
    /// The version to use instead
    #[arg(long, value_name = "VERSION")]
    pub(crate) replacement: Option<Version>,
}

/// `enact unyank`.
#[derive(Debug, Args)]
pub(crate) struct Unyank {
    /// The version, as in alice/greeter@1.0.0
    #[arg(value_name = "NAME@VERSION")]
    pub(crate) tool: ToolVersion,
}

/// `enact visibility`.
#[derive(Debug, Args)]
pub(crate) struct SetVisibility {
    /// The skill
    #[arg(value_name = "NAME", value_parser = name_alone)]
    pub(crate) name: ToolName,
    /// Who can see it
    #[arg(value_name = "VISIBILITY", value_parser = visibility())]
    pub(crate) visibility: Visibility,
}

/// Parses this process's command line. Fails with the exit code, having printed the help that was
/// asked for or what is wrong.
pub(crate) fn parse() -> Result<Cli, ExitCode> {
    let args: Vec<_> = std::env::args_os().collect();
    let is_json = args.iter().any(|arg| arg == "--json");
    existing::parse(&args).map_err(|unparsed| {
        let error = match unparsed {
            Unparsed::Told(error) => error,
            Unparsed::Gone(failure) => {
                Printer::new(is_json, false).failure(&failure);
                return failure.exit().into();
            }
        };
        // There is nowhere left to say that it cannot be printed.
        let _ = error.print();
        if !error.use_stderr() {
            return ExitCode::SUCCESS;
        }
        if is_json {
            Printer::new(true, false).json_failure(&wrong_usage(&error.render().to_string()));
        }
        Exit::Usage.into()
    })
}

/// What the parser says in several lines, some of them tips, as one failure.
fn wrong_usage(text: &str) -> Failure {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let (mut message, mut tips) = (Vec::new(), Vec::new());
    for line in text.lines().map(str::trim) {
        if line.starts_with("Usage:") || line.starts_with("For more information") {
            break;
        }
        match line.strip_prefix("tip: ") {
            Some(tip) => tips.push(tip),
            None if line.is_empty() => {}
            None => message.push(line),
        }
    }
    let failure = Failure::new("USAGE", message.join(" "));
    tips.into_iter().fold(failure, Failure::hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn told(args: &[&str]) -> Failure {
        let error = Cli::try_parse_from(args).unwrap_err();
        wrong_usage(&error.render().to_string())
    }

    #[test]
    fn what_is_wrong_with_a_command_line_is_said_whole() {
        let missing = told(&["enact", "visibility"]);
        let names = ["<NAME>", "<VISIBILITY>"];
        assert!(names.iter().all(|name| missing.message().contains(name)));
        assert!(!missing.message().contains("Usage"));
        let unknown = told(&["enact", "instal"]);
        assert_eq!(unknown.message(), "unrecognized subcommand 'instal'");
        assert_eq!(unknown.hints().len(), 1, "{unknown:?}");
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }
}
