//! Private keys in PEM: those of TLS, SSH and PGP.

use super::Match;

/// A header alone is found in every script that looks for keys: so many letters of base64 follow in
/// one that is real.
const LEAST_BODY: usize = 32;

/// How far behind the header they are looked for, in bytes.
const REACH: usize = 400;

/// A private key whose header is on this line; `rest` starts with the line and goes on to the end of
/// the text.
pub(super) fn find(line: &[u8], rest: &[u8]) -> Option<Match> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    let start = line
        .windows(BEGIN.len())
        .position(|window| window == BEGIN)?;
    let header = &line[start + BEGIN.len()..];
    let label = &header[..header.windows(5).position(|window| window == b"-----")?];
    let label = std::str::from_utf8(label).ok()?;
    let is_private = label.len() <= 40 && label.contains("PRIVATE KEY");
    let end = start + BEGIN.len() + label.len() + 5;
    (is_private && has_body(&rest[end..])).then(|| Match {
        start,
        end,
        kind: "a private key",
        shown: format!("-----BEGIN {label}-----"),
    })
}

/// Whether base64 follows, in whatever way a program wraps it.
fn has_body(rest: &[u8]) -> bool {
    let rest = &rest[..rest.len().min(REACH)];
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    rest.split(|byte| !is_base64(byte))
        .any(|run| run.len() >= LEAST_BODY)
}
