//! Likely secrets in the files that would be packed.

use std::fs::File;

use super::files::Found;
use super::problem::{Place, Problem, Rule};
use crate::error::PackError;
use crate::secrets;

const FIX: &str = "take it out and have it come from the environment; if it is a real one that anybody has seen, revoke it; if it is none, say so in a comment on the line: enact:allow-secret";

/// Looks at each file, and gives those that were looked at in part, as they are large. Fails only if
/// the disk does.
pub(super) fn check(
    files: &[Found],
    problems: &mut Vec<Problem>,
) -> Result<Vec<String>, PackError> {
    let mut cut = Vec::new();
    for file in files {
        let scan = File::open(&file.source).and_then(secrets::scan);
        let scan = scan.map_err(|source| PackError::Read {
            path: file.source.clone(),
            source,
        })?;
        for secret in scan.found {
            let message = format!("this looks like {}: {}", secret.kind, secret.shown);
            let place = Place {
                line: secret.line,
                column: secret.column,
            };
            let problem = Problem::warning(Rule::LikelySecret, message, FIX);
            problems.push(problem.in_file(&file.path).at(Some(place)));
        }
        if scan.is_cut {
            cut.push(file.path.clone());
        }
    }
    Ok(cut)
}
