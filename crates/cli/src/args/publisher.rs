//! The command line of `enact publisher`.

use clap::{Args, Subcommand};
use enact_types::{OwnerName, Pattern, RefPattern, Repository, WorkflowFile};

use super::data::DataFolder;

/// `enact publisher`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact publisher add octo/skills --as alice --name 'alice/*' --workflow release.yml --ref 'refs/tags/*'
  enact publisher list
  enact publisher remove 0b1c2d3e4f5061728394a5b6c7d8e9f0

Workflows of GitHub Actions publish by these rules, without any secret that is stored anywhere. \
They count where ENACT_TRUSTED_PUBLISHING is set; docs/sign-in.md has the workflow.

Works on the database of `enact serve`, beside the running servers: PostgreSQL at DATABASE_URL if \
that is set, or else the SQLite file registry.db in the folder that --data names.")]
pub(crate) struct Publishers {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: OperatePublishers,
    /// Where the server keeps things.
    #[command(flatten)]
    pub(crate) data: DataFolder,
}

/// What to do with rules of trusted publishing.
#[derive(Debug, Subcommand)]
pub(crate) enum OperatePublishers {
    /// Let workflows of a repository publish
    Add(AddPublisher),
    /// Show all rules
    List,
    /// Take a rule back: it counts for no run any more, on every server from the next request on
    Remove {
        /// The rule's ID, as `enact publisher list` shows it
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// `enact publisher add`.
#[expect(
    clippy::doc_markdown,
    reason = "these texts are the help, where backticks only disturb"
)]
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact publisher add octo/skills --as alice --name 'alice/*' --workflow release.yml --ref 'refs/tags/*'
  enact publisher add octo/hammer --as alice --name @acme/hammer --ref refs/heads/main

Whoever may push to a branch or tag that a rule allows can change the workflow there, and so \
publish. The number of the repository's owner is kept when the first run signs in, so that nobody \
can take over the owner's name and publish; --owner-id says it beforehand.")]
pub(crate) struct AddPublisher {
    /// Where the workflow is, as in octo/skills
    #[arg(value_name = "OWNER/REPOSITORY")]
    pub(crate) repository: Repository,
    /// The user as whom is published
    #[arg(long = "as", value_name = "USER")]
    pub(crate) user: OwnerName,
    /// What may be published, as in alice/* or @acme/hammer; can be given several times
    #[arg(long = "name", value_name = "NAME", required = true, value_parser = Pattern::parse)]
    pub(crate) names: Vec<Pattern>,
    /// The workflow's file in .github/workflows; without: every workflow of the repository
    #[arg(long, value_name = "FILE")]
    pub(crate) workflow: Option<WorkflowFile>,
    /// The branch or tag that it runs for, in full, with a * at its end for all that begin so;
    /// without: every one
    #[arg(long = "ref", value_name = "REF")]
    pub(crate) git_ref: Option<RefPattern>,
    /// GitHub's number of the repository's owner
    #[arg(long, value_name = "NUMBER")]
    pub(crate) owner_id: Option<String>,
    /// Who signs the tokens of runs; without: ENACT_TRUSTED_PUBLISHING_ISSUER, or github.com
    #[arg(long, value_name = "ISSUER")]
    pub(crate) issuer: Option<String>,
}
