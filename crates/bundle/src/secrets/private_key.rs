//! Private keys in PEM: those of TLS, SSH and PGP.

use super::Match;
use super::random::{entropy, is_placeholder};

/// A header alone is found in every script that looks for keys: so many letters of base64 follow in
/// one that is real, whatever else is around them.
const LEAST_BODY: usize = 32;

/// So many do if there is nothing else up to the footer.
const LEAST_WHOLE_BODY: usize = 8;

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
    rest.split(|byte| !is_base64(*byte))
        .any(|run| run.len() >= LEAST_BODY)
        || is_whole_body(rest)
}

/// Whether there is nothing but base64 up to the footer: a short key, or one that was cut.
fn is_whole_body(rest: &[u8]) -> bool {
    const END: &[u8] = b"-----END ";
    let Some(end) = rest.windows(END.len()).position(|window| window == END) else {
        return false;
    };
    let body = String::from_utf8_lossy(&rest[..end]);
    // Lines of a text in a program end so.
    let body = body.replace("\\n", "").replace("\\r", "");
    let body: String = body
        .chars()
        .filter(|char| !char.is_whitespace() && !matches!(char, '"' | '\'' | ',' | '\\'))
        .collect();
    body.len() >= LEAST_WHOLE_BODY
        && body.bytes().all(is_base64)
        // Words have no digits, and keys, which are sequences in DER, start with this letter.
        && (body.starts_with('M') || body.contains(|char: char| char.is_ascii_digit()))
        && entropy(body.as_bytes()) >= 2.5
        && !is_placeholder(&body)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}
