//! A registry that answers as a test tells it to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::bundles::Bundle;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// An answer, byte for byte.
#[derive(Debug, Clone)]
pub(crate) struct Answer(Vec<u8>);

impl Answer {
    pub(crate) fn bytes(status: u16, body: &[u8]) -> Self {
        Self::announcing(status, body.len(), body)
    }

    /// A body of another length than the announced one; then the connection ends.
    pub(crate) fn announcing(status: u16, length: usize, body: &[u8]) -> Self {
        let head =
            format!("HTTP/1.1 {status} x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
        Self([head.as_bytes(), body].concat())
    }

    /// A body without an announced length, which ends with the connection.
    pub(crate) fn until_close(body: &[u8]) -> Self {
        Self([b"HTTP/1.1 200 x\r\nConnection: close\r\n\r\n", body].concat())
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::bytes(status, body.to_string().as_bytes())
    }

    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        Self::json(
            status,
            &json!({"error": {"code": code, "message": message}}),
        )
    }

    /// Nothing: the connection just ends.
    pub(crate) fn hang_up() -> Self {
        Self(Vec::new())
    }

    /// The same with one more header.
    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        let end = self.0.windows(2).position(|two| two == b"\r\n").unwrap() + 2;
        let header = format!("{name}: {value}\r\n");
        self.0.splice(end..end, header.into_bytes());
        self
    }

    pub(crate) fn redirect(url: &str) -> Self {
        let head = format!(
            "HTTP/1.1 307 x\r\nLocation: {url}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        Self(head.into_bytes())
    }
}

/// A running registry.
pub(crate) struct Registry {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Registry {
    /// Answers every request by `answer`, one after the other. Ends with the test program.
    pub(crate) fn start(answer: impl Fn(&Request) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                if let Some(request) = read_request(&stream) {
                    seen.lock().unwrap().push(request.clone());
                    // The client may have heard enough and be gone.
                    let _ = stream.write_all(&answer(&request).0);
                }
            }
        });
        Self { url, requests }
    }

    /// Has the skill of `bundle`, and `overlay` answers first.
    pub(crate) fn with(
        bundle: &Bundle,
        overlay: impl Fn(&Request) -> Option<Answer> + Send + 'static,
    ) -> Self {
        let bundle = bundle.clone();
        Self::start(move |request| overlay(request).unwrap_or_else(|| serve(&bundle, request)))
    }

    /// Has the skill of `bundle`, and holds back the download: tells the first of the two that it was
    /// asked for, and answers when the second tells it to or is dropped.
    pub(crate) fn stalling(bundle: &Bundle) -> (Self, Receiver<()>, Sender<()>) {
        Self::stalling_with(bundle, |_| None)
    }

    /// As [`stalling`](Self::stalling), and `overlay` answers first.
    pub(crate) fn stalling_with(
        bundle: &Bundle,
        overlay: impl Fn(&Request) -> Option<Answer> + Send + 'static,
    ) -> (Self, Receiver<()>, Sender<()>) {
        let (asked, is_asked) = channel();
        let (go_on, told) = channel();
        let registry = Self::with(bundle, move |request| {
            let answer = overlay(request);
            if answer.is_none() && request.path.ends_with("/download") {
                let _ = asked.send(());
                let _ = told.recv();
            }
            answer
        });
        (registry, is_asked, go_on)
    }

    /// What was asked so far, as `GET /path`.
    pub(crate) fn log(&self) -> Vec<String> {
        let requests = self.requests();
        requests
            .iter()
            .map(|request| format!("{} {}", request.method, request.path))
            .collect()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

/// What a well-behaved registry answers.
pub(crate) fn serve(bundle: &Bundle, request: &Request) -> Answer {
    let tool = format!("/tools/{}", bundle.name);
    let version = format!("{tool}/versions/{}", bundle.version);
    let path = request.path.split('?').next().unwrap();
    if path == tool {
        Answer::json(200, &bundle.info())
    } else if path == version {
        Answer::json(200, &bundle.details())
    } else if path == format!("{version}/download") {
        Answer::bytes(200, &bundle.bytes)
    } else {
        Answer::error(404, "NOT_FOUND", "no such thing")
    }
}

fn read_request(stream: &TcpStream) -> Option<Request> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    let mut request = Request {
        method,
        path,
        headers,
        body: Vec::new(),
    };
    let length = request
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    request.body.resize(length, 0);
    stream.read_exact(&mut request.body).ok()?;
    Some(request)
}
