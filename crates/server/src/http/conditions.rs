//! Conditional reads (RFC 9110, section 13).

use axum::http::{HeaderMap, HeaderName, header};

/// What the conditions of a request come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Answer as without them.
    Proceed,
    /// The client has it already: 304.
    NotModified,
    /// It is not what the client wants: 412.
    Failed,
}

/// Evaluates `If-Match` and `If-None-Match` of a read, in that order (section 13.2.2), against the
/// strong tag of what is there. Conditions of time are ignored: nothing here states one.
pub(crate) fn evaluate(headers: &HeaderMap, etag: &str) -> Verdict {
    if headers.contains_key(header::IF_MATCH) && !names(headers, header::IF_MATCH, etag, false) {
        Verdict::Failed
    } else if names(headers, header::IF_NONE_MATCH, etag, true) {
        Verdict::NotModified
    } else {
        Verdict::Proceed
    }
}

/// Whether a list of tags names this one, or any. Weak tags compare like strong ones if `weakly`.
fn names(headers: &HeaderMap, header: HeaderName, etag: &str, weakly: bool) -> bool {
    headers.get_all(header).iter().any(|value| {
        let value = value.as_bytes();
        value.trim_ascii() == b"*"
            || value.split(|byte| *byte == b',').any(|tag| {
                let tag = tag.trim_ascii();
                let tag = match tag.strip_prefix(b"W/") {
                    Some(opaque) if weakly => opaque,
                    _ => tag,
                };
                tag == etag.as_bytes()
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(pairs: &[(HeaderName, &str)]) -> Verdict {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value.parse().unwrap());
        }
        evaluate(&headers, "\"sha256:ab\"")
    }

    #[test]
    fn if_none_match_takes_lists_and_weak_tags() {
        for value in [
            "\"sha256:ab\"",
            "W/\"sha256:ab\"",
            "\"x\", \"sha256:ab\"",
            "*",
        ] {
            assert_eq!(
                verdict(&[(header::IF_NONE_MATCH, value)]),
                Verdict::NotModified,
                "{value}"
            );
        }
        for value in ["sha256:ab", "\"sha256:a\"", "", "\"x\""] {
            assert_eq!(
                verdict(&[(header::IF_NONE_MATCH, value)]),
                Verdict::Proceed,
                "{value}"
            );
        }
    }

    #[test]
    fn if_match_takes_strong_tags_alone_and_comes_first() {
        for value in ["\"sha256:ab\"", "\"x\", \"sha256:ab\"", "*"] {
            assert_eq!(
                verdict(&[(header::IF_MATCH, value)]),
                Verdict::Proceed,
                "{value}"
            );
        }
        for value in ["\"x\"", "W/\"sha256:ab\"", ""] {
            let conditions = [(header::IF_MATCH, value), (header::IF_NONE_MATCH, "*")];
            assert_eq!(verdict(&conditions), Verdict::Failed, "{value}");
        }
    }
}
