//! What of the settings is never shown.

use serde_json::Value;
use url::Url;

/// What stands in the place of a secret.
pub(crate) const MASK: &str = "•••••••• (not shown)";

/// What the part of an address that may hold a password becomes.
const MASKED_PART: &str = "••••";

/// Whether a setting of this name holds a secret: whether it calls itself a token, a secret, a password
/// or a key. Of a dotted name the last part says so.
pub(crate) fn is_secret(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let last = last.to_ascii_lowercase();
    let says = ["token", "secret", "password", "passwd", "credential"];
    says.iter().any(|word| last.contains(word)) || last.ends_with("key")
}

/// Whether a text looks like a token, whatever the setting is called that it is for.
pub(crate) fn looks_like_token(text: &str) -> bool {
    let is_jwt = text.starts_with("eyJ") && text.matches('.').count() == 2;
    is_jwt || text.starts_with(enact_types::Token::PREFIX)
}

/// A setting as it may be shown.
pub(crate) fn shown(name: &str, value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        // Also a list or a section under such a name.
        _ if is_secret(name) => Value::from(MASK),
        Value::String(text) => Value::from(shown_text(text)),
        Value::Array(values) => values.iter().map(|value| shown("", value)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            fields
                .map(|(name, value)| (name.clone(), shown(name, value)))
                .collect()
        }
        other => other.clone(),
    }
}

/// A text as it may be shown: tokens are masked, and of an address whatever may be a password.
pub(crate) fn shown_text(text: &str) -> String {
    if looks_like_token(text) {
        return MASK.to_owned();
    }
    match Url::parse(text) {
        Ok(url) if url.has_authority() => shown_url(&url, text),
        // `user:password@host` is how proxies are given too.
        _ if text.contains('@') && text.contains(':') && !text.contains(char::is_whitespace) => {
            MASK.to_owned()
        }
        _ => text.to_owned(),
    }
}

fn shown_url(url: &Url, text: &str) -> String {
    let plain = url.username().is_empty() && url.password().is_none();
    if plain && url.query().is_none() && url.fragment().is_none() {
        return text.to_owned();
    }
    let user = if plain {
        String::new()
    } else {
        format!("{MASKED_PART}@")
    };
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    let rest = if url.query().is_some() || url.fragment().is_some() {
        format!("?{MASKED_PART}")
    } else {
        String::new()
    };
    format!("{}://{user}{host}{port}{}{rest}", url.scheme(), url.path())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "registry.authToken",
            "a.client_secret",
            "PASSWORD",
            "apiKey",
            "ENACT_REGISTRY_API_KEY",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "registry.url",
            "token.kind",
            "R2_ACCESS_KEY_ID",
            "cache.maxSizeMb",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn addresses_are_shown_without_what_may_be_a_password() {
        for (text, expected) in [
            ("https://x.example/v1", "https://x.example/v1"),
            ("https://a:s3cret@x.example/v1", "https://••••@x.example/v1"),
            (
                "postgres://s3cret@h:5/db?password=s3cret",
                "postgres://••••@h:5/db?••••",
            ),
            ("a:s3cret@proxy:3128", MASK),
            ("github:alice@example.org", MASK),
            ("plain words: a@b", "plain words: a@b"),
            ("eyJhbGciOi.s3cret.x", MASK),
        ] {
            assert_eq!(shown_text(text), expected);
        }
    }

    #[test]
    fn secrets_inside_of_values_are_not_shown_either() {
        let value =
            json!({"url": "https://x", "authToken": "s3cret", "keys": [{"key": ["s3cret"]}]});
        let expected = json!({"url": "https://x", "authToken": MASK, "keys": [{"key": MASK}]});
        assert_eq!(shown("registry", &value), expected);
    }
}
