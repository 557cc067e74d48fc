//! The stores that every behaviour is tried on.

use std::env;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use enact_storage::{Key, Retries, StorageClient, StorageConfig, Timeouts};
use enact_testkit::S3;
use enact_types::{Clock as _, SystemClock};
use futures_util::TryStreamExt as _;
use http::Method;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::signer::{SignedUrlOptions, Signer as _};

/// A store, started when the first test needs it.
#[derive(Clone)]
pub(crate) struct Backend(Arc<Inner>);

struct Inner {
    kind: Kind,
    started: OnceLock<Result<Place, String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Local,
    InProcess,
    Minio,
    Configured,
}

/// Where a store is.
pub(crate) enum Place {
    Folder(tempfile::TempDir),
    Store {
        config: Box<StorageConfig>,
        /// Stopped with the value, if it was started for the tests.
        _started: Option<Box<Mutex<S3>>>,
    },
}

/// What one behaviour gets: a client, and keys that no other behaviour uses.
pub(crate) struct Context {
    pub(crate) client: StorageClient,
    pub(crate) backend: Backend,
    scope: String,
}

pub(crate) fn all() -> Vec<Backend> {
    let mut kinds = vec![Kind::Local, Kind::InProcess, Kind::Minio];
    if env::var_os("ENACT_TEST_S3_ENDPOINT").is_some() {
        kinds.push(Kind::Configured);
    }
    let backend = |kind| {
        Backend(Arc::new(Inner {
            kind,
            started: OnceLock::new(),
        }))
    };
    kinds.into_iter().map(backend).collect()
}

impl Backend {
    pub(crate) fn name(&self) -> &'static str {
        match self.0.kind {
            Kind::Local => "local",
            Kind::InProcess => "s3_in_process",
            Kind::Minio => "s3_minio",
            Kind::Configured => "s3_configured",
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Whether its tests are to be ignored: its program is not on this machine, and nobody asked
    /// for that to be a failure.
    pub(crate) fn is_missing(&self) -> bool {
        self.0.kind == Kind::Minio && S3::minio_is_to_be_ignored()
    }

    /// Whether the store does what S3 does also in the corners. The in-process one ignores
    /// `If-None-Match`, lists no unfinished uploads and no tags, takes uploads into buckets that
    /// are not there, and answers 500 where its files meet their limits.
    pub(crate) fn is_faithful(&self) -> bool {
        self.0.kind != Kind::InProcess
    }

    fn place(&self) -> Result<&Place> {
        let started = self
            .0
            .started
            .get_or_init(|| start(self.0.kind).map_err(|error| format!("{error:#}")));
        started.as_ref().map_err(|error| anyhow!("{error}"))
    }

    /// The settings of the store; fails for the local folder.
    pub(crate) fn config(&self) -> Result<StorageConfig> {
        let config = match self.place()? {
            Place::Folder(_) => anyhow::bail!("a folder has no settings"),
            Place::Store { config, .. } => (**config).clone(),
        };
        Ok(quick(config))
    }

    /// How many uploads of a key were started and neither finished nor aborted.
    pub(crate) async fn unfinished_uploads(&self, key: &Key) -> Result<usize> {
        let config = match self.place()? {
            Place::Folder(folder) => {
                let scope = key.as_str().split('/').next().unwrap_or_default();
                return Ok(folder
                    .path()
                    .join(scope)
                    .join(".enact-tmp")
                    .read_dir()?
                    .count());
            }
            Place::Store { .. } => self.config()?,
        };
        let store = AmazonS3Builder::new()
            .with_endpoint(config.endpoint.unwrap_or_default())
            .with_region(config.region)
            .with_bucket_name(config.bucket)
            .with_access_key_id(config.access_key_id)
            .with_secret_access_key(config.secret_access_key.expose())
            .build()?;
        // MinIO lists an upload only under its exact key, and others have no mind for that.
        let options =
            SignedUrlOptions::new().with_query([("prefix", key.as_str()), ("uploads", "")]);
        let minute = Duration::from_mins(1);
        let url = store
            .signed_url_opts(Method::GET, &Path::ROOT, minute, &options)
            .await?;
        let answer = reqwest::Client::builder()
            .no_proxy()
            .build()?
            .get(url)
            .send()
            .await?;
        let answer = answer.error_for_status()?.text().await?;
        let element = format!("<Key>{key}</Key>");
        Ok(answer.matches(&element).count())
    }

    pub(crate) fn context(&self, scope: &'static str) -> Result<Context> {
        let client = match self.place()? {
            // A folder for each, so that what is in it is all the behaviour's own.
            Place::Folder(folder) => StorageClient::local(folder.path().join(scope))?,
            Place::Store { .. } => StorageClient::new(self.config()?)?,
        };
        let scope = match self.0.kind {
            Kind::Configured => format!("{}/{scope}", run_of_its_own()),
            _ => scope.to_owned(),
        };
        Ok(Context {
            client,
            backend: self.clone(),
            scope,
        })
    }

    /// Removes what the tests left in a store that outlives them.
    pub(crate) async fn clear(self) -> Result<()> {
        if self.0.kind != Kind::Configured || self.0.started.get().is_none() {
            return Ok(());
        }
        let client = StorageClient::new(self.config()?)?;
        let objects = client.list(&format!("{}/", run_of_its_own()));
        let keys: Vec<Key> = objects.map_ok(|object| object.key).try_collect().await?;
        for key in keys {
            client.delete(&key).await?;
        }
        Ok(())
    }
}

impl Context {
    /// A key of this behaviour's own.
    pub(crate) fn key(&self, name: &str) -> Result<Key> {
        Ok(Key::parse(&format!("{}/{name}", self.scope))?)
    }

