//! The command line of `enact user`.

use clap::{Args, Subcommand};
use enact_types::OwnerName;

use super::data::DataFolder;

/// `enact user`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact user add alice
  enact user list
  enact user disable alice

Works on the database of `enact serve`, beside the running servers: PostgreSQL at DATABASE_URL if \
that is set, or else the SQLite file registry.db in the folder that --data names. Users sign in \
with tokens: see `enact token`. They count where ENACT_AUTH=tokens or a key is set.")]
pub(crate) struct Users {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: OperateUsers,
    /// Where the server keeps things.
    #[command(flatten)]
    pub(crate) data: DataFolder,
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum OperateUsers {
    /// Make an account; its user owns what stands under its name
    Add {
        /// The user's name: a-z, 0-9, "-" and "_"
        #[arg(value_name = "NAME")]
        name: OwnerName,
    },
    /// Show all accounts
    List,
    /// Close an account: none of its tokens is good any more, on every server from the next request
    /// on; what its user published stays
    Disable {
        /// The user's name
        #[arg(value_name = "NAME")]
        name: OwnerName,
    },
    /// Open a closed account again, with the tokens that it had
    Enable {
        /// The user's name
        #[arg(value_name = "NAME")]
        name: OwnerName,
    },
}
