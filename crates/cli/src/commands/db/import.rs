//! `enact db import`: takes over the data folder of the existing self-hosted server.

mod report;

use std::path::Path;
use std::time::Duration;

use enact_catalog::SchemaState;
use enact_registry::{Import, ImportError, Registry, Report};
use enact_server::{StartError, Store};
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::Choice;
use crate::args;
use crate::commands::database::{scratch, without_store};
use crate::commands::operator::operator;
use crate::exit::{Exit, Failure, chain};
use crate::printer::Printer;

/// How long the last version may take after everything else has ended.
const GRACE: Duration = Duration::from_secs(10);

pub(super) async fn run(
    args: args::Import,
    choice: &Choice,
    printer: &Printer,
) -> Result<(), Failure> {
    check_apart(&args.from, &choice.data)?;
    let (registry, _scratch) = if args.dry_run {
        let (registry, scratch) = open_dry(choice).await?;
        (registry, Some(scratch))
    } else {
        let store = Store::from_vars(|name| std::env::var(name).ok())
            .map_err(|error| super::super::serve::invalid(&error))?;
        let opened = enact_server::open_registry(&choice.data, &choice.catalog, store).await;
        let (registry, _) = opened.map_err(|error| cannot_open(&error))?;
        (registry.operated_by(operator()), None)
    };
    let mut report = Report::default();
    let result = import(&args, &registry, &mut report, printer).await;
    // A version under way is finished or given up; after a second Ctrl-C, only for so long.
    let _ = tokio::time::timeout(GRACE, registry.close()).await;
    let failure = match result {
        Ok(()) if report.stopped => Some(interrupted()),
        Ok(()) if report.refused_in_all > 0 => Some(refused(report.refused_in_all)),
        Ok(()) => None,
        Err(failure) if report == Report::default() => return Err(failure),
        Err(failure) => {
            Some(failure.hint("run it again when that is mended: it goes on from here"))
        }
    };
    report::print(&args, &report, failure.as_ref(), printer);
    failure.map_or(Ok(()), |failure| Err(failure.already_in_json()))
}

/// Takes over until it is done, or Ctrl-C or SIGTERM: the first ends the work after the version
/// under way, the second at once.
async fn import(
    args: &args::Import,
    registry: &Registry,
    report: &mut Report,
    printer: &Printer,
) -> Result<(), Failure> {
    let cannot_listen = |error| Failure::io("cannot listen for signals", &error);
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot_listen)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot_listen)?;
    let stop = CancellationToken::new();
    let bar = printer.steps(if args.dry_run {
        "Checking"
    } else {
        "Importing"
    });
    let progress = |done: u64, all: u64| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let import = Import {
        folder: &args.from,
        dry_run: args.dry_run,
        patience: Import::PATIENCE,
        stop: stop.clone(),
        progress: &progress,
    };
    let mut work = std::pin::pin!(registry.import(&import, report));
    let result = loop {
        tokio::select! {
            biased;
            result = &mut work => break result,
            Some(()) = interrupt.recv() => {}
            Some(()) = terminate.recv() => {}
        }
        if stop.is_cancelled() {
            return Err(interrupted());
        }
        stop.cancel();
        bar.suspend(|| printer.note("Stopping after the version under way…"));
    };
    bar.finish_and_clear();
    result.map_err(|error| match &error {
        ImportError::Source(error) => {
            let failure = Failure::new("SOURCE_UNUSABLE", chain(error));
            match error.hint() {
                Some(hint) => failure.hint(hint),
                None => failure,
            }
        }
        ImportError::Busy => Failure::new("BUSY", error.to_string()),
        ImportError::Registry(error) => Failure::new("IMPORT_FAILED", chain(error)),
    })
}

/// A registry that a dry run may look into: this one if there is one, and else an empty one.
async fn open_dry(choice: &Choice) -> Result<(Registry, TempDir), Failure> {
    let scratch = scratch()?;
    let database = choice.database();
    let status = enact_catalog::Catalog::status(&database)
        .await
        .map_err(|error| choice.failure(&error))?;
    let catalog = match status.state {
        SchemaState::Current => enact_catalog::Catalog::open(&database).await,
        SchemaState::Missing | SchemaState::Empty => {
            enact_catalog::Catalog::open_sqlite(&scratch.path().join("registry.db")).await
        }
        SchemaState::Older | SchemaState::Newer | SchemaState::Foreign => {
            let message = format!("{} is not ready to import into", choice.shown());
            return Err(
                Failure::new("DATABASE_ERROR", message).hint("`enact db status` says what to do")
            );
        }
    }
    .map_err(|error| choice.failure(&error))?;
    without_store(catalog, scratch)
}

/// Both registries call their database registry.db.
fn check_apart(from: &Path, data: &Path) -> Result<(), Failure> {
    let real = from
        .canonicalize()
        .map_err(|error| Failure::io(format!("cannot read {}", from.display()), &error))?;
    if data.canonicalize().is_ok_and(|data| data == real) {
        let message = "--from and --data are the same folder";
        return Err(Failure::new("USAGE", message)
            .hint("give this registry a folder of its own: --data ./enact-data")
            .with_exit(Exit::Usage));
    }
    Ok(())
}

fn cannot_open(error: &StartError) -> Failure {
    let failure = Failure::io("cannot open this registry", error);
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn interrupted() -> Failure {
    Failure::new(
        "INTERRUPTED",
        "interrupted; run it again to go on from here",
    )
    .with_exit(Exit::Interrupted)
}

fn refused(count: u64) -> Failure {
    let rows = if count == 1 { "row was" } else { "rows were" };
    Failure::new("REFUSED", format!("{count} {rows} refused"))
        .hint("mend them with the existing server and import again, or publish them anew")
        .with_exit(Exit::Refused)
}
