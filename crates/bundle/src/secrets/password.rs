//! Whether a user's password, as in a URL, is one, or only stands for one.

use super::random::{entropy, is_placeholder};

/// Words that stand for a password, alone or at the end of others, as in `my_secret_password`.
const WORDS: [&str; 8] = [
    "password", "passwd", "pass", "secret", "token", "pw", "pwd", "key",
];

/// What everybody tries first, so that it can be no secret.
const KNOWN: [&str; 13] = [
    "admin",
    "changeit",
    "foobar",
    "guest",
    "hunter",
    "letmein",
    "open sesame",
    "opensesame",
    "postgres",
    "qwerty",
    "root",
    "test",
    "user",
];

/// How short a password may be, in bytes.
const LEAST: usize = 4;

/// Whether this is the password of `user` rather than a word, an example, or something to be filled in.
pub(super) fn is_one(user: &str, password: &str) -> bool {
    let is_filled_in = password.contains(['$', '{', '}', '[', ']', '<', '>', '\\'])
        || password.contains("...")
        || password
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    password.len() >= LEAST
        && password != user
        && !is_filled_in
        && !is_placeholder(user)
        && !is_placeholder(password)
        && !is_word(password)
        && entropy(password.as_bytes()) >= 1.0
}

fn is_word(password: &str) -> bool {
    let lower = password.to_ascii_lowercase();
    let bare = lower.trim_matches(|char: char| !char.is_ascii_alphabetic());
    let mut letters = bare.bytes();
    let is_letters = letters.all(|byte| byte.is_ascii_alphabetic() || b"-_.".contains(&byte));
    let plain: String = lower.chars().map(letter_of).collect();
    KNOWN.contains(&bare)
        || WORDS.contains(&plain.as_str())
        || is_letters && WORDS.iter().any(|word| bare.ends_with(word))
}

/// The letter that people write a digit or a sign for, as in `p4ssw0rd`.
fn letter_of(char: char) -> char {
    match char {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_passwords_from_what_stands_for_them() {
        for password in ["s3cr3tPa55", "hunter2x!", "correcthorse", "kX9%40mq"] {
            assert!(is_one("bob", password), "{password}");
        }
        for other in [
            "bob",
            "abc",
            "password",
            "Password1",
            "p4ssw0rd",
            "my-secret-password",
            "DB_PASSWORD",
            "{password}",
            "$PASS",
            "[pw]",
            "your-pass-1",
            "hunter2",
            "admin123",
            "******",
            "ab...yz",
        ] {
            assert!(!is_one("bob", other), "{other}");
        }
    }
}
