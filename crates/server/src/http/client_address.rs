//! Who is at the other end, when proxies may stand in between.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};

use crate::config::TrustedProxies;

/// See <https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Forwarded-For>.
pub(crate) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address that a connection comes from; the listener notes it with each request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// One client as far as its address tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Site {
    /// An IPv4 address.
    Address(u32),
    /// The first half of an IPv6 address: one site has all the addresses that begin with it.
    Prefix(u64),
}

impl Site {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::Address(address.to_bits()),
            IpAddr::V6(address) => {
                let [first, second, third, fourth, ..] = address.segments();
                let half = [first, second, third, fourth].map(u64::from);
                Self::Prefix(half.iter().fold(0, |bits, part| bits << 16 | part))
            }
        }
    }
}

/// The client's address: the last one that somebody who is believed has seen. Each proxy adds at the
/// right of `X-Forwarded-For` whom it was asked by, so the list is walked from there, and what is
/// left of the first address that is no known proxy's was written by anybody. Where the list is no
/// list of addresses, the walk ends, at the proxy that passed it on.
pub(crate) fn client_address(
    peer: IpAddr,
    headers: &HeaderMap,
    proxies: &TrustedProxies,
) -> IpAddr {
    let mut address = peer.to_canonical();
    let lines = headers.get_all(X_FORWARDED_FOR).into_iter().rev();
    let mut entries = lines.flat_map(|line| {
        let text = line.to_str().unwrap_or_default();
        text.rsplit(',').map(|entry| parse(entry.trim()))
    });
    while proxies.contain(address) {
        match entries.next() {
            Some(Some(seen)) => address = seen,
            Some(None) | None => break,
        }
    }
    address
}

/// Whether no proxy says that it was asked by another machine. Nobody else has a reason to say so, so
/// every proxy is believed.
pub(crate) fn is_from_loopback(headers: &HeaderMap) -> bool {
    const FORWARDED: [&str; 3] = ["x-forwarded-for", "x-real-ip", "forwarded"];
    let mut lines = FORWARDED.iter().flat_map(|name| headers.get_all(*name));
    lines.all(|line| {
        let text = line.to_str().unwrap_or_default();
        let mut entries = text.split(',').map(|entry| parse(entry.trim()));
        entries.all(|entry| entry.is_some_and(|address| address.is_loopback()))
    })
}

/// An address, as some proxies write it also with a port or in brackets.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = match bare.unwrap_or(text).parse::<IpAddr>() {
        Ok(address) => address,
        Err(_) => text.parse::<SocketAddr>().ok()?.ip(),
    };
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TrustedProxies;

    fn client(peer: &str, lines: &[&str]) -> String {
        let proxies = TrustedProxies::parse("10.0.0.0/8,fd00::/8").unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(X_FORWARDED_FOR, line.parse().unwrap());
        }
        client_address(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn a_site_is_one_client_whatever_its_addresses() {
        let at = |text: &str| Site::of(text.parse().unwrap());
        assert_eq!(
            at("2001:db8:1:2::1"),
            at("2001:db8:1:2:ffff:ffff:ffff:ffff")
        );
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
    }

    #[test]
    fn only_named_proxies_are_believed() {
        assert_eq!(client("203.0.113.5", &["198.51.100.1"]), "203.0.113.5");
        assert_eq!(client("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_a_client_wrote_itself_is_not_looked_at() {
        // The proxy appended whom it saw to what the client made up.
        assert_eq!(
            client("10.0.0.1", &["1.2.3.4, 198.51.100.1"]),
            "198.51.100.1"
        );
        assert_eq!(
            client("10.0.0.1", &["1.2.3.4", "198.51.100.1"]),
            "198.51.100.1"
        );
        // Even if that is the address of a proxy.
        assert_eq!(
            client("10.0.0.1", &["10.0.0.9, 198.51.100.1"]),
            "198.51.100.1"
        );
    }

    #[test]
    fn proxies_behind_proxies_are_walked_through() {
        assert_eq!(
            client("10.0.0.1", &["1.2.3.4, 198.51.100.1, 10.0.0.2", "fd00::3"]),
            "198.51.100.1"
        );
        assert_eq!(
            client("::ffff:10.0.0.1", &["::ffff:198.51.100.1"]),
            "198.51.100.1"
        );
        assert_eq!(client("10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(client("10.0.0.1", &["198.51.100.1:80"]), "198.51.100.1");
    }

    #[test]
    fn the_walk_ends_where_the_list_is_none() {
        assert_eq!(client("10.0.0.1", &["198.51.100.1, unknown"]), "10.0.0.1");
        assert_eq!(
            client("10.0.0.1", &["198.51.100.1, , 10.0.0.2"]),
            "10.0.0.2"
        );
        assert_eq!(client("10.0.0.1", &[""]), "10.0.0.1");
    }
}
