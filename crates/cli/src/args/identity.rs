//! The command line of `enact identity`.

use clap::{Args, Subcommand};
use enact_types::OwnerName;

use super::data::DataFolder;

/// `enact identity`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact identity list
  enact identity link alice --issuer https://id.example/realms/skills --subject 8f4c0d6e
  enact identity unlink --issuer https://id.example/realms/skills --subject 8f4c0d6e

The first token of somebody at an identity provider makes an account of the name that it states, \
and links the provider's id of that person to it. With these commands the operator decides it. \
They count where ENACT_JWT_ISSUER is set, which is also the issuer if none is given here; see \
docs/sign-in.md.

Works on the database of `enact serve`, beside the running servers: PostgreSQL at DATABASE_URL if \
that is set, or else the SQLite file registry.db in the folder that --data names.")]
pub(crate) struct Identities {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: OperateIdentities,
    /// Where the server keeps things.
    #[command(flatten)]
    pub(crate) data: DataFolder,
}

/// What to do with identities.
#[derive(Debug, Subcommand)]
pub(crate) enum OperateIdentities {
    /// Have somebody at an identity provider sign in as a user
    Link {
        /// The user's name; `enact user add` makes the account
        #[arg(value_name = "USER")]
        user: OwnerName,
        /// Who it is there.
        #[command(flatten)]
        who: Who,
    },
    /// Show who signs in as whom
    List,
    /// Take a link back: the account stays, and that person signs in to it no more
    Unlink(Who),
}

/// Somebody at an identity provider.
#[expect(
    clippy::doc_markdown,
    reason = "these texts are the help, where backticks only disturb"
)]
#[derive(Debug, Args)]
pub(crate) struct Who {
    /// The provider's id of that person, the claim "sub" of its tokens
    #[arg(long, value_name = "ID")]
    pub(crate) subject: String,
    /// The provider, the claim "iss" of its tokens; without: ENACT_JWT_ISSUER
    #[arg(long, value_name = "ISSUER")]
    pub(crate) issuer: Option<String>,
}
