//! Names that nobody else has.

use std::fmt::Write as _;

use crate::error::{Fault, StorageErrorKind};

/// 128 random bits as 32 hexadecimal digits.
pub(crate) fn unique_name() -> Result<String, Fault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Fault::new(
            StorageErrorKind::Other,
            format!("the system gave no random bytes: {error}"),
        )
    })?;
    Ok(bytes
        .iter()
        .fold(String::with_capacity(32), |mut name, byte| {
            let _ = write!(name, "{byte:02x}");
            name
        }))
}
