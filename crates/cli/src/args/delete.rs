//! The command line of `enact delete`.

use clap::Args;
use enact_types::ToolName;

use crate::tool_spec::name_alone;

/// `enact delete`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact delete alice/greeter             Asks to type the name once more
  enact delete alice/greeter --yes       In a script

Deletes all versions, for ever. The name and its version numbers stay taken: nobody can publish \
under them again, so that those who installed the skill never get something else by the same \
name. To warn of a version and leave it to those who need it, use `enact yank`; to hide the \
skill, `enact visibility NAME private`.")]
pub(crate) struct Delete {
    /// The skill
    #[arg(value_name = "NAME", value_parser = name_alone)]
    pub(crate) name: ToolName,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}
