//! Takes the token that the registry's page hands over: a listener on this machine's loopback address
//! that hears one thing, `POST /callback` from that page.
//!
//! Every page in the browser, and every program of every user of this machine, can reach it. So the
//! page has to be of the registry (`Origin`), has to have asked for this address and not for a name
//! that leads here (`Host`), and has to know the `state` that only the page's own address holds: else
//! somebody could sign this user in as somebody else, and be published to.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use enact_types::Digest;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Deserialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::AbortHandle;
use url::Url;

use super::MAX_TOKEN_BYTES;
use crate::exit::Failure;
use crate::settings::{RegistryUrl, Token};

/// How many connections are heard at once; browsers open some that they do not use.
const CONNECTIONS: usize = 16;

/// How long the head of a request may take to arrive. Short, since whoever opens connections and says
/// nothing keeps the page waiting for so long.
const HEAD_TIMEOUT: Duration = Duration::from_secs(2);

/// How long the rest of one request may take to arrive, and its answer to be taken.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest head of a request, in bytes: the least that the library takes.
const MAX_HEAD: usize = 8 * 1024;

/// The largest body, in bytes: two tokens, and what there is to say of a user.
const MAX_BODY: usize = 4 * MAX_TOKEN_BYTES;

/// Chrome asks for this too, where a page of a network wants to reach this machine.
const ALLOW_PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-allow-private-network");

/// The listener. Stops when dropped.
pub(super) struct Handover {
    port: u16,
    state: String,
    offers: mpsc::Receiver<Offer>,
    task: AbortHandle,
}

/// A token that the page hands over, and waits to hear about.
pub(super) struct Offer {
    /// The token.
    pub(super) token: Token,
    verdict: oneshot::Sender<Result<(), String>>,
    /// Hangs up when the page has its answer.
    answered: oneshot::Receiver<Infallible>,
}

/// What a request has to have.
struct Expected {
    /// The registry's, as the browser writes it.
    origin: String,
    /// `127.0.0.1` and the port.
    host: String,
    state: String,
}

/// What the page sends; the existing client takes more of it.
#[derive(Deserialize)]
struct Body {
    access_token: String,
    state: String,
}

/// What one connection can use.
struct Connection {
    expected: Arc<Expected>,
    offers: mpsc::Sender<Offer>,
    /// For the one offer that there can be; connections are not used twice.
    answered: Mutex<Option<oneshot::Receiver<Infallible>>>,
}

impl Offer {
    /// Tells the page that the token is good. Returns when it knows, so that this process may end.
    pub(super) async fn accept(self) {
        self.answer(Ok(())).await;
    }

    /// Tells the page why the token is not good.
    pub(super) async fn refuse(self, why: &str) {
        self.answer(Err(why.to_owned())).await;
    }

    async fn answer(self, verdict: Result<(), String>) {
        // The page may have been closed meanwhile.
        let _ = self.verdict.send(verdict);
        let _ = tokio::time::timeout(TIMEOUT, self.answered).await;
    }
}

impl Handover {
    /// Listens on a port that the system chooses, for the page of the registry at `origin`.
    pub(super) async fn listen(origin: &str) -> io::Result<Self> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let state = u128::from_be_bytes(random);
        Self::listen_for(origin, format!("{state:032x}")).await
    }

    async fn listen_for(origin: &str, state: String) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let expected = Arc::new(Expected {
            origin: origin.to_owned(),
            host: address.to_string(),
            state: state.clone(),
        });
        let (sender, offers) = mpsc::channel(1);
        let task = tokio::spawn(accept(listener, expected, sender)).abort_handle();
        Ok(Self {
            port: address.port(),
            state,
            offers,
            task,
        })
    }

    /// The address of the registry's page that hands tokens over to here.
    pub(super) fn page(&self, registry: &RegistryUrl) -> Result<Url, Failure> {
        let page = registry.join("/auth/cli");
        let mut page = page.map_err(|error| {
            Failure::new(
                "INVALID_CONFIG",
                format!("the registry has no page: {error}"),
            )
        })?;
        page.query_pairs_mut()
            .append_pair("port", &self.port.to_string())
            .append_pair("state", &self.state);
        Ok(page)
    }

    /// The next token that the page hands over. Nothing is lost if it is not waited for to the end.
    pub(super) async fn next(&mut self) -> Offer {
        match self.offers.recv().await {
            Some(offer) => offer,
            // The listener ended, which it does not by itself.
            None => std::future::pending().await,
        }
    }
}

