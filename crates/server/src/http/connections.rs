//! How many connections one address holds.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use super::client_address::Site;
use crate::config::TrustedProxies;

/// The connections of each address. Bounded as they are: an address without one has no entry.
pub(crate) struct Connections {
    /// `None` is without a limit.
    max: Option<NonZeroU32>,
    /// These bring the connections of many.
    proxies: Arc<TrustedProxies>,
    open: Mutex<HashMap<Site, u32>>,
}

/// The right to one connection, given back when dropped.
pub(crate) struct Admission(Option<(Arc<Connections>, Site)>);

impl Connections {
    pub(crate) fn new(max: Option<NonZeroU32>, proxies: Arc<TrustedProxies>) -> Self {
        Self {
            max,
            proxies,
            open: Mutex::default(),
        }
    }

    /// `None` if the address has as many as it may.
    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Admission> {
        let Some(max) = self.max.filter(|_| !self.proxies.contain(address)) else {
            return Some(Admission(None));
        };
        let site = Site::of(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(site).or_default();
        if *count >= max.get() {
            return None;
        }
        *count += 1;
        Some(Admission(Some((Arc::clone(self), site))))
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let Some((connections, site)) = self.0.take() else {
            return;
        };
        let mut open = connections
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&site) {
            *count -= 1;
            if *count == 0 {
                open.remove(&site);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_share_and_no_more_and_a_proxy_brings_many() {
        let proxies = Arc::new(TrustedProxies::parse("10.0.0.1").unwrap());
        let connections = Arc::new(Connections::new(NonZeroU32::new(2), proxies));
        let from = |text: &str| connections.admit(text.parse().unwrap());
        let (first, second) = (from("2001:db8::1").unwrap(), from("2001:db8::2").unwrap());
        assert!(from("2001:db8::3").is_none(), "one site, whatever address");
        assert!(from("2001:db8:0:1::1").is_some());
        drop(first);
        assert!(from("2001:db8::3").is_some());
        let held: Vec<_> = (0..10).map(|_| from("10.0.0.1")).collect();
        assert!(held.iter().all(Option::is_some));
        drop((held, second));
        assert!(connections.open.lock().unwrap().is_empty());
    }
}
