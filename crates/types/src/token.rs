//! The tokens that this registry gives out: a secret that is known by its digest alone.

use std::borrow::Cow;
use std::fmt;

use crate::Digest;

/// Random bytes of a token: 192 bits.
const RANDOM_BYTES: usize = 24;

/// Hexadecimal digits of the checksum.
const CHECKSUM_DIGITS: usize = 8;

/// How many hexadecimal digits behind the prefix are so much of a token that they should not be shown.
const TELLING_DIGITS: usize = 16;

/// A token: `enact_`, 48 hexadecimal digits of randomness, and 8 of a checksum over all before
/// them. It has no dots, since existing clients take a token with dots for a JWT. Its `Debug` does
/// not show it, and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// The text is no token of this registry's making; it is not in the error, since it may be a secret
/// all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token is \"enact_\" and 56 hexadecimal digits, the last 8 of which are a checksum")]
pub struct InvalidToken;

impl Token {
    /// What every token starts with, so that people and scanners of leaked secrets recognise one.
    pub const PREFIX: &'static str = "enact_";

    /// The token that these unguessable bytes make.
    pub fn new(random: [u8; RANDOM_BYTES]) -> Self {
        use fmt::Write as _;
        let mut text = Self::PREFIX.to_owned();
        for byte in random {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        let checksum = checksum(&text);
        text.push_str(&checksum);
        Self(text)
    }

    /// Parses a token. The checksum tells a typo without a look at any database.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        let digits = text.strip_prefix(Self::PREFIX).ok_or(InvalidToken)?;
        let hex = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
        if digits.len() != 2 * RANDOM_BYTES + CHECKSUM_DIGITS || !digits.bytes().all(hex) {
            return Err(InvalidToken);
        }
        let (body, sum) = text.split_at(text.len() - CHECKSUM_DIGITS);
        if checksum(body) == sum {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidToken)
        }
    }

    /// A text from outside as it may stand in a log: whatever in it is a token, or much of one, is cut
    /// off behind the prefix. Somebody may have pasted one where a name belongs.
    pub fn redact(text: &str) -> Cow<'_, str> {
        let is_telling = |rest: &str| digits(rest) >= TELLING_DIGITS;
        let mut parts = text.split(Self::PREFIX);
        let first = parts.next().unwrap_or_default();
        if !parts.clone().any(is_telling) {
            return Cow::Borrowed(text);
        }
        Cow::Owned(parts.fold(first.to_owned(), |mut shown, part| {
            shown.push_str(Self::PREFIX);
            if is_telling(part) {
                shown.push('…');
                shown.push_str(&part[digits(part)..]);
            } else {
                shown.push_str(part);
            }
            shown
        }))
    }

    /// What is kept of it. One round of SHA-256 is enough: nobody can try out 192 random bits, as
    /// they could the passwords that people choose.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// The secret itself, to be shown to its user once.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// How many hexadecimal digits a text begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_hexdigit).count()
}

fn checksum(text: &str) -> String {
    let mut hex = Digest::of(text.as_bytes()).to_hex();
    hex.truncate(CHECKSUM_DIGITS);
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_as_it_was_made_and_with_one_wrong_digit_not_at_all() {
        let token = Token::new([0xa5; RANDOM_BYTES]);
        let text = token.expose();
        assert_eq!(Token::parse(text).unwrap(), token);
        assert!(!text.contains('.'));
        for at in 0..text.len() {
            let wrong = if &text[at..=at] == "0" { "1" } else { "0" };
            let typo = format!("{}{wrong}{}", &text[..at], &text[at + 1..]);
            assert_eq!(Token::parse(&typo), Err(InvalidToken), "{typo}");
        }
        for text in [
            "",
            "enact_",
            &text[..61],
            &format!("{text}0"),
            &text.to_uppercase(),
        ] {
            assert_eq!(Token::parse(text), Err(InvalidToken), "{text}");
        }
    }

    #[test]
    fn is_not_shown_by_accident() {
        let token = Token::new([7; RANDOM_BYTES]);
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert_ne!(token.digest(), Token::new([8; RANDOM_BYTES]).digest());
    }

    #[test]
    fn is_cut_off_where_it_does_not_belong() {
        let token = Token::new([0xa5; RANDOM_BYTES]);
        let token = token.expose();
        for (text, shown) in [
            (token.to_owned(), "enact_…"),
            (token.replace('a', "A").replace("enAct", "enact"), "enact_…"),
            (format!("x/{token}/y {token}"), "x/enact_…/y enact_…"),
            (token[..30].to_owned(), "enact_…"),
            ("enact_tools/greeter".to_owned(), "enact_tools/greeter"),
            ("enact_enact_bee".to_owned(), "enact_enact_bee"),
            (String::new(), ""),
        ] {
            assert_eq!(Token::redact(&text), shown, "{text}");
        }
    }
}
