//! Starting and stopping.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use enact_catalog::CatalogError;
use enact_registry::{Registry, RegistryError};
use enact_storage::StorageError;
use enact_types::SystemClock;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::Interval;

use crate::auth::Auth;
use crate::config::Config;
use crate::http::large_answer::LargeAnswers;
use crate::http::listener;
use crate::jwt::Verifier;
use crate::open::open_registry;
use crate::router::router;
use crate::state::AppState;

/// How often what dead publishes left is collected.
const RECOVERY_PERIOD: Duration = Duration::from_mins(1);

/// How often unfinished uploads are looked for.
const SWEEP_PERIOD: Duration = Duration::from_hours(1);

/// How long publishes under way may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(30);

/// How often downloads are written to the catalog.
const COUNTING_PERIOD: Duration = Duration::from_secs(1);

/// A server that listens but does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    store: String,
    registry: Registry,
    state: AppState,
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The data folder cannot be made.
    #[error("cannot use the data folder {path}: {source}")]
    DataDir {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The catalog cannot be opened.
    #[error("cannot open the catalog: {0}")]
    Catalog(#[from] CatalogError),
    /// The store cannot be used.
    #[error("cannot use the bundle store: {0}")]
    Storage(#[from] StorageError),
    /// There is no client to ask identity providers with.
    #[error("cannot ask identity providers for their keys: {0}")]
    Provider(#[from] reqwest::Error),
    /// Anything else.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl StartError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Listen { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse => {
                Some("another program listens there; choose another port with --port")
            }
            Self::Listen { .. } => Some("--host and --port say where to listen"),
            Self::DataDir { .. } => Some("--data names a folder that can be written to"),
            Self::Catalog(_) => Some(
                "check that the database of DATABASE_URL runs and can be reached, or, without that \
                 variable, that the data folder can be written to",
            ),
            Self::Storage(_) => Some("`enact storage doctor` finds out why"),
            Self::Provider(_) => Some("check the certificates of this system, and SSL_CERT_FILE"),
            Self::Registry(_) => None,
        }
    }
}

impl Server {
    /// Listens, then opens catalog and store. The port is taken first, so a second server on the
    /// same port fails before it touches anything.
    pub async fn bind(config: Config) -> Result<Self, StartError> {
        let address = SocketAddr::new(config.host, config.port);
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| StartError::Listen { address, source })?;
        let address = listener
            .local_addr()
            .map_err(|source| StartError::Listen { address, source })?;
        let (registry, store) =
            open_registry(&config.data_dir, &config.catalog, config.store).await?;
        let verifier = Verifier::new(&config.jwt, Arc::new(SystemClock))?;
        let auth = Auth::new(config.access, registry.admin().await?, verifier);
        let state = AppState {
            registry: registry.clone(),
            auth,
            large_answers: LargeAnswers::default(),
            redirect_downloads: config.redirect_downloads,
            process: registry.process_tag()?.into(),
        };
        Ok(Self {
            listener,
            address,
            store,
            registry,
            state,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where bundles are stored, for people.
    pub fn store(&self) -> &str {
        &self.store
    }

    /// Serves until `stop` completes, then finishes requests and publishes under way.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let (running, stopped) = watch::channel(());
        let upkeep = [
            tokio::spawn(recover(self.registry.clone(), stopped.clone())),
            tokio::spawn(sweep(self.registry.clone(), stopped.clone())),
            tokio::spawn(count(self.registry.clone(), stopped)),
        ];
        listener::serve(self.listener, router(self.state), stop).await;
        // Told rather than aborted: neither may be cut off between taking and writing.
        drop(running);
        for task in upkeep {
            if let Err(error) = task.await {
                tracing::error!(%error, "an upkeep task ended badly");
            }
        }
        if tokio::time::timeout(GRACE, self.registry.close())
            .await
            .is_err()
        {
            tracing::warn!("stopped with publishes still under way; the next start cleans up");
        }
    }
}

/// Removes parts of uploads that were never finished.
async fn sweep(registry: Registry, mut stopped: watch::Receiver<()>) {
    let mut period = tokio::time::interval(SWEEP_PERIOD);
    while goes_on(&mut period, &mut stopped).await {
        match registry.sweep_uploads().await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "removed unfinished uploads from the store"),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "could not look for unfinished uploads");
            }
        }
    }
}

/// Collects what dead publishes left: at start, and then now and again.
async fn recover(registry: Registry, mut stopped: watch::Receiver<()>) {
    let mut period = tokio::time::interval(RECOVERY_PERIOD);
    while goes_on(&mut period, &mut stopped).await {
        match registry.recover().await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "collected what dead publishes left"),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "could not collect what dead publishes left");
            }
        }
    }
}

/// Writes download counts to the catalog.
async fn count(registry: Registry, mut stopped: watch::Receiver<()>) {
    let mut period = tokio::time::interval(COUNTING_PERIOD);
    while goes_on(&mut period, &mut stopped).await {
        if let Err(error) = registry.flush_downloads().await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "could not count downloads; trying again");
        }
    }
}

/// Waits for the next turn; false when the server has stopped.
async fn goes_on(period: &mut Interval, stopped: &mut watch::Receiver<()>) -> bool {
    tokio::select! {
        _ = stopped.changed() => false,
        _ = period.tick() => true,
    }
}
