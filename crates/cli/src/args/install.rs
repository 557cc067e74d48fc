//! The command lines of `enact install` and of the commands around it.

use clap::{Args, Subcommand};
use enact_types::ToolName;

use crate::installed::Alias;
use crate::tool_request::ToolRequest;
use crate::tool_spec::name_alone;

/// `enact install`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag, and most go with each other"
)]
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact install                        What agents/skills.lock says, exactly
  enact install --frozen               The same; fail if the list wants more
  enact install alice/greeter          The latest version
  enact install alice/greeter@1.0.0    That version
  enact install \"alice/greeter@^1.2\"   The highest below 2.0.0
  enact install @acme/tools/lint -g    Recorded in ~/.enact/tools.json

A skill goes to ~/.agents/skills/NAME. Another version that is there is replaced. What is exactly \
installed is written to agents/skills.lock, which belongs into version control. Either everything \
is installed or nothing is.")]
pub(crate) struct Install {
    /// Skills, as in alice/greeter, alice/greeter@1.0.0 or alice/greeter@^1.2; without any, those of
    /// the project
    #[arg(value_name = "NAME[@VERSION]")]
    pub(crate) tools: Vec<ToolRequest>,
    /// Record it in ~/.enact/tools.json instead of the project's agents/skills.json
    #[arg(short, long)]
    pub(crate) global: bool,
    /// Install again even what is in its place
    #[arg(short, long)]
    pub(crate) force: bool,
    /// A short name of the skill, kept beside it in the list for the existing client
    #[arg(short, long, value_name = "ALIAS", requires = "tools")]
    pub(crate) alias: Option<Alias>,
    /// Install even if the version was yanked
    #[arg(long)]
    pub(crate) allow_yanked: bool,
    /// Install exactly what the lock says; fail, having changed nothing, if the list wants something
    /// else or a bundle is not what was locked
    #[arg(long, conflicts_with = "tools")]
    pub(crate) frozen: bool,
    /// Ask no registry: install what is in the cache of bundles
    #[arg(long)]
    pub(crate) offline: bool,
    /// Run the post-install hooks of what is installed
    #[arg(long)]
    pub(crate) run_hooks: bool,
}

/// `enact update`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact update                     Every skill, within its range
  enact update alice/greeter       One of them
  enact update --latest            Beyond the ranges, to the latest versions
  enact list --outdated            Look first

A skill that was installed without a version is updated to versions that promise to be \
compatible; one that was installed as NAME@1.2.3 stays.")]
pub(crate) struct Update {
    /// Skills of the list; without any, all of them
    #[arg(value_name = "NAME", value_parser = name_alone)]
    pub(crate) names: Vec<ToolName>,
    /// Those of ~/.enact/tools.json instead of the project's
    #[arg(short, long)]
    pub(crate) global: bool,
    /// Go to the latest version, whatever range was asked for
    #[arg(long)]
    pub(crate) latest: bool,
    /// Run the post-install hooks of what is installed
    #[arg(long)]
    pub(crate) run_hooks: bool,
}

/// `enact uninstall`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact uninstall alice/greeter
  enact uninstall @acme/tools/lint -g

Removes the skill's folder and takes it off the list and the lock. All projects share the folder: \
in another one that uses the skill, `enact install` brings it back.")]
pub(crate) struct Uninstall {
    /// The skills
    #[arg(required = true, value_name = "NAME", value_parser = name_alone)]
    pub(crate) names: Vec<ToolName>,
    /// Those of ~/.enact/tools.json instead of the project's
    #[arg(short, long)]
    pub(crate) global: bool,
}

/// `enact list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact list
  enact list --outdated     Ask the registries for newer versions
  enact list -g --json")]
pub(crate) struct List {
    /// Those of ~/.enact/tools.json instead of the project's
    #[arg(short, long)]
    pub(crate) global: bool,
    /// Show only those of which there is a newer version
    #[arg(long)]
    pub(crate) outdated: bool,
}

/// `enact verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact verify                    Every skill of the project
  enact verify alice/greeter
  enact install                   Put back what is missing or changed

Compares every file with agents/skills.lock, without asking a registry. Exits with 1 if anything \
is missing, changed, extra, or has other permissions.")]
pub(crate) struct Verify {
    /// Skills of the lock; without any, all of them
    #[arg(value_name = "NAME", value_parser = name_alone)]
    pub(crate) names: Vec<ToolName>,
    /// Those of ~/.enact/tools.lock instead of the project's
    #[arg(short, long)]
    pub(crate) global: bool,
}

/// `enact cache`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact cache info
  enact cache clean

Downloaded bundles are kept in ~/.enact/cache/bundles, shared by all projects. Those that were \
not used for the longest time go when there is more than ENACT_CACHE_MAX_SIZE_MB, else \
`cache.maxSizeMb` in ~/.enact/config.yaml, else 1024 MiB. What is installed is not touched.")]
pub(crate) struct Cache {
    /// What to do
    #[command(subcommand)]
    pub(crate) command: OperateCache,
}

/// What to do with the cache of bundles.
#[derive(Debug, Subcommand)]
pub(crate) enum OperateCache {
    /// Show where it is and how much is in it
    Info,
    /// Remove every bundle
    Clean,
}
