//! A blocking HTTP/1.1 client without TLS, one request a connection: enough to ask whether a service
//! is alive, to read a large body as slowly as a benchmark wants to, and to drive a browser.

use std::fmt::Write as _;
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
    /// Its headers, with their names in lower case.
    headers: Vec<(String, String)>,
    body: BufReader<TcpStream>,
    read: u64,
}

/// Sends `GET url` and reads the head of the response. Fails for anything but a plain `http://`
/// URL, a connection error, or a chunked response, which this client does not understand.
pub fn get(url: &str) -> Result<Response> {
    request("GET", url, &[], b"")
}

/// Like [`get`], for these bytes of the body alone.
pub fn get_part(url: &str, part: &Range<u64>) -> Result<Response> {
    let last = part.end.saturating_sub(1);
    let range = format!("bytes={}-{last}", part.start);
    request("GET", url, &[("Range", &range)], b"")
}

/// Like [`get`], with another method, more headers and a body. A `Host` among the headers takes the
/// place of the URL's.
pub fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Response> {
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
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    let named = |(name, _): &(&str, &str)| name.eq_ignore_ascii_case("host");
    if !headers.iter().any(named) {
        let _ = write!(head, "Host: {authority}\r\n");
    }
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if method != "GET" || !body.is_empty() {
        let _ = write!(head, "Content-Length: {}\r\n", body.len());
    }
    let request = [head.as_bytes(), b"\r\n", body].concat();
    io::Write::write_all(&mut stream, &request)?;
    read_head(stream).with_context(|| format!("{method} {url}"))
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
    let mut headers = Vec::new();
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
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    Ok(Response {
        status,
        content_length,
        headers,
        body,
        read: 0,
    })
}

impl Response {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .find(named)
            .map(|(_, value)| value.as_str())
    }

    /// The whole body, if it is text.
    pub fn text(mut self) -> Result<String> {
        let mut text = String::new();
        self.read_to_string(&mut text)?;
        Ok(text)
    }
}

impl Read for Response {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = match self.content_length {
            Some(length) => usize::try_from(length - self.read).unwrap_or(usize::MAX),
            None => usize::MAX,
        };
        let most = buffer.len().min(left);
        if most == 0 {
            // A reader of nothing would wait for more all the same.
            return Ok(0);
        }
        let count = self.body.read(&mut buffer[..most])?;
        self.read += count as u64;
        if count == 0 && self.content_length.is_some() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(count)
    }
}
