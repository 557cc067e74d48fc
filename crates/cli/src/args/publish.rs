//! The command line of `enact publish`.

use std::path::PathBuf;

use clap::Args;
use enact_types::Visibility;

/// `enact publish`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact publish                        Publish this folder
  enact publish ./greeter --public     Publish ./greeter for everybody
  enact publish --dry-run              List what would be published
  enact publish --strict               Not if there are warnings

Without a visibility a skill that the registry has stays as visible as it is, and a new one is \
private.

Checks what `enact validate` checks, and sends nothing if there are errors. Put names or patterns \
of files that should not be published into .enactignore. A published version never changes.")]
pub(crate) struct Publish {
    /// The skill's folder
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Who can see it
    #[command(flatten)]
    pub(crate) visible: Visible,
    /// List what would be published and send nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    /// Refuse a skill that there are warnings about
    #[arg(long)]
    pub(crate) strict: bool,
}

/// Who can see what is published.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct Visible {
    /// Everybody can find and install it
    #[arg(long)]
    pub(crate) public: bool,
    /// Everybody who knows its name can install it; no search shows it
    #[arg(long)]
    pub(crate) unlisted: bool,
    /// Only its owners can see it (the default for a new skill)
    #[arg(long)]
    pub(crate) private: bool,
}

impl Visible {
    /// The visibility that was chosen, if one was.
    pub(crate) fn chosen(&self) -> Option<Visibility> {
        match self {
            Self { public: true, .. } => Some(Visibility::Public),
            Self { unlisted: true, .. } => Some(Visibility::Unlisted),
            Self { private: true, .. } => Some(Visibility::Private),
            _ => None,
        }
    }
}