impl Drop for Handover {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, expected: Arc<Expected>, offers: mpsc::Sender<Offer>) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, perhaps; not for long.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (expected, offers) = (Arc::clone(&expected), offers.clone());
        tokio::spawn(async move {
            hear(stream, expected, offers).await;
            drop(slot);
        });
    }
}

/// Answers the one request of a connection.
async fn hear(stream: TcpStream, expected: Arc<Expected>, offers: mpsc::Sender<Offer>) {
    let (_hangs_up_at_the_end, answered) = oneshot::channel();
    let connection = Connection {
        expected,
        offers,
        answered: Mutex::new(Some(answered)),
    };
    let connection = &connection;
    let service = service_fn(async |request| {
        Ok::<_, Infallible>(match connection.answer(request).await {
            Ok(response) | Err(response) => response,
        })
    });
    let serving = http1::Builder::new()
        .keep_alive(false)
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    // Whoever breaks off knows it.
    let _ = serving.await;
}

type Answer = Response<Full<Bytes>>;

impl Connection {
    /// The answer, or the answer to a request that is not from the page.
    async fn answer(&self, request: Request<Incoming>) -> Result<Answer, Answer> {
        let expected = &self.expected;
        let headers = request.headers();
        if value(headers, header::HOST) != Some(&expected.host) {
            return Err(refusal(StatusCode::FORBIDDEN, "this is no website"));
        }
        if request.uri().path() != "/callback" {
            return Err(refusal(StatusCode::NOT_FOUND, "there is nothing here"));
        }
        if value(headers, header::ORIGIN) != Some(&expected.origin) {
            let why = "only the registry's own page may hand over a token";
            return Err(refusal(StatusCode::FORBIDDEN, why));
        }
        let mut answer = match *request.method() {
            Method::OPTIONS => preflight(headers),
            Method::POST => match self.take(request).await {
                Ok(()) => said(StatusCode::OK, &serde_json::json!({ "success": true })),
                Err((status, why)) => refusal(status, &why),
            },
            _ => refusal(StatusCode::METHOD_NOT_ALLOWED, "POST a token"),
        };
        if let Ok(origin) = HeaderValue::from_str(&expected.origin) {
            let headers = answer.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::VARY, HeaderValue::from_static("Origin"));
        }
        Ok(answer)
    }

    /// Hands what the page sent on, and waits for what becomes of it.
    async fn take(&self, request: Request<Incoming>) -> Result<(), (StatusCode, String)> {
        let bad = |why: &str| (StatusCode::BAD_REQUEST, why.to_owned());
        let body = Limited::new(request.into_body(), MAX_BODY).collect();
        let body = tokio::time::timeout(TIMEOUT, body).await;
        let body = body.map_err(|_| bad("the body did not arrive"))?;
        let body = body.map_err(|_| bad("the body is cut off or too large"))?;
        let body: Body = serde_json::from_slice(&body.to_bytes())
            .map_err(|_| bad("the body has no access_token and state"))?;
        // Digests, since how long it takes to compare them tells nothing of the state.
        if Digest::of(body.state.as_bytes()) != Digest::of(self.expected.state.as_bytes()) {
            let why = "this page was opened by another `enact login`: use the address of this one";
            return Err((StatusCode::FORBIDDEN, why.to_owned()));
        }
        if body.access_token.len() > MAX_TOKEN_BYTES {
            return Err(bad("the token is too long"));
        }
        let token = Token::parse(&body.access_token, "the page");
        let token = token.map_err(|failure| bad(failure.message()))?;
        let answered = self.answered.lock();
        let answered = answered.unwrap_or_else(PoisonError::into_inner).take();
        let (verdict, heard) = oneshot::channel();
        let offer = Offer {
            token,
            verdict,
            answered: answered.ok_or_else(|| bad("one token is enough"))?,
        };
        let gone = |()| {
            let why = "`enact login` has ended meanwhile";
            (StatusCode::GONE, why.to_owned())
        };
        self.offers.send(offer).await.map_err(|_| gone(()))?;
        let verdict = heard.await.map_err(|_| gone(()))?;
        verdict.map_err(|why| (StatusCode::UNPROCESSABLE_ENTITY, why))
    }
}

fn value(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn preflight(asked: &HeaderMap) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let headers = answer.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("POST"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("content-type"),
    );
    if asked.contains_key("access-control-request-private-network") {
        headers.insert(ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true"));
    }
    answer
}

fn refusal(status: StatusCode, why: &str) -> Answer {
    said(status, &serde_json::json!({ "error": why }))
}

fn said(status: StatusCode, body: &serde_json::Value) -> Answer {
    let mut answer = Response::new(Full::from(body.to_string()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
