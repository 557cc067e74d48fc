//! Where what `enact serve` keeps is found, for the commands that work beside it.

use std::path::PathBuf;

use clap::Args;

/// The option that names the server's folder.
#[derive(Debug, Args)]
pub(crate) struct DataFolder {
    /// The folder for everything that is kept on this machine, as `enact serve` has it
    #[arg(
        short = 'd',
        long = "data",
        global = true,
        value_name = "FOLDER",
        default_value = "./enact-data"
    )]
    pub(crate) folder: PathBuf,
}
