//! What all use cases share.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use enact_bundle::Limits;
use enact_catalog::{Catalog, Profile, Resolved};
use enact_storage::StorageClient;
use enact_types::{Clock, Timestamp, ToolName};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;

use crate::coalesce::Coalesced;
use crate::download::Seen;
use crate::downloads::Downloads;
use crate::extraction::Extractions;
use crate::publish_slots::PublishSlots;
use crate::random::id;
use crate::small_bundles::SmallBundles;
use crate::tokens::Noting;
use crate::{Operator, Random, RegistryError};

/// A registry: catalog, store, and the rules between them. Cheap to clone.
#[derive(Clone)]
pub struct Registry {
    pub(crate) inner: Arc<Inner>,
    /// Who operates it, if that is done from a command line.
    pub(crate) operator: Option<Arc<Operator>>,
}

pub(crate) struct Inner {
    pub(crate) catalog: Catalog,
    pub(crate) storage: StorageClient,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) spool_dir: PathBuf,
    pub(crate) bundle_limits: Limits,
    pub(crate) publish_slots: PublishSlots,
    /// Bundles that are validated at once: as many as there are processors, since inflating is all
    /// they do.
    pub(crate) validations: Arc<Semaphore>,
    pub(crate) extractions: Extractions,
    pub(crate) downloads: Arc<Downloads>,
    pub(crate) noting: Noting,
    pub(crate) small_bundles: Arc<SmallBundles>,
    /// What is asked before a download, by everybody who sees the same tools.
    pub(crate) to_download: Coalesced<(ToolName, String, Seen), Option<Arc<Resolved>>>,
    /// Publishes past the point of no return: they finish or clean up even when their client goes.
    pub(crate) tasks: TaskTracker,
}

impl Registry {
    /// A registry over `catalog` and `storage`, which spools uploads in `spool_dir` (made if
    /// missing; on a disk, not in memory).
    pub fn new(
        catalog: Catalog,
        storage: StorageClient,
        spool_dir: &Path,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, RegistryError> {
        std::fs::create_dir_all(spool_dir)?;
        Ok(Self {
            inner: Arc::new(Inner {
                catalog,
                storage,
                clock,
                random,
                spool_dir: spool_dir.to_owned(),
                bundle_limits: Limits::default(),
                publish_slots: PublishSlots::new(),
                validations: Arc::new(Semaphore::new(processors())),
                extractions: Extractions::new(processors()),
                downloads: Arc::default(),
                noting: Noting::default(),
                small_bundles: Arc::default(),
                to_download: Coalesced::default(),
                tasks: TaskTracker::new(),
            }),
            operator: None,
        })
    }

    /// The profile of the operator, made on first use. A caller that holds the registry's key, or
    /// any caller in open mode, acts as this user.
    pub async fn admin(&self) -> Result<Profile, RegistryError> {
        let id = self.new_id()?;
        let admin = self
            .inner
            .catalog
            .ensure_profile(crate::accounts::OPERATOR, &id, self.now())
            .await?;
        admin.ok_or_else(|| RegistryError::internal("an organisation is called \"admin\""))
    }

    /// Waits for publishes under way, writes the last download counts and closes the catalog. New
    /// work must have been stopped.
    pub async fn close(&self) {
        self.close_within(None).await;
    }

    /// The same, but waits no longer than until `deadline` for what is under way. False if that was
    /// too short; what is still under way finds the catalog closed then, as after a crash.
    pub async fn close_by(&self, deadline: Instant) -> bool {
        self.close_within(Some(deadline)).await
    }

    async fn close_within(&self, deadline: Option<Instant>) -> bool {
        self.inner.tasks.close();
        let all = self.inner.tasks.wait();
        let in_time = match deadline {
            None => {
                all.await;
                true
            }
            Some(deadline) => timeout_at(deadline, all).await.is_ok(),
        };
        if let Err(error) = self.flush_downloads().await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the last downloads were not counted");
        }
        self.inner.catalog.close().await;
        in_time
    }

    /// Goes on with `work` even if whoever waits for it goes away; [`close`](Self::close) waits for its
    /// end.
    pub fn finish<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.inner.tasks.spawn(work)
    }

    /// A few unguessable characters that tell this process from others, for ids in its log.
    pub fn process_tag(&self) -> Result<String, RegistryError> {
        let mut tag = self.new_id()?;
        tag.truncate(8);
        Ok(tag)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn new_id(&self) -> Result<String, RegistryError> {
        Ok(id(&*self.inner.random)?)
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
