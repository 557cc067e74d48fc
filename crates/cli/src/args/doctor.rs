//! The command line of `enact doctor`.

use std::path::PathBuf;

use clap::Args;

/// `enact doctor`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact doctor                         From the settings to what is installed
  enact doctor --server                Also the store of the registry that is served from here
  enact doctor --data /var/lib/enact

Nothing is changed, but for objects that are stored and deleted to try the store. Exits with 1 if
anything does not work.")]
pub(crate) struct Doctor {
    /// Also look at the object store, as `enact storage doctor` does; so it is if R2_* variables are set
    #[arg(long)]
    pub(crate) server: bool,
    /// Also look at the local object store in this folder, as given to `enact serve`
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
}
