//! What the HTTP library answers by itself to what is no request: it says the status and nothing
//! else, where every error of this API has a body.
//!
//! It has no hook for these answers (hyper 1, `Http1Transaction::on_error`), but writes each at once,
//! as the last thing on its connection: so they are exchanged on their way out.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use enact_types::ErrorCode;
use enact_types::wire::ErrorBody;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest answer of the library itself, in bytes: a status line and three headers.
const MAX_BARE: usize = 256;

/// A connection whose bare errors get a body.
pub(crate) struct Spoken<S> {
    stream: S,
    /// What goes out in the place of an answer, and how much of it did.
    instead: Option<(Vec<u8>, usize)>,
}

impl<S> Spoken<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            instead: None,
        }
    }
}

impl<S: AsyncWrite + Unpin> Spoken<S> {
    /// Writes what goes out in the place of `bytes`; `None` if they go out as they are.
    fn exchange(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Option<Poll<io::Result<usize>>> {
        if self.instead.is_none() {
            self.instead = spoken(bytes).map(|answer| (answer, 0));
        }
        let (answer, written) = self.instead.as_mut()?;
        while *written < answer.len() {
            let stream = Pin::new(&mut self.stream);
            match stream.poll_write(context, &answer[*written..]) {
                Poll::Ready(Ok(0)) => {
                    return Some(Poll::Ready(Err(io::ErrorKind::WriteZero.into())));
                }
                Poll::Ready(Ok(count)) => *written += count,
                Poll::Ready(Err(error)) => return Some(Poll::Ready(Err(error))),
                Poll::Pending => return Some(Poll::Pending),
            }
        }
        self.instead = None;
        Some(Poll::Ready(Ok(bytes.len())))
    }
}

/// The answer with a body, if these bytes are one of the library's own without.
fn spoken(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() > MAX_BARE || !bytes.ends_with(b"\r\n\r\n") {
        return None;
    }
    let head = std::str::from_utf8(bytes).ok()?;
    let (line, headers) = head.split_once("\r\n")?;
    let what = match line.strip_prefix("HTTP/1.1 ")?.get(..3)? {
        "400" => "What arrived is no HTTP/1.1 request",
        "414" => "The address of the request is too long",
        "431" => "The headers of the request are too many or too large",
        _ => return None,
    };
    // The API's own answers of these statuses have bodies.
    if !headers
        .split("\r\n")
        .any(|header| header == "content-length: 0")
    {
        return None;
    }
    let body = ErrorBody::new(ErrorCode::BadRequest, what, None);
    let body = serde_json::to_string(&body).ok()?;
    let answer = format!(
        "{line}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         x-content-type-options: nosniff\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    Some(answer.into_bytes())
}

impl<S: AsyncRead + Unpin> AsyncRead for Spoken<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Spoken<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(exchanged) = self.exchange(context, bytes) {
            return exchanged;
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [only] = pieces
            && let Some(exchanged) = self.exchange(context, only)
        {
            return exchanged;
        }
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    /// What arrives of `bytes` through a pipe of `room` bytes.
    async fn pass(bytes: &[u8], room: usize) -> String {
        let (server, mut client) = duplex(room);
        let bytes = bytes.to_vec();
        tokio::spawn(async move {
            let mut server = Spoken::new(server);
            server.write_all(&bytes).await.unwrap();
            server.shutdown().await.unwrap();
        });
        let mut arrived = String::new();
        client.read_to_string(&mut arrived).await.unwrap();
        arrived
    }

    #[tokio::test]
    async fn a_bare_error_gets_a_body() {
        let bare = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\ndate: x\r\n\r\n";
        for room in [7, 4096] {
            let arrived = pass(bare, room).await;
            let (head, body) = arrived.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("HTTP/1.1 431 "), "{head}");
            let length = format!("content-length: {}", body.len());
            assert!(head.ends_with(&length), "{head}");
            let body: ErrorBody = serde_json::from_str(body).unwrap();
            assert_eq!(body.error.code, "BAD_REQUEST");
        }
    }

    #[tokio::test]
    async fn everything_else_goes_out_as_it_is() {
        for answer in [
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 20\r\n\r\n",
            "HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400",
        ] {
            assert_eq!(pass(answer.as_bytes(), 4096).await, answer);
        }
    }
}
