//! A small S3 that misbehaves on order.
//!
//! It keeps objects in memory, checks no signature, and answers each request as the next fault
//! that was ordered for its kind says, or properly if there is none.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use enact_types::Digest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

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

impl State {
    /// Answers what belongs to an upload in parts.
    fn answer_in_parts(&mut self, request: &Request) -> Answer {
        let state = self;
        let key = request.key.clone();
        match request.kind() {
            Kind::Start => {
                state.next_upload += 1;
                let id = format!("upload-{}", state.next_upload);
                let upload = Upload {
                    key,
                    object: request.object(),
                    parts: BTreeMap::new(),
                };
                state.uploads.insert(id.clone(), upload);
                let xml = format!(
                    "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
                );
                Answer::new(200, xml.into())
            }
            Kind::Part => {
                let number = request.query("partNumber").parse().unwrap();
                match state.uploads.get_mut(&request.query("uploadId")) {
                    Some(upload) => {
                        upload.parts.insert(number, request.body.clone());
                        Answer::new(200, Vec::new()).with("etag", &format!("\"part-{number}\""))
                    }
                    None => Answer::error(404, "NoSuchUpload"),
                }
            }
            Kind::Complete => {
                let id = request.query("uploadId");
                if request.headers.contains_key("if-none-match") && state.objects.contains_key(&key)
                {
                    return Answer::error(412, "PreconditionFailed");
                }
                let Some(Upload {
                    mut object, parts, ..
                }) = state.uploads.remove(&id)
                else {
                    return Answer::error(404, "NoSuchUpload");
                };
                object.body = parts.into_values().collect::<Vec<_>>().concat();
                let etag = object.etag();
                state.objects.insert(key, object);
                let xml = format!(
                    "<CompleteMultipartUploadResult><ETag>{etag}</ETag></CompleteMultipartUploadResult>"
                );
                Answer::new(200, xml.into())
            }
            Kind::Uploads => {
                let mut xml = String::from("<ListMultipartUploadsResult>");
                for (id, upload) in &state.uploads {
                    let key = &upload.key;
                    let _ = write!(
                        xml,
                        "<Upload><Key>{key}</Key><UploadId>{id}</UploadId><Initiated>2026-11-23T10:00:00.000Z</Initiated></Upload>"
                    );
                }
                xml.push_str("</ListMultipartUploadsResult>");
                // An hour later.
                Answer::new(200, xml.into()).with("date", "Mon, 23 Nov 2026 11:00:00 GMT")
            }
            Kind::Abort => match state.uploads.remove(&request.query("uploadId")) {
                Some(_) => Answer::new(204, Vec::new()),
                None => Answer::error(404, "NoSuchUpload"),
            },
            other => panic!("not of an upload in parts: {other:?}"),
        }
    }
}

impl Object {
    /// Cheap, and different for what the tests tell apart.
    fn etag(&self) -> String {
        let sample: Vec<u8> = self.body.iter().step_by(4099).copied().collect();
        format!(
            "\"{}-{}\"",
            self.body.len(),
            &Digest::of(&sample).to_hex()[..16]
        )
    }

    fn answer(&self, request: &Request) -> Answer {
        let etag = self.etag();
        if request
            .headers
            .get("if-match")
            .is_some_and(|wanted| *wanted != etag)
        {
            return Answer::error(412, "PreconditionFailed");
        }
        let size = self.body.len();
        let mut answer = match request.headers.get("range") {
            None => Answer::new(200, self.body.clone()),
            Some(range) => {
                let range = range.trim_start_matches("bytes=");
                let (first, last) = range.split_once('-').unwrap();
                let first: usize = first.parse().unwrap();
                let end = last.parse().map_or(size, |last: usize| size.min(last + 1));
                if first >= end {
                    return Answer::error(416, "InvalidRange");
                }
                let range = format!("bytes {first}-{}/{size}", end - 1);
                Answer::new(206, self.body[first..end].to_vec()).with("content-range", &range)
            }
        };
        answer.header("etag", &etag);
        answer.header("last-modified", "Mon, 23 Nov 2026 10:00:00 GMT");
        for (name, value) in &self.headers {
            answer.header(name, value);
        }
        answer
    }
}

