//! The command line of `enact pack`.

use std::path::PathBuf;

use clap::Args;

/// `enact pack`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact pack                           Write NAME-VERSION.tar.gz
  enact pack ./greeter -o bundle.tar.gz
  enact pack ./greeter -o - | sha256sum

The same files give the same bytes on every machine, so the digest tells whether two bundles hold \
the same: it is that of the bundle that `enact publish` sends. What is wrong with the skill is \
said as by `enact validate`, and keeps it from being packed if it is an error.

What is left out: what .enactignore and .gitignore say, also the .gitignore files above the skill \
in its git repository; hidden files; files with the names of keys and \
credentials, like *.pem, id_rsa and *.env; links; *.log; and the folders that build tools make, \
like node_modules and target.")]
pub(crate) struct Pack {
    /// The skill's folder
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// The file or folder to write to; - is stdout. Without: NAME-VERSION.tar.gz in this folder
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Refuse a skill that there are warnings about
    #[arg(long)]
    pub(crate) strict: bool,
}
