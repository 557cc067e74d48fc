//! The same exchanges over bare sockets, one thread each: presigned links, no client around them, no
//! hashing, no retries, no checks. What this takes is what the store and the system take, so that the
//! rest is what a client costs.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, Result, anyhow, ensure};

/// One request with its file.
pub(crate) struct Exchange {
    /// Host and port.
    address: String,
    /// Path and query.
    target: String,
    file: PathBuf,
    is_put: bool,
}

impl Exchange {
    /// Sends a file.
    pub(crate) fn put(url: &str, file: PathBuf) -> Result<Self> {
        Self::new(url, file, true)
    }

    /// Fetches into a file.
    pub(crate) fn get(url: &str, file: PathBuf) -> Result<Self> {
        Self::new(url, file, false)
    }

    fn new(url: &str, file: PathBuf, is_put: bool) -> Result<Self> {
        let rest = url.strip_prefix("http://");
        let rest = rest.context("bare sockets need an endpoint with http://")?;
        let (address, target) = rest.split_once('/').context("a link without a path")?;
        Ok(Self {
            address: address.to_owned(),
            target: format!("/{target}"),
            file,
            is_put,
        })
    }

    fn run(&self, connection: &mut BufReader<TcpStream>) -> Result<()> {
        let (target, address) = (&self.target, &self.address);
        if self.is_put {
            let mut file = File::open(&self.file)?;
            let length = file.metadata()?.len();
            let head = format!(
                "PUT {target} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n\r\n"
            );
            let stream = connection.get_mut();
            stream.write_all(head.as_bytes())?;
            io::copy(&mut file, stream)?;
            ensure!(answer(connection)? == 0, "an answer to PUT with a body");
        } else {
            let head = format!("GET {target} HTTP/1.1\r\nhost: {address}\r\n\r\n");
            connection.get_mut().write_all(head.as_bytes())?;
            let length = answer(connection)?;
            let mut file = File::create_new(&self.file)?;
            let came = io::copy(&mut connection.take(length), &mut file)?;
            ensure!(came == length, "{came} bytes of {length} came");
        }
        Ok(())
    }
}

/// Reads the head of an answer and gives the length of its body.
fn answer(connection: &mut BufReader<TcpStream>) -> Result<u64> {
    let mut length = 0;
    let mut line = String::new();
    connection.read_line(&mut line)?;
    ensure!(line.starts_with("HTTP/1.1 200"), "the store said: {line}");
    loop {
        line.clear();
        connection.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            ensure!(!line.is_empty(), "the connection was cut");
            return Ok(length);
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
    }
}

/// Carries all out, `concurrency` at a time, each over a connection that is kept.
pub(crate) fn run(exchanges: Vec<Exchange>, concurrency: usize) -> Result<()> {
    let queue = Mutex::new(exchanges.into_iter());
    let next = || {
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.next()
    };
    let worker = || -> Result<()> {
        let mut connection = None;
        while let Some(exchange) = next() {
            let connection = match &mut connection {
                Some(connection) => connection,
                none => {
                    let stream = TcpStream::connect(&exchange.address)?;
                    stream.set_nodelay(true)?;
                    none.insert(BufReader::with_capacity(256 * 1024, stream))
                }
            };
            exchange
                .run(connection)
                .with_context(|| exchange.file.display().to_string())?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..concurrency).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|worker| {
            let ended = worker.join();
            ended.map_err(|_| anyhow!("a worker panicked"))?
        })
    })
}
