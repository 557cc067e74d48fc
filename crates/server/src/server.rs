//! Starting and stopping.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use enact_catalog::CatalogError;
use enact_registry::{Actor, Event, Registry, RegistryError, Subject};
use enact_storage::StorageError;
use enact_types::{Action, Clock, SystemClock};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::Interval;

use crate::audit::Budget;
use crate::auth::Auth;
use crate::config::{Access, Config, TlsFiles};
use crate::http::connections::Connections;
use crate::http::large_answer::LargeAnswers;
use crate::http::listener::{self, Service};
use crate::http::tls::{Tls, TlsError};
use crate::jwt::Verifier;
use crate::limits::Limiter;
use crate::open::open_within;
use crate::router::router;
use crate::state::AppState;

/// How often what dead publishes left is collected.
const RECOVERY_PERIOD: Duration = Duration::from_mins(1);

/// How often unfinished uploads are looked for.
const SWEEP_PERIOD: Duration = Duration::from_hours(1);

/// How long publishes under way may go on after the server was told to stop. Whoever started it
/// should wait a little longer before it kills the process.
const GRACE: Duration = Duration::from_secs(30);

/// How often downloads are written to the catalog.
const COUNTING_PERIOD: Duration = Duration::from_secs(1);

/// How often the audit log is told how many rows it does not have.
const TELLING_PERIOD: Duration = Duration::from_mins(1);

/// A server that listens but does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    store: String,
    registry: Registry,
    state: AppState,
    connections: Arc<Connections>,
    tls: Option<(Tls, Signal)>,
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
    /// The certificate cannot be used.
    #[error("cannot speak TLS: {0}")]
    Tls(#[from] TlsError),
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
    /// There are tokens, and nothing says that they count.
    #[error(
        "this registry has given tokens to its users, and nothing says how to sign in: in open mode \
         everybody on this machine could do everything"
    )]
    OpenWithTokens,
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
            Self::Tls(_) => Some(
                "--tls-cert names a file with the certificate and those behind it, --tls-key one with \
                 its private key, both in PEM",
            ),
            Self::DataDir { .. } => Some("--data names a folder that can be written to"),
            Self::Catalog(_) => Some(
                "check that the database of DATABASE_URL runs and can be reached, or, without that \
                 variable, that the data folder can be written to",
            ),
            Self::Storage(_) => Some("`enact storage doctor` finds out why"),
            Self::Provider(_) => Some("check the certificates of this system, and SSL_CERT_FILE"),
            Self::OpenWithTokens => Some(
                "set ENACT_AUTH=tokens, as the registry had it when they were made; or ENACT_AUTH=open if \
                 it is to be open",
            ),
            Self::Registry(_) => None,
        }
    }
}

impl Server {
    /// Listens, then opens catalog and store. The port is taken first, so a second server on the
    /// same port fails before it touches anything.
    pub async fn bind(config: Config) -> Result<Self, StartError> {
        Self::bind_with(config, Arc::new(SystemClock)).await
    }

    /// The same, with the limits' time from `clock`.
    pub async fn bind_with(config: Config, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let address = SocketAddr::new(config.host, config.port);
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| StartError::Listen { address, source })?;
        let address = listener
            .local_addr()
            .map_err(|source| StartError::Listen { address, source })?;
        let tls = config.tls.map(open_tls).transpose()?;
        let (registry, store) = open_within(
            &config.data_dir,
            &config.catalog,
            config.store,
            config.quota,
        )
        .await?;
        if let Access::Open { said: false } = config.access
            && registry.has_tokens().await?
        {
            return Err(StartError::OpenWithTokens);
        }
        let trusted_proxies = Arc::new(config.trusted_proxies);
        let connections =
            Connections::new(config.connections_per_address, Arc::clone(&trusted_proxies));
        let verifier = Verifier::new(&config.jwt, clock.clone())?;
        let auth = Auth::new(config.access, registry.admin().await?, verifier);
        let state = AppState {
            registry: registry.clone(),
            auth,
            large_answers: LargeAnswers::default(),
            redirect_downloads: config.redirect_downloads,
            audit: Arc::new(Budget::new(clock.clone())),
            limiter: config
                .limits
                .map(|limits| Arc::new(Limiter::new(limits, clock))),
            trusted_proxies: Arc::clone(&trusted_proxies),
            cors: config.cors.into(),
            tls: tls.is_some(),
            process: registry.process_tag()?.into(),
        };
        Ok(Self {
            listener,
            address,
            store,
            registry,
            state,
            connections: Arc::new(connections),
            tls,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as the beginning of a URL.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Where bundles are stored, for people.
    pub fn store(&self) -> &str {
        &self.store
    }

    /// Serves until `stop` completes, then finishes requests and publishes under way.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let (running, stopped) = watch::channel(());
        let mut upkeep = vec![
            tokio::spawn(recover(self.registry.clone(), stopped.clone())),
            tokio::spawn(sweep(self.registry.clone(), stopped.clone())),
            tokio::spawn(count(self.registry.clone(), stopped.clone())),
            tokio::spawn(tell_omitted(
                self.registry.clone(),
                self.state.audit.clone(),
                stopped.clone(),
            )),
        ];
        let tls = self.tls.map(|(tls, hangup)| {
            upkeep.push(tokio::spawn(renew(tls.clone(), hangup, stopped)));
            tls
        });
        let service = Service {
            router: router(self.state),
            tls,
            connections: self.connections,
        };
        let told = listener::serve(self.listener, service, stop).await;
        // Told rather than aborted: neither may be cut off between taking and writing.
        drop(running);
        for task in upkeep {
            if let Err(error) = task.await {
                tracing::error!(%error, "an upkeep task ended badly");
            }
        }
        if !self.registry.close_by(told + GRACE).await {
            tracing::warn!("stopped with publishes still under way; the next start cleans up");
        }
    }
}

/// Reads the certificate. From now on SIGHUP asks for it to be read again.
fn open_tls(files: TlsFiles) -> Result<(Tls, Signal), StartError> {
    let tls = Tls::open(files)?;
    let hangup = signal(SignalKind::hangup()).map_err(RegistryError::internal)?;
    Ok((tls, hangup))
}

/// Reads the certificate again whenever the process is told to.
async fn renew(tls: Tls, mut hangup: Signal, mut stopped: watch::Receiver<()>) {
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            told = hangup.recv() => if told.is_none() { return },
        }
        match tls.reload() {
            Ok(()) => tracing::info!("read the certificate again"),
            Err(error) => tracing::error!(%error, "keeping the certificate that was read before"),
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

/// Writes to the audit log how many rows it does not have; the last ones when the server stops.
async fn tell_omitted(registry: Registry, budget: Arc<Budget>, mut stopped: watch::Receiver<()>) {
    let mut period = tokio::time::interval(TELLING_PERIOD);
    loop {
        let goes_on = goes_on(&mut period, &mut stopped).await;
        let omitted = budget.take_omitted();
        if omitted > 0 {
            let subject = Subject::default().with_detail(&format_args!("{omitted} rows"));
            let event = Event {
                action: Action::AuditOmit,
                actor: &Actor::SERVER,
                origin: None,
                subject: &subject,
                error: None,
                status: None,
                request_id: None,
            };
            if let Err(error) = registry.record(&event).await {
                budget.put_back(omitted);
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "could not tell the audit log what it does not have");
            }
        }
        if !goes_on {
            return;
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
