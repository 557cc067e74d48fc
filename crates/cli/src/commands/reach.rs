//! The way to a server: its name, its port, and what stands in between.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use enact_types::Clock;
use jiff::fmt::rfc2822::DateTimeParser;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::{Host, Url};

/// How long to wait for one answer: somebody is waiting for ours.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Whether a URL's host is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The addresses of a host, at least one; or why there are none.
pub(super) async fn look_up(host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    match timeout(PATIENCE, lookup_host((host, port))).await {
        Ok(Ok(addresses)) => {
            let addresses: Vec<SocketAddr> = addresses.collect();
            if addresses.is_empty() {
                return Err("it has no address".to_owned());
            }
            Ok(addresses)
        }
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the name server does not answer".to_owned()),
    }
}

/// Whose addresses they are, for people.
pub(super) fn addressed(host: &str, addresses: &[SocketAddr]) -> String {
    let ips: Vec<String> = addresses.iter().map(|a| a.ip().to_string()).collect();
    format!("{host} is {}", ips.join(", "))
}

/// Connects to the first address that accepts it; gives which one, and how long that took.
pub(super) async fn connect(addresses: &[SocketAddr]) -> io::Result<(SocketAddr, Duration)> {
    let mut last = None;
    for address in addresses {
        let started = Instant::now();
        match timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(_)) => return Ok((*address, started.elapsed())),
            Ok(Err(error)) => last = Some(error),
            Err(_) => last = Some(io::ErrorKind::TimedOut.into()),
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::NotFound.into()))
}

/// A duration in milliseconds, for people.
pub(super) fn millis(took: Duration) -> String {
    format!("{:.1} ms", took.as_secs_f64() * 1e3)
}

/// How far this machine's clock is ahead of a server that says `date` (RFC 9110, 6.6.1), in seconds.
pub(super) fn seconds_ahead(date: &str, clock: &dyn Clock) -> Option<i64> {
    let theirs = DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(clock.now().as_millis() / 1000 - theirs.as_second())
}

/// How two clocks differ, for people; `whose` is the other one's.
pub(super) fn skew(ahead: i64, whose: &str) -> String {
    if ahead == 0 {
        return format!("the same as the {whose}'s, to the second");
    }
    let direction = if ahead < 0 { "behind" } else { "ahead of" };
    let seconds = ahead.unsigned_abs();
    format!("this machine is {seconds} s {direction} the {whose}")
}
