//! `enact storage`: operates the object store that holds the bundles.

mod bench;
mod doctor;
mod init;
mod objects;
mod probe;
mod selftest;
mod store;
mod transfer;

use std::path::PathBuf;

use enact_storage::config::vars;

pub(super) use self::doctor::{Examined, environment as settings};
use self::store::Choice;
use super::or_ctrl_c as until_ctrl_c;
use crate::args::{Operate, Storage};
use crate::exit::Failure;
use crate::printer::Printer;

/// Looks at the store as `enact storage doctor` does, printing what it finds: that of `data`, else
/// that of the environment, else the usual local folder.
pub(super) async fn examine(data: Option<PathBuf>, printer: &Printer) -> Result<Examined, Failure> {
    let choice = Choice::new(data, |name| std::env::var(name).ok());
    doctor::examine(&choice, printer).await
}

/// Whether the environment says anything about an S3-compatible store.
pub(super) fn is_in_environment() -> bool {
    let set = |name: &&str| std::env::var(name).is_ok_and(|value| !value.trim().is_empty());
    vars::ALL.iter().any(set)
}

/// Runs the command.
pub(super) fn run(args: Storage, json: bool, printer: &Printer) -> Result<(), Failure> {
    let Storage { command, data } = args;
    let choice = Choice::new(data, |name| std::env::var(name).ok());
    // Several threads: hashing and signing of one transfer must not hold up the others.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("cannot start", &error))?;
    let result = runtime.block_on(async {
        match command {
            // What these three store is removed also after Ctrl-C and SIGTERM.
            Operate::Doctor => doctor::run(&choice, printer).await,
            Operate::Test => selftest::run(&choice.open()?, printer).await,
            Operate::Bench(args) => bench::run(&args, &choice.open()?, printer).await,
            Operate::Put(args) => until_ctrl_c(transfer::put(args, &choice.open()?, printer)).await,
            Operate::Init(args) => until_ctrl_c(init::run(args, &choice, printer)).await,
            Operate::Get(args) => {
                until_ctrl_c(transfer::get(args, json, &choice.open_existing()?, printer)).await
            }
            Operate::Stat(args) => {
                until_ctrl_c(objects::stat(args, &choice.open_existing()?, printer)).await
            }
            Operate::Ls(args) => {
                until_ctrl_c(objects::ls(args, &choice.open_existing()?, printer)).await
            }
            Operate::Rm(args) => {
                until_ctrl_c(objects::rm(args, &choice.open_existing()?, printer)).await
            }
            Operate::Presign(args) => {
                until_ctrl_c(objects::presign(args, &choice.open_existing()?, printer)).await
            }
        }
    });
    // A read of stdin that nobody waits for any more must not keep the program.
    runtime.shutdown_background();
    result
}
