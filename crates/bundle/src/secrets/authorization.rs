//! Tokens and passwords as they are sent to servers: `Authorization: Bearer …` and `Basic …`.

use enact_types::limits::MAX_SECRETS_PER_FILE;

use super::random::is_likely;
use super::{Match, count, password};

/// How short a token may be, in bytes: what is shorter is mostly an example.
const LEAST_TOKEN: usize = 20;

/// The longest that is looked at, in bytes.
const MAX_CREDENTIALS: usize = 2048;

/// Parts of tokens that somebody made up.
const MADE_UP: [&str; 6] = ["mock", "test", "1234567", "abcdefg", "abc123", "deadbeef"];

/// A way to say who is calling.
struct Scheme {
    /// In lower case.
    name: &'static [u8],
    kind: &'static str,
    shown: &'static str,
    is_secret: fn(&str) -> bool,
}

const SCHEMES: [Scheme; 2] = [
    Scheme {
        name: b"bearer",
        kind: "a bearer token",
        shown: "Bearer …",
        is_secret: is_token,
    },
    Scheme {
        name: b"basic",
        kind: "a password for basic authentication",
        shown: "Basic …",
        is_secret: is_user_and_password,
    },
];

/// What follows the name of a scheme on this line, where it looks like a secret.
pub(super) fn find(line: &[u8]) -> Vec<Match> {
    let mut matches = Vec::new();
    let mut at = 0;
    while at < line.len() && matches.len() < MAX_SECRETS_PER_FILE {
        let inside_a_word = at > 0 && line[at - 1].is_ascii_alphanumeric();
        let rest = &line[at..];
        let mut schemes = SCHEMES.iter().filter(|_| !inside_a_word);
        let scheme = schemes.find(|scheme| {
            let start = rest.get(..scheme.name.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(scheme.name))
        });
        let Some(scheme) = scheme else {
            at += 1;
            continue;
        };
        at += scheme.name.len();
        let spaces = count(&line[at..], 4, |byte| matches!(byte, b' ' | b'\t'));
        let start = at + spaces;
        if let (true, Some(credentials)) = (spaces > 0, credentials(&line[start..])) {
            at = start + credentials.len();
            if (scheme.is_secret)(credentials) {
                matches.push(Match {
                    start,
                    end: at,
                    kind: scheme.kind,
                    shown: scheme.shown.to_owned(),
                });
            }
        }
    }
    matches
}

/// What stands here as RFC 7235 has it (`token68`), if it is whole: nothing is filled in or left out.
fn credentials(rest: &[u8]) -> Option<&str> {
    let length = count(rest, MAX_CREDENTIALS, |byte| {
        byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
    });
    let goes_on = rest
        .get(length)
        .is_some_and(|byte| !byte.is_ascii() || b"{$(<[*%".contains(byte));
    let text = std::str::from_utf8(&rest[..length]).ok()?;
    // One full stop may end the sentence.
    let whole = text.strip_suffix('.').unwrap_or(text);
    (!goes_on && !whole.ends_with('.') && !whole.is_empty()).then_some(whole)
}

fn is_token(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() >= LEAST_TOKEN
        && digits >= 2
        && is_likely(text)
        && !is_words(text)
        && !MADE_UP.iter().any(|part| lower.contains(part))
}

/// Whether it is words and numbers with dashes between them, as in `my-access-token-42`.
fn is_words(text: &str) -> bool {
    let is_word = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_alphabetic())
            || part.bytes().all(|byte| byte.is_ascii_digit())
    };
    text.split(['-', '_', '.']).all(is_word)
}

fn is_user_and_password(text: &str) -> bool {
    let Some(decoded) = decoded(text) else {
        return false;
    };
    let pair = std::str::from_utf8(&decoded).ok();
    let pair = pair.filter(|pair| !pair.contains(char::is_control));
    pair.and_then(|pair| pair.split_once(':'))
        .is_some_and(|(user, word)| password::is_one(user, word))
}

/// Base64, with or without padding.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(bits.checked_shr(held)?.to_le_bytes()[0]);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_base64() {
        for (text, expected) in [
            ("", &b""[..]),
            ("Zg==", b"f"),
            ("Zm8=", b"fo"),
            ("Zm9v", b"foo"),
            ("Zm9vYg", b"foob"),
            ("+/+/", b"\xfb\xff\xbf"),
        ] {
            assert_eq!(decoded(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(decoded("Zm9-"), None);
    }
}
