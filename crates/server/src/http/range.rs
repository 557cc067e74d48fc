//! Parts of a representation (RFC 9110, section 14).

use std::ops::Range;

use axum::http::{HeaderMap, header};

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Requested {
    /// All of it.
    Whole,
    /// These bytes, at least one.
    Part(Range<u64>),
    /// Bytes that there are not.
    Unsatisfiable,
}

/// What a GET asks for of a representation of `size` bytes that has the strong tag `etag`.
///
/// Everything but one range of bytes is ignored, as a server may do with what it does not
/// understand (section 14.2): several ranges would need a body of another form.
pub(crate) fn requested(headers: &HeaderMap, etag: &str, size: u64) -> Requested {
    let mut ranges = headers.get_all(header::RANGE).iter();
    let (Some(range), None) = (ranges.next(), ranges.next()) else {
        return Requested::Whole;
    };
    // Anything but the same strong tag (section 13.1.5), dates included, as we tell none.
    let mut conditions = headers.get_all(header::IF_RANGE).iter();
    if conditions.any(|condition| condition.as_bytes() != etag.as_bytes()) {
        return Requested::Whole;
    }
    range
        .to_str()
        .ok()
        .and_then(|range| parse(range, size))
        .unwrap_or(Requested::Whole)
}

/// `None` for what is not one range of bytes.
fn parse(range: &str, size: u64) -> Option<Requested> {
    let (unit, range) = range.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = range.trim_matches([' ', '\t']).split_once('-')?;
    let part = if first.is_empty() {
        size.saturating_sub(number(last)?)..size
    } else {
        let first = number(first)?;
        let end = if last.is_empty() {
            size
        } else {
            let last = number(last)?;
            if last < first {
                return None;
            }
            last.saturating_add(1).min(size)
        };
        first..end
    };
    Some(if part.is_empty() {
        Requested::Unsatisfiable
    } else {
        Requested::Part(part)
    })
}

/// Digits alone. A number beyond every size is as good as the largest one.
fn number(digits: &str) -> Option<u64> {
    let valid = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    valid.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &str) -> Requested {
        parse(range, 10).unwrap_or(Requested::Whole)
    }

    #[test]
    fn one_range_of_bytes_is_understood() {
        for (range, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=2-5", 2..6),
            ("bytes=2-", 2..10),
            ("bytes=-3", 7..10),
            ("bytes=-11", 0..10),
            ("bytes=0-99999999999999999999999", 0..10),
            ("bytes=9-18446744073709551615", 9..10),
            ("Bytes= 1-2 ", 1..3),
        ] {
            assert_eq!(of(range), Requested::Part(part), "{range}");
        }
    }

    #[test]
    fn a_range_without_a_byte_is_unsatisfiable() {
        for range in [
            "bytes=10-",
            "bytes=10-20",
            "bytes=-0",
            "bytes=18446744073709551615-",
            "bytes=99999999999999999999999-99999999999999999999999",
        ] {
            assert_eq!(of(range), Requested::Unsatisfiable, "{range}");
        }
    }

    #[test]
    fn everything_else_is_ignored() {
        for range in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=5-2",
            "bytes=1-2,4-5",
            "bytes=1-2,",
            "bytes=+1-2",
            "bytes=1--2",
            "bytes=0x1-2",
            "items=0-1",
            "bytes =0-1",
            "bytes=1 -2",
            "bytes=\u{661}-2",
        ] {
            assert_eq!(of(range), Requested::Whole, "{range}");
        }
    }

    #[test]
    fn if_range_takes_the_same_strong_tag_alone() {
        let etag = "\"sha256:ab\"";
        for (condition, expected) in [
            (None, Requested::Part(0..1)),
            (Some(etag), Requested::Part(0..1)),
            (Some("W/\"sha256:ab\""), Requested::Whole),
            (Some("\"other\""), Requested::Whole),
            (Some("Wed, 21 Oct 2015 07:28:00 GMT"), Requested::Whole),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, "bytes=0-0".parse().unwrap());
            if let Some(condition) = condition {
                headers.insert(header::IF_RANGE, condition.parse().unwrap());
            }
            assert_eq!(requested(&headers, etag, 10), expected, "{condition:?}");
            headers.append(header::RANGE, "bytes=1-1".parse().unwrap());
            assert_eq!(requested(&headers, etag, 10), Requested::Whole);
        }
    }
}
