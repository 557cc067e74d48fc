//! `enact serve`: starts the registry server.

use std::io::IsTerminal as _;
use std::path::Path;

use enact_server::{Access, Catalog, Config, ConfigError, JwtSettings, KeySource, Options, Server};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::args::Serve;
use crate::exit::Failure;
use crate::printer::{Printer, wants_color};

/// Runs the server until it is asked to stop by SIGTERM or SIGINT, then lets it finish.
pub(super) fn run(args: Serve, printer: &Printer) -> Result<(), Failure> {
    let config = Config::resolve(options(args)?, |name| std::env::var(name).ok())
        .map_err(|error| invalid(&error))?;
    log_to_stderr();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("cannot start", &error))?;
    runtime.block_on(serve(config, printer))
}

/// What the command line says.
pub(super) fn options(args: Serve) -> Result<Options, Failure> {
    let Serve {
        host,
        port,
        data,
        redirect_downloads,
        open,
        tls_cert,
        tls_key,
    } = args;
    let data_dir = std::path::absolute(&data)
        .map_err(|error| Failure::io("cannot use the data folder", &error))?;
    Ok(Options {
        host,
        port,
        data_dir,
        redirect_downloads,
        open,
        tls_cert,
        tls_key,
    })
}

/// What a person is told about settings that do not work.
pub(super) fn invalid(error: &ConfigError) -> Failure {
    let failure = Failure::new("INVALID_CONFIG", error.to_string());
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

async fn serve(config: Config, printer: &Printer) -> Result<(), Failure> {
    let shown = Shown::of(&config);
    let stop = stop_signal().map_err(|error| Failure::io("cannot listen for signals", &error))?;
    let server = Server::bind(config).await.map_err(|error| {
        let failure = Failure::io("the server cannot start", &error);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })?;
    shown.print(&server, printer);
    server.run(stop).await;
    printer.note("Stopped.");
    Ok(())
}

/// Completes at the first SIGTERM or SIGINT. Registered before the server is announced, so that
/// whoever saw the announcement can stop it properly.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing requests under way");
    })
}

/// `ENACT_LOG` sets what is logged, as in `info` or `enact_storage=debug`.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("ENACT_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(wants_color() && std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // Fails only if there is a log already.
    let _ = log.try_init();
}

/// What the settings look like to a person.
struct Shown {
    catalog: String,
    access: &'static str,
    local: bool,
    /// What clients sign in with, if they have to.
    secret: Option<&'static str>,
    /// Whose tokens are believed beside.
    believed: Vec<(&'static str, String)>,
}

/// Whose tokens are believed, for people.
fn believed(jwt: &JwtSettings) -> Vec<(&'static str, String)> {
    let people = jwt.identity.as_ref().map(|provider| {
        let by = match provider.keys {
            KeySource::Secret(_) => "the secret in ENACT_JWT_SECRET",
            KeySource::Jwks(_) => "the keys that it publishes",
        };
        let (issuer, audience) = (&provider.issuer, &provider.audience);
        let text = format!("by tokens of {issuer} for {audience}, verified with {by}");
        ("Sign-in", text)
    });
    let workflows = jwt.publishing.as_ref().map(|publishing| {
        let (issuer, audience) = (&publishing.issuer, &publishing.audience);
        let text = format!("by runs of workflows, with tokens of {issuer} for {audience}");
        ("Publishing", text)
    });
    people.into_iter().chain(workflows).collect()
}

impl Shown {
    fn of(config: &Config) -> Self {
        let database = |data: &Path| data.join("registry.db").display().to_string();
        let (access, secret) = match &config.access {
            Access::Open { .. } => (
                "open: everybody on this machine may read and write everything",
                None,
            ),
            Access::OpenToAll => (
                "open: everybody who reaches this server may read, change and delete everything",
                None,
            ),
            Access::Closed { key: None } => (
                "writing needs a token: see `enact user` and `enact token`; reading what is public needs none",
                Some("a token"),
            ),
            Access::Closed { key: Some(_) } => (
                "writing needs a token or the key in ENACT_REGISTRY_API_KEY; reading what is public needs none",
                Some("a token, or the key"),
            ),
        };
        Self {
            catalog: match &config.catalog {
                Catalog::Sqlite => format!("SQLite, {}", database(&config.data_dir)),
                Catalog::Postgres(_) => "PostgreSQL (DATABASE_URL)".to_owned(),
            },
            access,
            local: config.host.is_loopback(),
            secret,
            believed: believed(&config.jwt),
        }
    }

    fn print(&self, server: &Server, printer: &Printer) {
        let url = format!("{}://{}", server.scheme(), server.address());
        printer.json(&json!({ "url": url, "catalog": self.catalog, "bundles": server.store(), "open": self.secret.is_none() }));
        printer.line(&format!("Enact registry {}", env!("CARGO_PKG_VERSION")));
        printer.line("");
        let mut facts = vec![
            ("Listening on", url.clone()),
            ("Catalog", self.catalog.clone()),
            ("Bundles", server.store().to_owned()),
            ("Access", self.access.to_owned()),
        ];
        facts.extend(self.believed.iter().cloned());
        printer.facts(&facts);
        printer.line("");
        printer.line("Point a client at it:");
        let url = if self.local {
            url
        } else {
            format!(
                "{}://<this machine>:{}",
                server.scheme(),
                server.address().port()
            )
        };
        printer.line(&format!("  export ENACT_REGISTRY_URL={url}"));
        if let Some(secret) = self.secret {
            printer.line(&format!(
                "  enact login     # takes {secret}; in scripts: export ENACT_AUTH_TOKEN=…"
            ));
        }
    }
}
