//! What `SKILL.md` says to agents: whether there is anything, and where its links lead.

use enact_types::limits::MAX_PATH_BYTES;

use super::problem::Place;

/// How many links of a text are looked at: no bundle has more files than that.
const MAX_LINKS: usize = 10_000;

/// How far a link's end is looked for, in bytes.
const MAX_TARGET_BYTES: usize = 2 * MAX_PATH_BYTES;

/// A relative link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// The path inside the skill's folder, without anchor and query.
    pub(super) path: String,
    pub(super) place: Place,
}

/// The first [`MAX_LINKS`] relative links of a Markdown text, inline ones like `[text](path)` outside of code. The first
/// line of `text` is line `first_line` of its file.
pub(super) fn links(text: &str, first_line: u32) -> Vec<Link> {
    let mut links = Vec::new();
    let mut fence: Option<&str> = None;
    for (line, number) in text.lines().zip(first_line..) {
        if links.len() >= MAX_LINKS {
            links.truncate(MAX_LINKS);
            break;
        }
        let start = line.trim_start();
        if let Some(mark) = ["```", "~~~"]
            .into_iter()
            .find(|mark| start.starts_with(mark))
        {
            match fence {
                None => fence = Some(mark),
                Some(open) if open == mark => fence = None,
                Some(_) => {}
            }
            continue;
        }
        let is_code = fence.is_some() || line.starts_with("    ") || line.starts_with('\t');
        if !is_code {
            of_line(line, number, &mut links);
        }
    }
    links
}

fn of_line(line: &str, number: u32, links: &mut Vec<Link>) {
    // Counted on from link to link, so that a line of many takes no longer than its length.
    let (mut counted, mut backticks, mut chars) = (0, 0, 0);
    for (at, found) in line.match_indices("](") {
        let from = at + found.len();
        let passed = &line[counted..from];
        backticks += passed.matches('`').count();
        chars += passed.chars().count();
        counted = from;
        // An odd number of backticks before it: inside of code.
        if backticks % 2 == 1 {
            continue;
        }
        let Some(target) = target(&line[from..]) else {
            continue;
        };
        if let Some(path) = own_path(target) {
            let column = u32::try_from(chars + 1).unwrap_or(u32::MAX);
            let place = Place {
                line: number,
                column,
            };
            links.push(Link { path, place });
        }
    }
}

/// The target of a link whose text starts behind its opening bracket; none if it is longer than any
/// path.
fn target(rest: &str) -> Option<&str> {
    let rest = rest.trim_start();
    let (rest, ends): (_, &[u8]) = match rest.strip_prefix('<') {
        Some(rest) => (rest, b">"),
        None => (rest, b") "),
    };
    let mut near = rest.bytes().take(MAX_TARGET_BYTES);
    match near.position(|byte| ends.contains(&byte)) {
        Some(end) => rest.get(..end),
        None => (rest.len() <= MAX_TARGET_BYTES).then_some(rest),
    }
}

/// The path that a target leads to, if that is inside the folder.
fn own_path(target: &str) -> Option<String> {
    let path = target.split(['#', '?']).next()?;
    let path = path.strip_prefix("./").unwrap_or(path);
    let is_relative = (1..=MAX_PATH_BYTES).contains(&path.len())
        && !path.starts_with('/')
        && !path.contains(':')
        && !path.contains(['{', '$', '\\'])
        && path.split('/').all(|part| !matches!(part, "." | ".."));
    is_relative.then(|| decoded(path))?
}

/// With `%20` and the like taken back; none if that is not well-formed.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, more)) = rest.split_first() {
        rest = more;
        if first == b'%' {
            let (digits, more) = rest.split_at_checked(2)?;
            let digits = std::str::from_utf8(digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = more;
        } else {
            bytes.push(first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_relative_links_outside_of_code() {
        let text = "\
See [a](references/a.md), ![b](./img/b%20c.png \"title\") and ü[c](<x y.md>).
[out](https://example.org/x) [abs](/etc) [up](../x) [anchor](#top) [mail](mailto:a@b)
`[code](no.md)` but `x` [d](d.md#part)
```
[fenced](no.md)
```
    [indented](no.md)
[fill](data/{{x}}.md)
[e](e/)
";
        let found: Vec<_> = links(text, 5)
            .into_iter()
            .map(|link| (link.path, link.place.line, link.place.column))
            .collect();
        let expected = [
            ("references/a.md", 5, 9),
            ("img/b c.png", 5, 32),
            ("x y.md", 5, 66),
            ("d.md", 7, 29),
            ("e/", 13, 5),
        ];
        let expected = expected.map(|(path, line, column)| (path.to_owned(), line, column));
        assert_eq!(found, expected);
    }
}