struct Request {
    method: String,
    key: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    async fn read(
        stream: &mut TcpStream,
        buffer: &mut Vec<u8>,
        store: &Store,
    ) -> anyhow::Result<Option<Self>> {
        let end = loop {
            if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at;
            }
            if stream.read_buf(buffer).await? == 0 {
                return Ok(None);
            }
        };
        let head = {
            let rest = buffer.split_off(end + 4);
            String::from_utf8(std::mem::replace(buffer, rest))?
        };
        let mut lines = head.lines();
        let mut first = lines.next().unwrap().split(' ');
        let method = first.next().unwrap().to_owned();
        let target = first.next().unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let key = path.splitn(3, '/').nth(2).unwrap_or_default().to_owned();
        let headers: BTreeMap<String, String> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut request = Self {
            method,
            key,
            query: query.to_owned(),
            headers,
            body: Vec::new(),
        };
        let length = request.headers.get("content-length");
        let length: usize = length.map_or(Ok(0), |length| length.parse())?;
        let is_part = request.kind() == Kind::Part;
        if is_part {
            let mut state = store.state();
            state.parts_in_flight += 1;
            state.most_parts_in_flight = state.most_parts_in_flight.max(state.parts_in_flight);
        }
        while buffer.len() < length {
            if stream.read_buf(buffer).await? == 0 {
                return Ok(None);
            }
        }
        if is_part {
            store.state().parts_in_flight -= 1;
        }
        let rest = buffer.split_off(length);
        request.body = std::mem::replace(buffer, rest);
        Ok(Some(request))
    }

    fn kind(&self) -> Kind {
        let asks = |name: &str| {
            self.query
                .split('&')
                .any(|pair| pair.split('=').next() == Some(name))
        };
        match self.method.as_str() {
            "HEAD" => Kind::Head,
            "GET" if asks("list-type") => Kind::List,
            "GET" if asks("uploads") => Kind::Uploads,
            "GET" => Kind::Get,
            "PUT" if asks("partNumber") => Kind::Part,
            "PUT" if self.headers.contains_key("x-amz-copy-source") => Kind::Copy,
            "PUT" => Kind::Put,
            "POST" if asks("uploads") => Kind::Start,
            "POST" => Kind::Complete,
            "DELETE" if asks("uploadId") => Kind::Abort,
            "DELETE" => Kind::Delete,
            other => panic!("a request that is not expected: {other} {}", self.query),
        }
    }

    fn query(&self, name: &str) -> String {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
            .unwrap_or_default()
    }

    fn object(&self) -> Object {
        Object {
            body: self.body.clone(),
            sent: self.headers.clone(),
            headers: self
                .headers
                .iter()
                .filter(|(name, _)| name.starts_with("x-amz-meta-") || *name == "content-type")
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        }
    }
}

struct Answer {
    status: u16,
    headers: String,
    body: Vec<u8>,
}

impl Answer {
    fn new(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: String::new(),
            body,
        }
    }

    fn error(status: u16, code: &str) -> Self {
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>on order</Message></Error>"
        );
        Self::new(status, xml.into())
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.header(name, value);
        self
    }

    fn header(&mut self, name: &str, value: &str) {
        let _ = write!(self.headers, "{name}: {value}\r\n");
    }

    fn head(&self) -> Vec<u8> {
        let Self {
            status, headers, ..
        } = self;
        let length = self.body.len();
        format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n").into()
    }

    async fn send(&self, stream: &mut TcpStream, request: &Request) -> anyhow::Result<()> {
        let mut bytes = self.head();
        if request.method != "HEAD" {
            bytes.extend_from_slice(&self.body);
        }
        stream.write_all(&bytes).await?;
        Ok(())
    }
}
