//! What `SKILL.md` says to agents: whether there is anything, and where its links lead.

use enact_types::limits::MAX_PATH_BYTES;

use super::problem::Place;

/// How many links of a text are looked at: no bundle has more files than that.
const MAX_LINKS: usize = 10_000;

/// How far a link's end is looked for, in bytes.
const MAX_TARGET_BYTES: usize = 2 * MAX_PATH_BYTES;

/// A link to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) target: Target,
    pub(super) place: Place,
}

/// Where a link to a file leads, without anchor and query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A path inside the skill's folder, without `.` and `..`.
    Inside(String),
    /// As it is written: it leads out of that folder.
    Outside(String),
}

/// The first [`MAX_LINKS`] links to files of a Markdown text, inline ones like `[text](path)` outside of code. The first
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
        if let Some(target) = end_of_link(&line[from..]).and_then(file) {
            let column = u32::try_from(chars + 1).unwrap_or(u32::MAX);
            let place = Place {
                line: number,
                column,
            };
            links.push(Link { target, place });
        }
    }
}

/// The target of a link whose text starts behind its opening bracket; none if it is longer than any
/// path.
fn end_of_link(rest: &str) -> Option<&str> {
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

/// The file that a target leads to, seen from the top of the folder; none if it is something else, like
/// a URL, or is filled in.
fn file(target: &str) -> Option<Target> {
    let written = target.split(['#', '?']).next()?;
    let is_file = (1..=MAX_PATH_BYTES).contains(&written.len())
        && !written.starts_with("//")
        && !written.contains([':', '{', '$', '\\']);
    let path = decoded(is_file.then_some(written)?)?;
    let outside = || Some(Target::Outside(path.clone()));
    if path.starts_with('/') {
        return outside();
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            ".." if parts.pop().is_none() => return outside(),
            "" | "." | ".." => {}
            _ => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| Target::Inside(parts.join("/")))
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
[out](https://example.org/x) [cdn](//example.org/x) [anchor](#top) [mail](mailto:a@b)
`[code](no.md)` but `x` [d](d.md#part)
```
[fenced](no.md)
```
    [indented](no.md)
[fill](data/{{x}}.md)
[e](e/)
[abs](/etc/x) [up](docs/../../x#y) [here](./docs/../f.md) [top](docs/..)
";
        let found: Vec<_> = links(text, 5)
            .into_iter()
            .map(|link| (link.target, link.place.line, link.place.column))
            .collect();
        let inside = |path: &str| Target::Inside(path.to_owned());
        let outside = |path: &str| Target::Outside(path.to_owned());
        let expected = [
            (inside("references/a.md"), 5, 9),
            (inside("img/b c.png"), 5, 32),
            (inside("x y.md"), 5, 66),
            (inside("d.md"), 7, 29),
            (inside("e"), 13, 5),
            (outside("/etc/x"), 14, 7),
            (outside("docs/../../x"), 14, 20),
            (inside("f.md"), 14, 43),
        ];
        assert_eq!(found, expected);
    }
}
