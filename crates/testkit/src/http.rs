//! A blocking HTTP/1.1 client for a plain GET, of the whole or of a part: enough to ask whether a
//! service is alive and to read a large body as slowly as a benchmark wants to.

use std::io::{self, BufRead as _, BufReader, Read};
use std::net::TcpStream;
use std::ops::Range;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// How long to wait for a connection, and for each next piece of a response.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// The longest response head that is read, in bytes.
const MAX_HEAD: u64 = 64 * 1024;

/// A response whose body is read on demand through [`Read`].
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The body's length in bytes, if the server stated it. If it did, a connection that ends
    /// earlier is an error when reading.
    pub content_length: Option<u64>,
    body: BufReader<TcpStream>,
    read: u64,
}

/// Sends `GET url` and reads the head of the response. Fails for anything but a plain `http://`
/// URL, a connection error, or a chunked response, which this client does not understand.
pub fn get(url: &str) -> Result<Response> {
    send(url, "")
}

/// Like [`get`], for these bytes of the body alone.
pub fn get_part(url: &str, part: &Range<u64>) -> Result<Response> {
    let last = part.end.saturating_sub(1);
    send(url, &format!("Range: bytes={}-{last}\r\n", part.start))
}

fn send(url: &str, headers: &str) -> Result<Response> {
    let Some((authority, path)) = url.strip_prefix("http://").map(|rest| {
        let end = rest.find('/').unwrap_or(rest.len());
        rest.split_at(end)
    }) else {
        bail!("{url} is not a plain http:// URL");
    };
    let path = if path.is_empty() { "/" } else { path };
    let mut stream =
        TcpStream::connect(authority).with_context(|| format!("cannot connect to {authority}"))?;
    stream.set_read_timeout(Some(IDLE_TIMEOUT))?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n{headers}\r\n");
    io::Write::write_all(&mut stream, request.as_bytes())?;
    read_head(stream).with_context(|| format!("GET {url}"))
}

fn read_head(stream: TcpStream) -> Result<Response> {
    let mut body = BufReader::new(stream);
    let mut head = (&mut body).take(MAX_HEAD);
    let mut line = String::new();
    head.read_line(&mut line)?;
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .with_context(|| format!("no HTTP status line, but {line:?}"))?;
    let mut content_length = None;
    loop {
        line.clear();
        head.read_line(&mut line)?;
        if !line.ends_with('\n') {
            bail!("the response ended within its head");
        }
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            content_length = Some(value.trim().parse().context("Content-Length")?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            bail!("a chunked response is not understood here");
        }
    }
    Ok(Response {
        status,
        content_length,
        body,
        read: 0,
    })
}

impl Read for Response {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        self.read += count as u64;
        let short = self.content_length.is_some_and(|length| self.read < length);
        if count == 0 && !buffer.is_empty() && short {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(count)
    }
}
