//! Likely secrets in texts: tokens of known services, private keys, passwords in assignments.
//!
//! A warning and no proof: what has no telling form is not found, and what only looks like a secret
//! is excused by a comment. Nothing of a secret itself is ever part of what is reported.

mod assignment;
mod authorization;
mod password;
mod private_key;
mod random;
mod token;
mod url;

use std::io::{self, Read};

use enact_types::limits::{MAX_SCANNED_BYTES, MAX_SECRETS_PER_FILE};

/// A file that has a NUL in so many bytes is no text.
const SNIFFED_BYTES: usize = 8 * 1024;

/// In a comment on the line of a secret, or on the one before, says that it is none.
const EXCUSE: &[u8] = b"enact:allow-secret";

/// What was found in a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    pub(crate) found: Vec<LikelySecret>,
    /// Whether there is more text than was looked at.
    pub(crate) is_cut: bool,
}

/// Something that looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LikelySecret {
    /// The line, counted from 1.
    pub(crate) line: u32,
    /// The column, in characters, counted from 1.
    pub(crate) column: u32,
    /// What it looks like, as in "a GitHub token".
    pub(crate) kind: &'static str,
    /// What helps to find it without giving it away, as in `ghp_…`.
    pub(crate) shown: String,
}

/// Something on one line that looks like a secret.
struct Match {
    /// Where it starts, in bytes.
    start: usize,
    /// Where it ends.
    end: usize,
    kind: &'static str,
    shown: String,
}

/// Looks at the first [`MAX_SCANNED_BYTES`] of a file, if it is a text.
pub(crate) fn scan(file: impl Read) -> io::Result<Scan> {
    let mut bytes = Vec::new();
    file.take(MAX_SCANNED_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.iter().take(SNIFFED_BYTES).any(|byte| *byte == 0) {
        return Ok(Scan::default());
    }
    let is_cut = bytes.len() as u64 > MAX_SCANNED_BYTES;
    Ok(Scan {
        found: find(&bytes),
        is_cut,
    })
}

fn find(text: &[u8]) -> Vec<LikelySecret> {
    let mut found = Vec::new();
    let mut excused = false;
    let mut start = 0;
    for (line, number) in text.split(|byte| *byte == b'\n').zip(1..) {
        let excuse = contains(line, EXCUSE);
        if !excuse && !excused {
            for found_here in of_line(line, &text[start..]) {
                if found.len() == MAX_SECRETS_PER_FILE {
                    return found;
                }
                let before = String::from_utf8_lossy(&line[..found_here.start]);
                found.push(LikelySecret {
                    line: number,
                    column: u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX),
                    kind: found_here.kind,
                    shown: found_here.shown,
                });
            }
        }
        excused = excuse;
        start += line.len() + 1;
    }
    found
}

/// What is on one line; `rest` starts with it and goes on to the end of the text.
fn of_line(line: &[u8], rest: &[u8]) -> Vec<Match> {
    let mut matches = token::find(line);
    let more = private_key::find(line, rest)
        .into_iter()
        .chain(url::find(line))
        .chain(authorization::find(line))
        .chain(assignment::find(line));
    for other in more {
        // A token in an assignment is one secret, named by what it is for sure.
        if !matches
            .iter()
            .any(|one| one.start < other.end && other.start < one.end)
        {
            matches.push(other);
        }
    }
    matches.sort_by_key(|found| found.start);
    matches
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// How many bytes from the start are of a kind, at most `most`.
fn count(bytes: &[u8], most: usize, kind: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .take(most)
        .take_while(|byte| kind(**byte))
        .count()
}
