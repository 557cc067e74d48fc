//! Clients that are slower than anybody's line.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// What a client must take, or send of a large body, on average: bytes a second. Half of what a
/// modem does.
const MIN_RATE: u64 = 4096;

/// How long a client's rate is looked at as a whole.
const WINDOW: Duration = Duration::from_secs(30);

/// What a client must have taken when it was waited for as long as the window.
const MIN_BYTES: u64 = MIN_RATE * WINDOW.as_secs();

/// A connection that fails when its client takes less than [`MIN_RATE`] of what it is being sent.
/// Only the time counts in which there is something to send and the client has no room for it.
pub(crate) struct Impatient<S> {
    stream: S,
    /// When the client's window ends if it goes on taking nothing; kept between waits.
    timer: Option<Pin<Box<Sleep>>>,
    /// Since when the client is being waited for.
    since: Option<Instant>,
    /// How long it was waited for before, in this window.
    waited: Duration,
    /// What it took in this window.
    taken: u64,
}

impl<S> Impatient<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            timer: None,
            since: None,
            waited: Duration::ZERO,
            taken: 0,
        }
    }

    /// The client has no room. Fails when it had none for too long.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        loop {
            let now = Instant::now();
            let since = *self.since.get_or_insert(now);
            let end = since + WINDOW.saturating_sub(self.waited);
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
            if timer.deadline() != end {
                timer.as_mut().reset(end);
            }
            ready!(timer.as_mut().poll(context));
            if self.taken < MIN_BYTES {
                return Poll::Ready(io::ErrorKind::TimedOut.into());
            }
            (self.since, self.waited, self.taken) = (Some(end), Duration::ZERO, 0);
        }
    }

    /// The client took so many bytes.
    fn took(&mut self, bytes: usize) {
        if let Some(since) = self.since.take() {
            let waited = since.elapsed();
            // Nobody was here to see the window end: it says nothing about the client.
            if waited >= WINDOW {
                (self.waited, self.taken) = (Duration::ZERO, 0);
            } else {
                self.waited += waited;
            }
        }
        self.taken += bytes as u64;
    }

    fn written(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => self.took(bytes),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => return self.wait(context).map(Err),
        }
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Impatient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Impatient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.written(context, written)
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

/// How fast a body arrives.
pub(crate) struct Arrival {
    since: Instant,
    bytes: u64,
}

impl Arrival {
    /// It begins now.
    pub(crate) fn begin() -> Self {
        Self {
            since: Instant::now(),
            bytes: 0,
        }
    }

    /// So many more bytes are here. False if all of it together comes slower than [`MIN_RATE`].
    pub(crate) fn is_timely(&mut self, bytes: usize) -> bool {
        self.bytes += bytes as u64;
        let elapsed = self.since.elapsed();
        elapsed < WINDOW || self.bytes >= MIN_RATE * elapsed.as_secs()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio::time::sleep;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Sends a MiB to a client that takes `bytes` every `pause`, and answers how long that took.
    async fn send(bytes: usize, pause: Duration) -> (Duration, io::Result<()>) {
        let start = Instant::now();
        let (server, mut client) = duplex(64);
        let reading = tokio::spawn(async move {
            let mut buffer = vec![0; bytes];
            while client.read_exact(&mut buffer).await.is_ok() {
                sleep(pause).await;
            }
        });
        let mut server = Impatient::new(server);
        let sent = server.write_all(&vec![0; 1 << 20]).await;
        reading.abort();
        (start.elapsed(), sent)
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_almost_nothing_is_cut_off() {
        let (took, sent) = send(1, 10 * SECOND).await;
        assert_eq!(sent.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(took < 2 * WINDOW, "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_on_a_slow_line_is_served_to_the_end() {
        let (took, sent) = send(8192, SECOND).await;
        sent.unwrap();
        assert!(took > 100 * SECOND, "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_stops_and_goes_is_cut_off_by_its_average() {
        // More than enough at once, and then nothing for a while, again and again.
        let (took, sent) = send(1 << 15, 20 * SECOND).await;
        assert_eq!(sent.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(took < 5 * WINDOW, "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_is_not_a_slow_one() {
        let (server, mut client) = duplex(1024);
        let mut server = Impatient::new(server);
        for _ in 0..5 {
            server.write_all(b"answer").await.unwrap();
            client.read_exact(&mut [0; 6]).await.unwrap();
            sleep(10 * WINDOW).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_must_come_at_some_rate() {
        let mut slow = Arrival::begin();
        let mut fast = Arrival::begin();
        for second in 0..300 {
            assert!(fast.is_timely(5000), "second {second}");
            // One byte a second is well until the window is over.
            assert_eq!(slow.is_timely(1), second < 30, "second {second}");
            sleep(SECOND).await;
        }
    }
}
