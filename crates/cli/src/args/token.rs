//! The command line of `enact token`.

use clap::{Args, Subcommand};
use enact_types::{Lifetime, OwnerName, Scope};

use super::data::DataFolder;

/// `enact token`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact token create --user alice
  TOKEN=$(enact token create --user alice --scope read --scope 'publish:alice/*' --name ci)
  enact token list --user alice
  enact token revoke 0b1c2d3e4f5061728394a5b6c7d8e9f0

Works on the database of `enact serve`, beside the running servers: PostgreSQL at DATABASE_URL if \
that is set, or else the SQLite file registry.db in the folder that --data names. Users \
themselves make, list and revoke their tokens over HTTP, at /auth/tokens.")]
pub(crate) struct Tokens {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: OperateTokens,
    /// Where the server keeps things.
    #[command(flatten)]
    pub(crate) data: DataFolder,
}

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum OperateTokens {
    /// Make a token and print it: this once, since its digest alone is kept
    Create(CreateToken),
    /// Show tokens without their secrets: those that are good, and others that are still kept
    List {
        /// Only those of this user
        #[arg(short, long, value_name = "NAME")]
        user: Option<OwnerName>,
    },
    /// Make a token no good any more, on every server from the next request on
    Revoke {
        /// The token's ID, as `enact token list` shows it; not the token itself
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// `enact token create`.
#[derive(Debug, Args)]
#[command(after_help = "\
Scopes:
  read                What the user sees that is private
  publish             Publishing; publish:alice/*, publish:@acme/* or publish:alice/greeter: only those
  yank, yank:…        Yanking, and taking that back
  manage, manage:…    Changing who can see a skill, and deleting it
  orgs                Making organisations and changing their members
  account             The user's tokens, trust list, feedback, reports and attestations

What is public needs no scope. No scope gives more than the user may do.")]
pub(crate) struct CreateToken {
    /// Whose it is
    #[arg(short, long, value_name = "NAME")]
    pub(crate) user: OwnerName,
    /// What it may be used for; can be given several times. Without: all that the user may do
    #[arg(short, long = "scope", value_name = "SCOPE")]
    pub(crate) scopes: Vec<Scope>,
    /// How long it lives: a number and m, h or d, at most 366 days
    #[arg(short, long, value_name = "TIME", default_value_t = Lifetime::DEFAULT)]
    pub(crate) expires: Lifetime,
    /// What it is for, to tell it from others
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) name: Option<String>,
}
