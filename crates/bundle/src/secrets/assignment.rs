//! Passwords and keys that a text assigns to a name which says so: `password = "…"`.

use enact_types::limits::MAX_SECRETS_PER_FILE;

use super::random::{entropy, is_likely};
use super::{Match, count};

/// Names of secrets, in lower case; longer ones first where one starts with another.
const KEYWORDS: [&str; 12] = [
    "passphrase",
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
    "api_key",
    "api-key",
    "apikey",
    "access_key",
    "accesskey",
    "private_key",
];

/// Ends of names that tell something about a secret, and not the secret.
const ABOUT: [&str; 20] = [
    "name", "path", "file", "url", "uri", "type", "field", "header", "env", "var", "id", "label",
    "prefix", "length", "expiry", "ttl", "count", "regex", "pattern", "hint",
];

/// How long a name may be, in bytes.
const MAX_NAME: usize = 64;

/// The longest value that is looked at, in bytes.
const MAX_VALUE: usize = 512;

/// The assignments on this line whose values look like secrets.
pub(super) fn find(line: &[u8]) -> Vec<Match> {
    let mut matches = Vec::new();
    let lower = line.to_ascii_lowercase();
    let mut at = 0;
    while at < line.len() && matches.len() < MAX_SECRETS_PER_FILE {
        // No other letter starts a keyword, and most of a text is other letters.
        let may_start = matches!(lower[at], b'a' | b'p' | b's' | b't');
        let mut keywords = KEYWORDS.iter().filter(|_| may_start);
        let Some(keyword) = keywords.find(|word| lower[at..].starts_with(word.as_bytes())) else {
            at += 1;
            continue;
        };
        let after = at + keyword.len();
        if let Some(found) = assigned(line, at, after) {
            at = found.end;
            matches.push(found);
        } else {
            at = after;
        }
    }
    matches
}

/// The value that is assigned to the name which has its keyword from `start` to `end`.
fn assigned(line: &[u8], start: usize, end: usize) -> Option<Match> {
    // `tokenizer` is another word; `tokenA` is not.
    if line.get(end).is_some_and(u8::is_ascii_lowercase) {
        return None;
    }
    let name_end = end + count(&line[end..], MAX_NAME, is_name);
    let name_start = start
        - line[..start]
            .iter()
            .rev()
            .take(MAX_NAME)
            .take_while(|b| is_name(**b))
            .count();
    let name = std::str::from_utf8(&line[name_start..name_end]).ok()?;
    let rest_of_name = name[end - name_start..].to_ascii_lowercase();
    if ABOUT.iter().any(|about| rest_of_name.ends_with(about)) {
        return None;
    }
    let mut at = name_end;
    at += count(&line[at..], 4, |byte| b"\"'`] \t".contains(&byte));
    at += operator(&line[at..])?;
    at += count(&line[at..], 16, |byte| matches!(byte, b' ' | b'\t'));
    let rest = &line[at..];
    let (value, value_start) = match rest.first()? {
        quote @ (b'"' | b'\'' | b'`') => (quoted(&rest[1..], *quote)?, at + 1),
        _ => (bare(rest)?, at),
    };
    Some(Match {
        start: value_start,
        end: value_start + value.len(),
        kind: "a secret",
        shown: format!("{name} = …"),
    })
}

/// The length of what assigns: `=`, `:`, `:=`, `=>`, but no comparison.
fn operator(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'=' | b'!', b'=', ..] => None,
        [b':', b'=', ..] | [b'=', b'>', ..] => Some(2),
        [b'=' | b':', ..] => Some(1),
        _ => None,
    }
}

fn quoted(rest: &[u8], quote: u8) -> Option<&str> {
    let length = count(rest, MAX_VALUE, |byte| byte != quote);
    (rest.get(length) == Some(&quote)).then_some(())?;
    let value = std::str::from_utf8(&rest[..length]).ok()?;
    is_likely(value).then_some(value)
}

/// As configuration files and shells have it. In programs expressions look like this, so it must be
/// long, alone, and more random.
fn bare(rest: &[u8]) -> Option<&str> {
    let length = count(rest, MAX_VALUE, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'=' | b'_' | b'-')
    });
    let behind = &rest[length..];
    let is_alone = matches!(
        behind.first(),
        None | Some(b'\r' | b' ' | b'\t' | b'"' | b'\'')
    ) && behind
        .trim_ascii()
        .first()
        .is_none_or(|byte| b"#\"'".contains(byte));
    let value = std::str::from_utf8(&rest[..length]).ok()?;
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let is_one = is_alone
        && value.len() >= 16
        && digits >= 2
        && is_likely(value)
        && entropy(value.as_bytes()) >= 3.25;
    is_one.then_some(value)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}
