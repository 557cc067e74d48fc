//! The command line of `enact validate`.

use std::path::PathBuf;

use clap::Args;

/// `enact validate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact validate                       Look at this folder
  enact validate ./greeter --strict    Fail if there is so much as a warning
  enact validate --json                For programs; see docs/json.md

An error keeps the skill from being published, installed or run; a warning is something that its \
author probably does not want. `enact pack` and `enact publish` look at the same.

Likely secrets are searched for in the first MiB of each text file that would be packed. What is \
none is excused by a comment on its line, or on the one before: enact:allow-secret

Exit codes: 0 if the skill can be published, 1 if not.")]
pub(crate) struct Validate {
    /// The skill's folder
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Take warnings for errors
    #[arg(long)]
    pub(crate) strict: bool,
}
