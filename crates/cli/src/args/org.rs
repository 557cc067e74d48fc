//! The command line of `enact org`.

use clap::{Args, Subcommand};
use enact_types::{InvalidOwnerName, OwnerName, Role};

use super::values::role;

/// `enact org`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact org create acme --display-name \"Acme Inc.\"
  enact org add-member acme bob --role admin
  enact org info acme

Skills of an organisation are called @acme/…: members publish them, admins also manage members \
and visibility, owners also roles, and they delete.")]
pub(crate) struct Orgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: ManageOrgs,
}

/// What to do with organisations.
#[derive(Debug, Subcommand)]
pub(crate) enum ManageOrgs {
    /// Make an organisation, which you own
    Create {
        /// Its name: a-z, 0-9, "-" and "_"
        #[arg(value_name = "ORG", value_parser = org_name)]
        org: OwnerName,
        /// Its name for people
        #[arg(long, value_name = "NAME")]
        display_name: Option<String>,
        /// What it is
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
    },
    /// Show an organisation and its members
    Info {
        /// The organisation
        #[arg(value_name = "ORG", value_parser = org_name)]
        org: OwnerName,
    },
    /// Take a user in
    AddMember {
        /// The organisation
        #[arg(value_name = "ORG", value_parser = org_name)]
        org: OwnerName,
        /// The user
        #[arg(value_name = "USER")]
        user: OwnerName,
        /// What the user may do
        #[arg(short, long, default_value = "member", value_parser = role())]
        role: Role,
    },
    /// Change what a member may do
    SetRole {
        /// The organisation
        #[arg(value_name = "ORG", value_parser = org_name)]
        org: OwnerName,
        /// The user
        #[arg(value_name = "USER")]
        user: OwnerName,
        /// What the member may do
        #[arg(value_name = "ROLE", value_parser = role())]
        role: Role,
    },
    /// Remove a member, or leave
    RemoveMember {
        /// The organisation
        #[arg(value_name = "ORG", value_parser = org_name)]
        org: OwnerName,
        /// The user
        #[arg(value_name = "USER")]
        user: OwnerName,
    },
}

/// The name of an organisation, with or without the `@` that its skills' names begin with.
fn org_name(text: &str) -> Result<OwnerName, InvalidOwnerName> {
    OwnerName::parse(text.strip_prefix('@').unwrap_or(text))
}
