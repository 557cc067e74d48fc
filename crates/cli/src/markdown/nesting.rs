//! Text that opens thousands of quotes and lists at once: the parser goes through all that are open on
//! every line.

use std::borrow::Cow;

/// How many marks of quotes and lists in front of a line count.
const MAX_MARKS: usize = 100;

/// The text, without the marks beyond [`MAX_MARKS`] in front of any line.
pub(super) fn bounded(text: &str) -> Cow<'_, str> {
    if text
        .split_inclusive(['\n', '\r'])
        .all(|line| excess(line).is_none())
    {
        return Cow::Borrowed(text);
    }
    let mut bounded = String::with_capacity(text.len());
    for line in text.split_inclusive(['\n', '\r']) {
        let (start, rest) = excess(line).unwrap_or((line, ""));
        bounded.push_str(start);
        bounded.push_str(rest);
    }
    Cow::Owned(bounded)
}

/// What stands before and behind the marks that are too many, if there are.
fn excess(line: &str) -> Option<(&str, &str)> {
    let mut rest = line;
    let mut kept = None;
    for count in 0.. {
        if count == MAX_MARKS {
            kept = Some(line.len() - rest.len());
        }
        match after_mark(rest) {
            Some(after) => rest = after,
            None => break,
        }
    }
    kept.map(|length| (&line[..length], rest))
}

/// What follows if this starts with a mark.
fn after_mark(text: &str) -> Option<&str> {
    const SPACE: [char; 2] = [' ', '\t'];
    let text = text.trim_start_matches(SPACE);
    if let Some(quoted) = text.strip_prefix('>') {
        return Some(quoted);
    }
    let numbered = text.trim_start_matches(|char: char| char.is_ascii_digit());
    let item = if numbered.len() < text.len() {
        numbered.strip_prefix(['.', ')'])
    } else {
        text.strip_prefix(['-', '+', '*'])
    };
    item.filter(|item| item.starts_with(SPACE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_nothing_but_marks_that_are_too_many() {
        for fine in [
            "",
            "> - 1. * + 2) a\r\n\n    ---\n",
            &"123456789".repeat(1_000),
            &" ".repeat(10_000),
            &"-".repeat(10_000),
            &"1.".repeat(1_000),
            &">".repeat(MAX_MARKS),
        ] {
            assert_eq!(bounded(fine), fine);
        }
        let deep = format!("a\r{}b\n{}\nc", "> 1. - ".repeat(1_000), ">".repeat(101));
        let kept = bounded(&deep);
        let lines: Vec<_> = kept.split(['\r', '\n']).collect();
        assert_eq!(lines.len(), 4);
        let marks = |line: &str| line.matches(['>', '.', '-']).count();
        assert_eq!([marks(lines[1]), marks(lines[2])], [MAX_MARKS; 2]);
        assert!(lines[1].starts_with("> 1. - > 1. - ") && lines[1].ends_with(" b"));
        assert_eq!((lines[0], lines[3]), ("a", "c"));
    }
}
