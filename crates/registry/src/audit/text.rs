//! What of a text from outside may stand in the audit log.

use enact_types::Token;
use enact_types::limits::MAX_AUDIT_TEXT_BYTES;

/// The text without control characters, of bounded length; `None` if nothing is left. Somebody who
/// pastes a token where a name belongs should not find it in the log: it is cut off, whole or not.
pub(super) fn kept(text: &str) -> Option<String> {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(Token::PREFIX) {
        let secret = at + Token::PREFIX.len();
        let digits = rest[secret..]
            .bytes()
            .take_while(u8::is_ascii_hexdigit)
            .count();
        kept.push_str(&rest[..secret]);
        if digits >= Token::TELLING_DIGITS {
            kept.push('…');
            rest = &rest[secret + digits..];
        } else {
            rest = &rest[secret..];
        }
    }
    kept.push_str(rest);
    kept.retain(|char| !char.is_control());
    kept.truncate(kept.floor_char_boundary(MAX_AUDIT_TEXT_BYTES));
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_the_wrong_place_is_not_kept() {
        let token = Token::new([0xa5; 24]);
        let token = token.expose();
        for (text, expected) in [
            (token.to_owned(), "enact_…"),
            (
                token.to_ascii_uppercase().replace("ENACT", "enact"),
                "enact_…",
            ),
            (format!("x/{token}/y {token}"), "x/enact_…/y enact_…"),
            (token[..40].to_owned(), "enact_…"),
            ("enact_tools/greeter".to_owned(), "enact_tools/greeter"),
            ("enact_enact_bee".to_owned(), "enact_enact_bee"),
        ] {
            assert_eq!(kept(&text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_kept_is_short_and_printable() {
        assert_eq!(kept(""), None);
        assert_eq!(kept("\u{0}\n"), None);
        assert_eq!(kept("a\u{1b}[2J\u{0}b").as_deref(), Some("a[2Jb"));
        let long = kept(&"ä".repeat(MAX_AUDIT_TEXT_BYTES)).unwrap();
        assert_eq!(long.len(), MAX_AUDIT_TEXT_BYTES);
    }
}
