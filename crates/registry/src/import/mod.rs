//! Taking over the data folder of the existing self-hosted server.
//!
//! People and organisations first, then every version in the order of publishing, each through the
//! protocol of a publish: reserve → upload → commit. So what is visible is whole, a run that ends in
//! the middle has taken over what it had come to, and the next run goes on from there: what is here
//! already, with the same digest, is passed by.

mod bundles;
mod people;
mod report;
mod scratch;
mod version;

use std::path::Path;
use std::time::Duration;

use enact_catalog::upstream::{
    BEFORE_THE_FIRST, Numbered, Upstream, UpstreamError, UpstreamVersion,
};
use enact_types::{Action, ErrorCode};
use tokio_util::sync::CancellationToken;

use self::bundles::Bundles;
pub use self::report::{Refusal, Report, RowKind, Tally};
use self::scratch::Scratch;
use self::version::Outcome;
use crate::upload::RESERVATION_TTL;
use crate::{Registry, RegistryError, Subject};

/// Versions that somebody else is publishing and that are looked at again at the end. More than a
/// few mean that this registry is in use, not that a run before this one died.
const MAX_BUSY: usize = 1_000;

/// What to take over, and how.
pub struct Import<'a> {
    /// The data folder of the existing server; it is only read.
    pub folder: &'a Path,
    /// Check everything and change nothing.
    pub dry_run: bool,
    /// How long to wait for versions that are reserved, before they are tried again once. A run
    /// that was killed leaves one reserved for [`Import::PATIENCE`].
    pub patience: Duration,
    /// Ends the work after the version under way.
    pub stop: CancellationToken,
    /// Told after each version how many of how many were looked at.
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
}

impl Import<'_> {
    /// As long as a dead attempt holds its reservation, and a little more.
    pub const PATIENCE: Duration = RESERVATION_TTL.saturating_add(Duration::from_secs(1));
}

/// Why taking over ended early. What was taken over until then stays, and the next run goes on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] UpstreamError),
    /// Another process is taking something over into this data folder.
    #[error("another import into this data folder is under way")]
    Busy,
    /// The catalog or the store of this registry failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// The code by which programs know an error.
fn code(error: &ImportError) -> ErrorCode {
    match error {
        ImportError::Source(_) => ErrorCode::ValidationError,
        ImportError::Busy => ErrorCode::Conflict,
        ImportError::Registry(error) => error.kind().code(),
    }
}

impl Registry {
    /// Takes over what is in a data folder of the existing server. `report` is filled as the work
    /// goes on, so it also tells what was done before an error.
    pub async fn import(
        &self,
        import: &Import<'_>,
        report: &mut Report,
    ) -> Result<(), ImportError> {
        let scratch = Scratch::new(&self.inner.spool_dir)?;
        let bundles = Bundles::open(import.folder).map_err(RegistryError::from)?;
        let mut source = Upstream::open(import.folder, scratch.folder.path()).await?;
        if !import.dry_run {
            // What an earlier run left in the store.
            self.recover().await?;
        }
        let taken = self.take(import, &bundles, &mut source, report).await;
        source.close().await;
        if import.dry_run {
            return taken;
        }
        let detail = format!(
            "{} versions, {} people, {} organisations taken over; {} rows refused",
            report.versions.taken,
            report.people.taken,
            report.organizations.taken,
            report.refused_in_all
        );
        let subject = Subject::default().with_detail(&detail);
        let recorded =
            self.record_operated(Action::DbImport, &subject, taken.as_ref().err().map(code));
        match recorded.await {
            Ok(()) => taken,
            // What else went wrong is more to the point.
            Err(error) => taken.and(Err(RegistryError::unrecorded(error).into())),
        }
    }

    async fn take(
        &self,
        import: &Import<'_>,
        bundles: &Bundles,
        source: &mut Upstream,
        report: &mut Report,
    ) -> Result<(), ImportError> {
        let totals = source.totals().await?;
        report.attestations = totals.attestations;
        self.import_people(import, source, report).await?;
        self.import_orgs(import, source, report).await?;

        let (mut after, mut seen, mut busy) = (BEFORE_THE_FIRST, 0, Vec::new());
        (import.progress)(seen, totals.versions);
        while let Some(Numbered { row, content }) = source.version(after).await? {
            if import.stop.is_cancelled() {
                report.stopped = true;
                return Ok(());
            }
            match self.import_row(import, bundles, content, report).await? {
                Some(_) if busy.len() < MAX_BUSY => busy.push(row),
                Some((what, reason)) => report.refuse(RowKind::Version, what, reason),
                None => {}
            }
            (after, seen) = (row, seen + 1);
            (import.progress)(seen, totals.versions);
        }
        self.try_again(import, bundles, source, report, &busy).await
    }

    /// Looks once more at versions that were reserved: most likely by an earlier run that died.
    async fn try_again(
        &self,
        import: &Import<'_>,
        bundles: &Bundles,
        source: &mut Upstream,
        report: &mut Report,
        busy: &[i64],
    ) -> Result<(), ImportError> {
        if busy.is_empty() {
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(import.patience) => {}
            () = import.stop.cancelled() => {
                report.stopped = true;
                return Ok(());
            }
        }
        for row in busy {
            let Some(Numbered { content, .. }) = source.version(row.saturating_sub(1)).await?
            else {
                continue;
            };
            if let Some((what, reason)) = self.import_row(import, bundles, content, report).await? {
                report.refuse(RowKind::Version, what, reason);
            }
        }
        Ok(())
    }

    /// Takes over one row. Gives its name and a reason if it is reserved by somebody else.
    async fn import_row(
        &self,
        import: &Import<'_>,
        bundles: &Bundles,
        content: Result<UpstreamVersion, enact_catalog::upstream::Refused>,
        report: &mut Report,
    ) -> Result<Option<(String, String)>, RegistryError> {
        let version = match content {
            Ok(version) => version,
            Err(refused) => {
                report.refuse(RowKind::Version, refused.what, refused.reason);
                return Ok(None);
            }
        };
        let what = format!("{}@{}", version.name, version.version);
        let dry_run = import.dry_run.then_some(&*report);
        match self.import_version(bundles, version, dry_run).await? {
            Outcome::Taken => report.versions.taken += 1,
            Outcome::Already => report.versions.already += 1,
            Outcome::Refused(reason) => report.refuse(RowKind::Version, what, reason),
            Outcome::Busy(reason) => return Ok(Some((what, reason))),
        }
        Ok(None)
    }
}
