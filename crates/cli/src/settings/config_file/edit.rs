//! Changes one line of a YAML text, so that comments and order stay.
//!
//! This knows no more of YAML than files that people write by hand have: sections that are indented.
//! What comes out is not believed; whoever calls reads it and compares.

use std::ops::Range;

/// `text` with `scalar` as the value of the setting whose name has these parts: in the line that has it
/// already, or in a new one at the end of its section. `None` if that is no matter of one line.
pub(super) fn set(text: &str, parts: &[&str], scalar: &str) -> Option<String> {
    let plain = |part: &&str| {
        part.chars()
            .all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-'))
    };
    if !parts.iter().all(plain) || scalar.contains('\n') {
        return None;
    }
    let mut new = text.to_owned();
    match find(text, parts) {
        Place::Value(range) => new.replace_range(range, &format!(" {scalar}")),
        Place::End { at, indent, known } => {
            let break_before = if at > 0 && !text[..at].ends_with('\n') {
                "\n"
            } else {
                ""
            };
            let lines = lines(&parts[known..], indent, scalar);
            new.insert_str(at, &format!("{break_before}{lines}"));
        }
    }
    Some(new)
}

/// Where something goes.
enum Place {
    /// The rest of a line behind `name:`, without the comment.
    Value(Range<usize>),
    /// Behind a section.
    End {
        /// Where the section ends, in bytes.
        at: usize,
        /// How far its settings are indented.
        indent: usize,
        /// How many parts of the name are those of sections that are there.
        known: usize,
    },
}

fn find(text: &str, parts: &[&str]) -> Place {
    // How far the names of the sections around are indented, and the settings of the innermost.
    let mut known = 0;
    let mut outer = None;
    let mut indent = Some(0);
    let (mut start, mut end) = (0, 0);
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let content = line.trim_start_matches(' ');
        if content.trim().is_empty() || content.starts_with('#') {
            continue;
        }
        let depth = line.len() - content.len();
        if outer.is_some_and(|outer| depth <= outer) {
            break;
        }
        end = start;
        if depth != *indent.get_or_insert(depth) {
            continue;
        }
        let Some(rest) = content
            .strip_prefix(parts[known])
            .and_then(|rest| rest.strip_prefix(':'))
        else {
            continue;
        };
        known += 1;
        if known == parts.len() {
            let from = at + line.len() - rest.len();
            return Place::Value(from..from + value_length(rest));
        }
        (outer, indent) = (Some(depth), None);
    }
    let indent = indent.unwrap_or_else(|| outer.map_or(0, |outer| outer + 2));
    // What a file ends with may be a comment about nothing in particular.
    let at = if known == 0 { text.len() } else { end };
    Place::End { at, indent, known }
}

/// How much of the rest of a line is the value: not the comment behind it.
fn value_length(rest: &str) -> usize {
    let value = rest.trim_start();
    let lead = rest.len() - value.len();
    let length = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].find(quote).map_or(value.len(), |end| end + 2),
        None | Some('#') => return 0,
        _ => value.find(" #").unwrap_or(value.len()),
    };
    lead + value[..length].trim_end().len()
}

/// The lines that have a setting in the sections that are missing.
fn lines(parts: &[&str], indent: usize, scalar: &str) -> String {
    let last = parts.len() - 1;
    let line = |(depth, part): (usize, &&str)| {
        let value = if depth == last {
            format!(" {scalar}")
        } else {
            String::new()
        };
        let indent = indent + 2 * depth;
        format!("{:indent$}{part}:{value}\n", "")
    };
    parts.iter().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# mine
version: 1.0.0
registry: # the one at work
  other:
    url: http://deeper
  url: 'http://old'  # since 2024
  # nothing more

trust:
    policy: prompt
# the end
";

    #[test]
    fn changes_a_value_and_nothing_else() {
        let new = set(TEXT, &["registry", "url"], "http://new").unwrap();
        assert_eq!(new, TEXT.replace("'http://old'", "http://new"));
        let new = set(TEXT, &["version"], "2").unwrap();
        assert_eq!(new, TEXT.replace("1.0.0", "2"));
        assert_eq!(set("a:\r\n", &["a"], "1").unwrap(), "a: 1\r\n");
    }

    #[test]
    fn adds_to_the_section_that_is_there() {
        let new = set(TEXT, &["trust", "more"], "1").unwrap();
        assert_eq!(new, TEXT.replace("prompt\n", "prompt\n    more: 1\n"));
        let new = set(TEXT, &["cache", "maxSizeMb"], "1").unwrap();
        assert_eq!(new, format!("{TEXT}cache:\n  maxSizeMb: 1\n"));
        assert_eq!(set("a: 1", &["b"], "2").unwrap(), "a: 1\nb: 2\n");
        assert_eq!(set("", &["a", "b"], "2").unwrap(), "a:\n  b: 2\n");
        assert_eq!(
            set("a:\nb: 1\n", &["a", "c"], "2").unwrap(),
            "a:\n  c: 2\nb: 1\n"
        );
    }
}
