//! `enact db`: operates the database that holds the metadata.

mod import;
mod migrate;
mod status;

use super::database::Choice;
use crate::args::{Db, OperateDb};
use crate::exit::Failure;
use crate::printer::Printer;

/// Runs the command.
pub(super) fn run(args: Db, printer: &Printer) -> Result<(), Failure> {
    let Db { command, data } = args;
    let choice = Choice::new(&data.folder, |name| std::env::var(name).ok())?;
    // Several threads: reading a bundle and writing to the database must not hold each other up.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("cannot start", &error))?;
    runtime.block_on(async {
        match command {
            OperateDb::Status => super::or_ctrl_c(status::run(&choice, printer)).await,
            OperateDb::Migrate => super::or_ctrl_c(migrate::run(&choice, printer)).await,
            OperateDb::Import(args) => import::run(args, &choice, printer).await,
        }
    })
}
