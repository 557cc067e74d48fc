//! Randomness, passed in so that tests can decide it.

use std::fmt::Write as _;
use std::io;

/// A source of unguessable bytes.
pub trait Random: Send + Sync + 'static {
    /// Sixteen of them. Fails only if the operating system has none to give.
    fn bytes(&self) -> io::Result<[u8; 16]>;
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn bytes(&self) -> io::Result<[u8; 16]> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(bytes)
    }
}

/// A new identifier: 32 hexadecimal digits.
pub(crate) fn id(random: &dyn Random) -> io::Result<String> {
    Ok(random
        .bytes()?
        .iter()
        .fold(String::with_capacity(32), |mut id, byte| {
            let _ = write!(id, "{byte:02x}");
            id
        }))
}
