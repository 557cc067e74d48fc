//! What of a text from outside may stand in the audit log.

use enact_types::Token;
use enact_types::limits::MAX_AUDIT_TEXT_BYTES;

/// The text without tokens and control characters, of bounded length; `None` if nothing is left.
pub(super) fn kept(text: &str) -> Option<String> {
    // First, or what is in the middle of a token would hide it.
    let printable: String = text.chars().filter(|char| !char.is_control()).collect();
    let mut kept = Token::redact(&printable).into_owned();
    kept.truncate(kept.floor_char_boundary(MAX_AUDIT_TEXT_BYTES));
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_short_and_printable() {
        assert_eq!(kept(""), None);
        assert_eq!(kept("\u{0}\n"), None);
        assert_eq!(kept("a\u{1b}[2J\u{0}b").as_deref(), Some("a[2Jb"));
        let long = kept(&"ä".repeat(MAX_AUDIT_TEXT_BYTES)).unwrap();
        assert_eq!(long.len(), MAX_AUDIT_TEXT_BYTES);
    }
}
