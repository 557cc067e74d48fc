//! An S3 store: [`S3::in_process`], or a real `MinIO` by [`S3::minio`].

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use anyhow::{Context as _, Result};
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::process::Process;

pub(crate) const ACCESS_KEY: &str = "enact";
pub(crate) const SECRET_KEY: &str = "enact123456";
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const BUCKET: &str = "enact-bundles";

/// A running S3 store with one empty bucket. It is stopped, and what it stored is removed, when
/// this value is dropped.
#[derive(Debug)]
pub struct S3 {
    /// `http://127.0.0.1:PORT`; buckets are addressed by path.
    pub endpoint: String,
    /// The access key that requests are signed for; others are refused.
    pub access_key: String,
    /// The key that signs them.
    pub secret_key: String,
    /// The region of the signatures.
    pub region: String,
    /// The name of the bucket.
    pub bucket: String,
    // Before the folder: fields are dropped in order, and the store must not miss its files.
    service: Service,
    root: PathBuf,
    folder: TempDir,
}

#[derive(Debug)]
pub(crate) enum Service {
    /// Held to be dropped.
    Thread { _server: InProcess },
    /// A program of its own.
    Program { server: Process },
}

impl S3 {
    /// Starts a store in this process: the `s3s` server, which checks signatures, over a temporary
    /// folder, on a thread and a port of its own.
    pub fn in_process() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("enact-s3-").tempdir()?;
        std::fs::create_dir(folder.path().join(BUCKET))?;
        let (address, server) = InProcess::start(folder.path())?;
        let endpoint = format!("http://{address}");
        Ok(Self::new(
            endpoint,
            Service::Thread { _server: server },
            folder.path().to_owned(),
            folder,
        ))
    }

    pub(crate) fn new(endpoint: String, service: Service, root: PathBuf, folder: TempDir) -> Self {
        Self {
            endpoint,
            access_key: ACCESS_KEY.to_owned(),
            secret_key: SECRET_KEY.to_owned(),
            region: REGION.to_owned(),
            bucket: BUCKET.to_owned(),
            service,
            root,
            folder,
        }
    }

    /// The folder that holds everything the store has. The in-process store keeps the object `KEY`
    /// of `BUCKET` as the plain file `BUCKET/KEY`, so that a test can damage it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The id of the store's process, if it has one of its own.
    pub fn pid(&self) -> Option<u32> {
        match &self.service {
            Service::Thread { .. } => None,
            Service::Program { server } => Some(server.pid()),
        }
    }

    /// Makes a further bucket, for a test that wants an empty one of its own. Fails if it is there
    /// already.
    pub fn create_bucket(&self, name: &str) -> Result<()> {
        // Both stores take the folders of their root for their buckets.
        std::fs::create_dir(self.root.join(name))
            .with_context(|| format!("cannot make the bucket {name}"))
    }
}

/// The environment that makes `enact serve` store its bundles in `s3`.
pub fn s3_env(s3: &S3) -> Vec<(&'static str, String)> {
    vec![
        ("R2_ENDPOINT", s3.endpoint.clone()),
        ("R2_ACCESS_KEY_ID", s3.access_key.clone()),
        ("R2_SECRET_ACCESS_KEY", s3.secret_key.clone()),
        ("R2_BUCKET", s3.bucket.clone()),
        ("R2_REGION", s3.region.clone()),
    ]
}

/// The thread that serves, stopped and joined on drop.
#[derive(Debug)]
pub(crate) struct InProcess {
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl InProcess {
    fn start(folder: &Path) -> Result<(SocketAddr, Self)> {
        let files = FileSystem::new(folder)
            .map_err(|error| anyhow::anyhow!("cannot serve {}: {error:?}", folder.display()))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = service.build();

        // A runtime of its own: the caller may have none, or one that it blocks.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve(listener, service) => {}
                    _ = stopped => {}
                }
            });
            // Cuts what is still open: nobody is left who could want the answer.
            runtime.shutdown_background();
        });
        let server = Self {
            stop: Some(stop),
            thread: Some(thread),
        };
        Ok((address, server))
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // It panics only if the runtime does, which has been printed by then.
            let _ = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, service: S3Service) {
    // An error of accept is the peer's, which gave up in between; the listener goes on.
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let service = service.clone();
        tokio::spawn(async move {
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service);
            // The client sees how its connection ended; tests cut them on purpose.
            let _ = connection.await;
        });
    }
}
