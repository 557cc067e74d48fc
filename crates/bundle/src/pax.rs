//! Pax extended headers: what POSIX puts in front of an entry whose facts do not fit its header.
//!
//! Format: <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html>, "pax Extended
//! Header".

/// The largest extended header that is read, in bytes.
pub(crate) const MAX_PAX_BYTES: u64 = 64 * 1024;

/// What is wrong with an extended header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaxRule {
    /// Larger than 64 KiB.
    #[error("its pax header has more than {MAX_PAX_BYTES} bytes")]
    TooLarge,
    /// Not of the form "length key=value".
    #[error("its pax header is malformed")]
    Malformed,
    /// One key twice, of those that matter.
    #[error("its pax header states {0:?} twice")]
    Twice(&'static str),
    /// A size that differs from the one in the tar header.
    #[error("its pax header and its tar header state different sizes")]
    Size,
    /// A link.
    #[error("its pax header makes it a link; a bundle holds only regular files and folders")]
    Link,
    /// A sparse file, a part of a multi-volume archive, or the like.
    #[error("its pax header makes it a sparse or otherwise special file")]
    Special,
    /// A path or a size for all entries that follow.
    #[error("a global pax header must not state a path or a size")]
    Global,
}

/// The records that this crate acts on. Times, owners, attributes and comments are passed over.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Pax {
    pub(crate) path: Option<Vec<u8>>,
    pub(crate) size: Option<u64>,
}

impl Pax {
    /// Parses the data of an extended header.
    pub(crate) fn parse(mut data: &[u8]) -> Result<Self, PaxRule> {
        let mut pax = Self::default();
        while !data.is_empty() {
            let (key, value, rest) = record(data).ok_or(PaxRule::Malformed)?;
            data = rest;
            match key {
                b"path" if pax.path.is_some() => return Err(PaxRule::Twice("path")),
                b"path" => pax.path = Some(value.to_vec()),
                b"size" if pax.size.is_some() => return Err(PaxRule::Twice("size")),
                b"size" => pax.size = Some(decimal(value).ok_or(PaxRule::Malformed)?),
                // Nothing comes of these, but `tar` fails over a bundle where they are no numbers.
                b"uid" | b"gid" if !is_owner(value) => return Err(PaxRule::Malformed),
                b"mtime" | b"atime" | b"ctime" if !is_time(value) => {
                    return Err(PaxRule::Malformed);
                }
                b"linkpath" => return Err(PaxRule::Link),
                _ if key.starts_with(b"GNU.") || key == b"SCHILY.realsize" => {
                    return Err(PaxRule::Special);
                }
                _ => {}
            }
        }
        Ok(pax)
    }

    /// Refuses what a header for all following entries must not say.
    pub(crate) fn check_global(&self) -> Result<(), PaxRule> {
        if self.path.is_some() || self.size.is_some() {
            return Err(PaxRule::Global);
        }
        Ok(())
    }
}

/// Splits off the first record: its key, its value, and the rest.
fn record(data: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = data.iter().take(20).position(|byte| *byte == b' ')?;
    let length = usize::try_from(decimal(&data[..space])?).ok()?;
    let (record, rest) = data.split_at_checked(length)?;
    let record = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    let (key, value) = (&record[..equals], &record[equals + 1..]);
    // Some readers skip blanks before the key, and some end it at a NUL.
    let is_plain = key.first().is_some_and(u8::is_ascii_graphic) && !key.contains(&0);
    is_plain.then_some((key, value, rest))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn is_owner(value: &[u8]) -> bool {
    decimal(value).is_some_and(|id| u32::try_from(id).is_ok())
}

/// Seconds, perhaps negative, perhaps with a fraction.
fn is_time(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"-").unwrap_or(value);
    let mut parts = value.splitn(2, |byte| *byte == b'.');
    let seconds = parts.next().and_then(decimal);
    let fraction = parts.next().unwrap_or_default();
    seconds.is_some_and(|seconds| i64::try_from(seconds).is_ok())
        && fraction.iter().all(u8::is_ascii_digit)
}

/// An extended header that states `path`.
pub(crate) fn path_record(path: &str) -> String {
    // The length in front counts its own digits.
    let rest = " path=\n".len() + path.len();
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    format!("{length} path={path}\n")
}
