//! Whether scripts start as systems want them to.

use std::fs::File;
use std::io::Read as _;

use super::files::Found;
use super::problem::{Place, Problem, Rule};
use crate::error::PackError;

/// How much of a first line systems read, in bytes.
const FIRST_LINE_BYTES: u64 = 256;

/// Looks at the first line of each file. Fails only if the disk does.
pub(super) fn check(files: &[Found], problems: &mut Vec<Problem>) -> Result<(), PackError> {
    for file in files {
        let mut start = Vec::new();
        File::open(&file.source)
            .and_then(|file| file.take(FIRST_LINE_BYTES).read_to_end(&mut start))
            .map_err(|source| PackError::Read {
                path: file.source.clone(),
                source,
            })?;
        let first = start.split_inclusive(|byte| *byte == b'\n').next();
        if first.is_some_and(|line| line.starts_with(b"#!") && line.ends_with(b"\r\n")) {
            let message = "the first line ends with CR LF, so that its program is not found";
            let fix = "end the lines with LF, as by `dos2unix`, and have git keep them so: `eol=lf` in .gitattributes";
            let problem = Problem::warning(Rule::NotExecutable, message, fix);
            let place = Place { line: 1, column: 1 };
            problems.push(problem.in_file(&file.path).at(Some(place)));
        }
    }
    Ok(())
}
