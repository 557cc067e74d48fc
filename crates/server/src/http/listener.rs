//! The accept loop: bounded in connections and in waiting, and able to stop without cutting
//! anybody off.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tower::ServiceExt as _;

use super::bare_errors::Spoken;
use super::client_address::Peer;
use super::connections::Connections;
use super::descriptors;
use super::normalize::normalize;
use super::slow_clients::Impatient;
use super::tls::Tls;

/// Connections at once; further ones wait in the system's queue.
const MAX_CONNECTIONS: usize = 4096;

/// How long a client may take to send a request's head; also how long an idle connection is kept.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of a request's head after which no more of it is read; since it is read in pieces of up to
/// as many, a head of less than twice as many can pass. Generous for tokens, small for an attacker.
/// How many headers there may be in it, a hundred, is hyper's own bound: to set it, even to the same,
/// costs an allocation for each request.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// How long requests under way may go on after the server was told to stop; what it takes to end in
/// order comes after that.
const GRACE: Duration = Duration::from_secs(25);

/// After a failed accept (mostly: no file descriptors left) there is no point in trying at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What becomes of each connection.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) router: Router,
    /// Taken off first, if the server itself speaks it.
    pub(crate) tls: Option<Tls>,
    pub(crate) connections: Arc<Connections>,
}

/// Serves connections of `listener` until `stop` completes; then accepts nothing more, lets requests
/// under way finish, and returns when it was that `stop` completed.
pub(crate) async fn serve(
    listener: TcpListener,
    service: Service,
    stop: impl Future<Output = ()>,
) -> Instant {
    let permits = Arc::new(Semaphore::new(descriptors::connections(MAX_CONNECTIONS)));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        let Some((stream, peer, permit)) = accepted else {
            continue;
        };
        // Closed without a word: an answer would cost more than the connection.
        let Some(admission) = service.connections.admit(peer) else {
            continue;
        };
        let (service, watcher) = (service.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _held = (permit, admission);
            service.connection(stream, peer, watcher).await;
        });
    }
    let told = Instant::now();
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!(
            "stopped with requests still under way after {} s",
            GRACE.as_secs()
        );
    }
    told
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> Option<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
    let permit = permits.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, address)) => {
            // Small answers go out at once instead of waiting for more to send.
            let _ = stream.set_nodelay(true);
            Some((stream, address.ip(), permit))
        }
        Err(error) => {
            tracing::warn!(%error, "could not accept a connection");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

impl Service {
    async fn connection(self, stream: TcpStream, peer: IpAddr, watcher: Watcher) {
        let stream = Impatient::new(stream);
        match &self.tls {
            None => requests(self.router, stream, peer, watcher).await,
            Some(tls) => match tls.accept(stream).await {
                Ok(stream) => requests(self.router, stream, peer, watcher).await,
                Err(error) => tracing::debug!(%error, "no TLS"),
            },
        }
    }
}

/// Answers what comes over one connection.
async fn requests<S>(router: Router, stream: S, peer: IpAddr, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| call(router.clone(), peer, request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(Spoken::new(stream)), service);
    // A connection that breaks is the client's affair.
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "connection ended");
    }
}

async fn call(
    router: Router,
    peer: IpAddr,
    request: hyper::Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(Peer(peer));
    if let Some(uri) = normalize(request.uri()) {
        *request.uri_mut() = uri;
    }
    router.oneshot(request).await
}
