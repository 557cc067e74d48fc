//! Tells what a machine or a careful person made up from words, names and examples.

/// Parts of texts that stand for a secret and are none.
const PLACEHOLDERS: [&str; 16] = [
    "example",
    "placeholder",
    "changeme",
    "change-me",
    "change_me",
    "your",
    "dummy",
    "redacted",
    "insert",
    "replace",
    "sample",
    "fake",
    "xxxx",
    "****",
    "....",
    "0000",
];

/// Signs that something is filled in, or computed.
const FILLED_IN: [&str; 8] = ["${", "$(", "{{", "%(", "<", ">", "#{", "%{"];

/// Whether this stands for a secret to be put there.
pub(super) fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_one_of = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    is_one_of(&PLACEHOLDERS) || is_one_of(&FILLED_IN)
}

/// Whether this is a password or a key rather than a word, a name, a path or an expression.
pub(super) fn is_likely(text: &str) -> bool {
    const SYMBOLS: &[u8] = b"!@#$%^&*+=~?";
    let bytes = text.as_bytes();
    let has = |class: fn(&u8) -> bool| bytes.iter().any(class);
    let mixed = has(u8::is_ascii_alphabetic)
        && (has(u8::is_ascii_digit) || bytes.iter().any(|byte| SYMBOLS.contains(byte)));
    let leads_somewhere = text.contains("://") || text.starts_with(['/', '.', '~']);
    let least = if text.len() < 16 { 2.5 } else { 3.0 };
    (8..=512).contains(&text.len())
        && bytes.iter().all(u8::is_ascii_graphic)
        && mixed
        && !leads_somewhere
        && !is_placeholder(text)
        && entropy(bytes) >= least
}

/// Shannon's entropy, in bits for each byte.
pub(super) fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let total = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_secrets_from_words() {
        for secret in [
            "Tr0ub4dor&3",
            "hunter2x!",
            "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
            "p4ssw0rdQ",
        ] {
            assert!(is_likely(secret), "{secret}");
        }
        for other in [
            "short1!",
            "password_reset_form",
            "GITHUB_TOKEN",
            "your-api-key-1",
            "${TOKEN_1_FROM_ENV}",
            "https://example.org/1",
            "/run/secrets/db1",
            "aaaaaaaaaaaaaaa1",
            "two words 1",
            "12345678901",
        ] {
            assert!(!is_likely(other), "{other}");
        }
    }

    #[test]
    fn measures_entropy() {
        assert!(entropy(b"aaaa").abs() < 1e-9);
        assert!((entropy(b"abcdabcd") - 2.0).abs() < 1e-9);
    }
}
