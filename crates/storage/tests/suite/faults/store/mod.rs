//! A small S3 that misbehaves on order.
//!
//! It keeps objects in memory, checks no signature, and answers each request as the next fault
//! that was ordered for its kind says, or properly if there is none.

mod multipart;
mod object;
mod wire;

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use self::wire::{Answer, Request};

/// The kind of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Get,
    Head,
    Put,
    Delete,
    Copy,
    List,
    Start,
    Part,
    Complete,
    Abort,
    Uploads,
}

/// How to misbehave.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// Answer with an error instead.
    Status(u16, &'static str),
    /// Do it, and answer with an error all the same.
    DoneButStatus(u16, &'static str),
    /// Cut the connection instead.
    CutBefore,
    /// Do it, then cut the connection.
    CutAfter,
    /// Answer, and cut the connection after so many bytes of the body.
    CutBody(usize),
    /// Answer with the head, and after so many bytes of the body send nothing more.
    Stall(usize),
    /// Send nothing at all.
    Silence,
    /// Answer 200 with an error in the body.
    ErrorInSuccess(&'static str),
    /// Send the body in pieces of so many bytes, with a pause after each.
    Drip(usize),
    /// Answer with a body that is no S3.
    Nonsense,
    /// The same, with this status.
    NonsenseStatus(u16),
    /// Answer 200 with this body.
    Document(&'static str),
    /// Put another object in its place, then cut the body after so many bytes.
    ReplaceThenCut(usize),
    /// Say that the bucket is in another region.
    Elsewhere(&'static str),
}

const WEBSITE: &str = "<html>Welcome to nginx!</html>";

#[derive(Debug, Clone)]
struct Object {
    body: Vec<u8>,
    /// All headers of the request that stored it.
    sent: BTreeMap<String, String>,
    /// Those that come back with it.
    headers: BTreeMap<String, String>,
}

/// An upload that was started.
#[derive(Debug)]
struct Upload {
    key: String,
    object: Object,
    parts: BTreeMap<u32, Vec<u8>>,
}

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<String, Object>,
    uploads: BTreeMap<String, Upload>,
    orders: VecDeque<(Kind, Fault)>,
    seen: Vec<Kind>,
    parts_in_flight: usize,
    most_parts_in_flight: usize,
    next_upload: u32,
}

#[derive(Clone)]
pub(crate) struct Store {
    state: Arc<Mutex<State>>,
    pub(crate) endpoint: String,
}

impl Store {
    /// Starts a store, which serves as long as the runtime runs.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let store = Self {
            state: Arc::default(),
            endpoint: format!("http://{}", listener.local_addr()?),
        };
        let server = store.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move {
                    // The client went away, or was cut off.
                    let _ = server.serve(stream).await;
                });
            }
        });
        Ok(store)
    }

    /// Orders a fault for the next request of a kind.
    pub(crate) fn order(&self, kind: Kind, fault: Fault) {
        self.state().orders.push_back((kind, fault));
    }

    /// Orders a fault for so many requests of a kind.
    pub(crate) fn order_times(&self, times: usize, kind: Kind, fault: Fault) {
        for _ in 0..times {
            self.order(kind, fault);
        }
    }

    /// How many requests of a kind came.
    pub(crate) fn seen(&self, kind: Kind) -> usize {
        self.state()
            .seen
            .iter()
            .filter(|seen| **seen == kind)
            .count()
    }

    /// The bytes of an object.
    pub(crate) fn object(&self, key: &str) -> Option<Vec<u8>> {
        self.state()
            .objects
            .get(key)
            .map(|object| object.body.clone())
    }

    /// Stores an object as another client would.
    pub(crate) fn put(&self, key: &str, body: &[u8], headers: &[(&str, &str)]) {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let object = Object {
            body: body.to_vec(),
            sent: BTreeMap::new(),
            headers,
        };
        self.state().objects.insert(key.to_owned(), object);
    }

    /// The headers that an object was stored with, lower-case names.
    pub(crate) fn headers(&self, key: &str) -> Vec<String> {
        let state = self.state();
        let object = state.objects.get(key);
        object.map_or_else(Vec::new, |object| {
            let headers = object.sent.iter();
            headers
                .map(|(name, value)| format!("{name}: {value}"))
                .collect()
        })
    }

    /// How many uploads were started and neither completed nor aborted.
    pub(crate) fn unfinished(&self) -> usize {
        self.state().uploads.len()
    }

    /// How many parts were being received at the same time, at most.
    pub(crate) fn most_parts_in_flight(&self) -> usize {
        self.state().most_parts_in_flight
    }

    /// Whether all orders were met.
    pub(crate) fn orders_left(&self) -> usize {
        self.state().orders.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    async fn serve(&self, mut stream: TcpStream) -> anyhow::Result<()> {
        let mut buffer = Vec::new();
        while let Some(request) = Request::read(&mut stream, &mut buffer, self).await? {
            let kind = request.kind();
            let fault = {
                let mut state = self.state();
                state.seen.push(kind);
                let at = state
                    .orders
                    .iter()
                    .position(|(ordered, _)| *ordered == kind);
                at.and_then(|at| state.orders.remove(at))
                    .map(|(_, fault)| fault)
            };
            match fault {
                None => {
                    let answer = self.answer(&request);
                    answer.send(&mut stream, &request).await?;
                }
                Some(fault) => {
                    if !self.misbehave(&mut stream, &request, fault).await? {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Gives whether the connection goes on.
    async fn misbehave(
        &self,
        stream: &mut TcpStream,
        request: &Request,
        fault: Fault,
    ) -> anyhow::Result<bool> {
        match fault {
            Fault::Status(status, code) => {
                Answer::error(status, code).send(stream, request).await?;
                return Ok(true);
            }
            Fault::DoneButStatus(status, code) => {
                let _ = self.answer(request);
                Answer::error(status, code).send(stream, request).await?;
                return Ok(true);
            }
            Fault::Elsewhere(region) => {
                let mut answer = Answer::error(301, "PermanentRedirect");
                answer.header("x-amz-bucket-region", region);
                answer.send(stream, request).await?;
                return Ok(true);
            }
            Fault::ErrorInSuccess(code) => {
                let mut answer = Answer::error(200, code);
                // S3 keeps the connection alive with spaces until it knows.
                answer.body.splice(..0, *b"   \n");
                answer.send(stream, request).await?;
                return Ok(true);
            }
            Fault::Nonsense | Fault::NonsenseStatus(_) | Fault::Document(_) => {
                let (status, body) = match fault {
                    Fault::Document(body) => (200, body),
                    Fault::NonsenseStatus(status) => (status, WEBSITE),
                    _ => (200, WEBSITE),
                };
                let answer = Answer::new(status, body.into());
                answer.send(stream, request).await?;
                return Ok(true);
            }
            Fault::CutBefore => {}
            Fault::CutAfter => {
                let _ = self.answer(request);
            }
            Fault::CutBody(length) => {
                let answer = self.answer(request);
                stream.write_all(&answer.head()).await?;
                stream.write_all(&answer.body[..length]).await?;
                stream.flush().await?;
            }
            Fault::ReplaceThenCut(length) => {
                let answer = self.answer(request);
                self.put(&request.key, b"something else", &[]);
                stream.write_all(&answer.head()).await?;
                stream.write_all(&answer.body[..length]).await?;
                stream.flush().await?;
            }
            Fault::Stall(length) => {
                let answer = self.answer(request);
                stream.write_all(&answer.head()).await?;
                stream.write_all(&answer.body[..length]).await?;
                stream.flush().await?;
                std::future::pending::<()>().await;
            }
            Fault::Silence => std::future::pending::<()>().await,
            Fault::Drip(length) => {
                let answer = self.answer(request);
                stream.write_all(&answer.head()).await?;
                for piece in answer.body.chunks(length) {
                    stream.write_all(piece).await?;
                    stream.flush().await?;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn answer(&self, request: &Request) -> Answer {
        let mut state = self.state();
        let key = request.key.clone();
        match request.kind() {
            Kind::Put => {
                if request.headers.contains_key("if-none-match") && state.objects.contains_key(&key)
                {
                    return Answer::error(412, "PreconditionFailed");
                }
                let object = request.object();
                let etag = object.etag();
                state.objects.insert(key, object);
                Answer::new(200, Vec::new()).with("etag", &etag)
            }
            Kind::Get | Kind::Head => match state.objects.get(&key) {
                Some(object) => object.answer(request),
                None => Answer::error(404, "NoSuchKey"),
            },
            Kind::Delete => {
                state.objects.remove(&key);
                Answer::new(204, Vec::new())
            }
            Kind::Copy => {
                let source = request.headers["x-amz-copy-source"].clone();
                let source = source.trim_start_matches('/');
                let source = source.split_once('/').map_or("", |(_, key)| key);
                let Some(object) = state.objects.get(source).cloned() else {
                    return Answer::error(404, "NoSuchKey");
                };
                state.objects.insert(key, object);
                Answer::new(
                    200,
                    "<CopyObjectResult><ETag>x</ETag></CopyObjectResult>".into(),
                )
            }
            Kind::List => {
                let mut xml = String::from("<ListBucketResult><IsTruncated>false</IsTruncated>");
                for (key, object) in &state.objects {
                    let size = object.body.len();
                    let _ = write!(
                        xml,
                        "<Contents><Key>{key}</Key><Size>{size}</Size></Contents>"
                    );
                }
                xml.push_str("</ListBucketResult>");
                Answer::new(200, xml.into())
            }
            Kind::Start | Kind::Part | Kind::Complete | Kind::Abort | Kind::Uploads => {
                state.answer_in_parts(request)
            }
        }
    }
}