    /// What all keys of this behaviour start with.
    pub(crate) fn prefix(&self) -> String {
        format!("{}/", self.scope)
    }
}

/// What all keys of this run start with in a store that other runs, and others, use as well.
fn run_of_its_own() -> &'static str {
    static RUN: OnceLock<String> = OnceLock::new();
    RUN.get_or_init(|| {
        let now = SystemClock.now().as_millis();
        format!("enact-test-{now}-{}", std::process::id())
    })
}

/// Short limits: a test waits for nothing that is not there.
pub(crate) fn quick(mut config: StorageConfig) -> StorageConfig {
    config.timeouts = Timeouts {
        connect: Duration::from_secs(5),
        idle: Duration::from_secs(20),
    };
    config.retries = Retries {
        max: 2,
        initial_backoff: Duration::from_millis(1),
        max_backoff: Duration::from_millis(5),
    };
    config
}

fn start(kind: Kind) -> Result<Place> {
    match kind {
        Kind::Local => Ok(Place::Folder(tempfile::tempdir_in(scratch())?)),
        Kind::InProcess => Ok(started(S3::in_process()?)),
        Kind::Minio => {
            let minio = S3::minio()?.context("MinIO is not on this machine")?;
            Ok(started(minio))
        }
        Kind::Configured => {
            let var = |name: &str| {
                let name = format!("ENACT_TEST_S3_{name}");
                env::var(&name).with_context(|| format!("{name} is not set"))
            };
            let config = StorageConfig::new(var("ACCESS_KEY")?, var("SECRET_KEY")?, var("BUCKET")?)
                .with_endpoint(var("ENDPOINT")?)
                .with_region(var("REGION").unwrap_or_else(|_| "us-east-1".to_owned()));
            Ok(Place::Store {
                config: Box::new(config),
                _started: None,
            })
        }
    }
}

fn started(s3: S3) -> Place {
    let config = StorageConfig::new(&*s3.access_key, &*s3.secret_key, &*s3.bucket)
        .with_endpoint(&*s3.endpoint)
        .with_region(&*s3.region);
    Place::Store {
        config: Box::new(config),
        _started: Some(Box::new(Mutex::new(s3))),
    }
}

/// A folder on a real file system: some do not keep extended attributes in `/tmp`.
pub(crate) fn scratch() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}
