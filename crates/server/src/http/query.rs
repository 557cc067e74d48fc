//! Query strings, read so that a request never fails for how it was asked: whatever is not
//! understood is as if it were not there.

use std::borrow::Cow;

use enact_registry::Page;

/// The pairs of a query string; what is not UTF-8 in them becomes U+FFFD.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    url::form_urlencoded::parse(query.as_bytes())
}

/// The last value of `name`.
pub(crate) fn value<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    pairs(query)
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value)
        .last()
}

/// Whether `name` is `true`.
pub(crate) fn is_true(query: &str, name: &str) -> bool {
    value(query, name).is_some_and(|value| value == "true")
}

/// The rows that `limit` and `offset` ask for.
pub(crate) fn page(query: &str) -> Page {
    page_named(query, "limit", "offset")
}

/// The rows that parameters of these names ask for.
pub(crate) fn page_named(query: &str, limit: &str, offset: &str) -> Page {
    Page {
        limit: value(query, limit).and_then(|text| number(&text)),
        offset: value(query, offset)
            .and_then(|text| number(&text))
            .unwrap_or(0),
    }
}

fn number(text: &str) -> Option<u32> {
    let number: f64 = text
        .trim()
        .parse()
        .ok()
        .filter(|number: &f64| !number.is_nan())?;
    // Saturates, so a huge limit means "as many as possible" and a negative offset none.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, which is meant"
    )]
    Some(number as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_anything() {
        assert_eq!(page("limit=x&offset=-1"), Page::default());
        assert_eq!(
            page("limit=1e99&offset=1e99"),
            Page {
                limit: Some(u32::MAX),
                offset: u32::MAX
            }
        );
        assert_eq!(page("limit=NaN"), Page::default());
        assert_eq!(value("a=1&a=2&b", "a").as_deref(), Some("2"));
        assert!(is_true("x=true", "x") && !is_true("x=1", "x") && !is_true("", "x"));
    }
}
