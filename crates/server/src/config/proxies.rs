//! The proxies that are believed.

use std::net::IpAddr;

use super::ConfigError;

/// Addresses of proxies whose word about the client's address is taken. None by default: anybody
/// can send the header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

/// The addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    /// At most 32 or 128.
    bits: u32,
}

impl TrustedProxies {
    /// Parses addresses and networks like `10.0.0.0/8` with commas between them.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        let networks = text.split(',').map(|part| {
            Network::parse(part.trim()).ok_or_else(|| ConfigError::Setting {
                name: "ENACT_TRUSTED_PROXIES",
                value: part.trim().to_owned(),
                expected: "addresses or networks like 10.0.0.1 or fd00::/8 with commas between them",
            })
        });
        networks.collect::<Result<_, _>>().map(Self)
    }

    /// Whether none is believed.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a proxy of that address is believed.
    pub(crate) fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(address))
    }
}

impl Network {
    /// `None` if it is no network, or has bits behind its prefix: then something else was meant.
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let network = Self {
            address,
            bits: bits.unwrap_or(width),
        };
        // An IPv4 address in IPv6 clothes is compared as IPv4, so such a network would match none.
        let plain = address == address.to_canonical();
        (plain && network.bits <= width && network.prefix(address) == number(address))
            .then_some(network)
    }

    fn contains(self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4() && self.prefix(address) == number(self.address)
    }

    /// The address with zeros behind the prefix.
    fn prefix(self, address: IpAddr) -> u128 {
        let width = if address.is_ipv4() { 32 } else { 128 };
        let mask = u128::MAX.checked_shl(width - self.bits).unwrap_or_default();
        number(address) & mask
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_what_begins_like_them() {
        let proxies = TrustedProxies::parse("10.0.0.0/8, 192.0.2.7,fd00::/8,2001:db8::1").unwrap();
        for inside in [
            "10.255.0.1",
            "::ffff:10.1.1.1",
            "192.0.2.7",
            "fdff::1",
            "2001:db8::1",
        ] {
            assert!(proxies.contain(inside.parse().unwrap()), "{inside}");
        }
        for outside in [
            "11.0.0.1",
            "192.0.2.8",
            "fe00::1",
            "2001:db8::2",
            "::1",
            "::a00:1",
        ] {
            assert!(!proxies.contain(outside.parse().unwrap()), "{outside}");
        }
        let all = TrustedProxies::parse("0.0.0.0/0").unwrap();
        assert!(all.contain("203.0.113.9".parse().unwrap()));
        assert!(!all.contain("2001:db8::2".parse().unwrap()));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for wrong in [
            "proxy.example",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "::/129",
            "10.0.0.0/",
            "",
            "10.0.0.1,",
            "::ffff:10.0.0.1",
            "10.0.0.0/-1",
        ] {
            assert!(TrustedProxies::parse(wrong).is_err(), "{wrong}");
        }
    }
}
