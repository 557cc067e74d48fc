//! The command line of `enact init`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `enact init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact init alice/greeter                   Make a skill in ./greeter
  enact init @acme/tools/lint -t python
  enact init --namespace alice               Make this folder a skill
  enact init -n alice/greeter                Write into this folder
  enact init --list-templates

What it makes can be published as it is. No file that is there is ever overwritten.")]
pub(crate) struct NewSkill {
    /// The skill's full name; the last part of it names the folder. Without: that of this folder
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// What to start from
    #[arg(short, long, value_enum, default_value_t = Template::Basic)]
    pub(crate) template: Template,
    /// Whose the skill is, to be put in front of its name: alice, or @acme
    #[arg(long, value_name = "OWNER")]
    pub(crate) namespace: Option<String>,
    /// The folder to write to
    #[arg(long, value_name = "FOLDER")]
    pub(crate) dir: Option<PathBuf>,
    /// Like NAME, for a skill in this folder, as the existing client has it
    #[arg(short = 'n', long = "name", value_name = "NAME", conflicts_with_all = ["name", "dir"])]
    pub(crate) here: Option<String>,
    /// List the templates
    #[arg(long)]
    pub(crate) list_templates: bool,
}

/// What a new skill starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// Instructions for agents, and nothing to run
    Basic,
    /// A shell script
    Script,
    /// A Python script
    Python,
}
