//! Passwords in URLs.

use enact_types::limits::MAX_SECRETS_PER_FILE;

use super::{Match, password};

/// URLs on this line that have a user and a password in front of the host.
pub(super) fn find(line: &[u8]) -> Vec<Match> {
    const SEPARATOR: &[u8] = b"://";
    let mut matches = Vec::new();
    let starts = line.windows(SEPARATOR.len()).enumerate();
    for (at, _) in starts.filter(|(_, window)| *window == SEPARATOR) {
        if matches.len() == MAX_SECRETS_PER_FILE {
            break;
        }
        let start = at + SEPARATOR.len();
        let authority = line[start..]
            .iter()
            .take(256)
            .take_while(|byte| byte.is_ascii_graphic() && !b"/\"'`<>?#".contains(byte))
            .count();
        let authority = std::str::from_utf8(&line[start..start + authority]).unwrap_or_default();
        let Some((user, _)) = authority.rsplit_once('@') else {
            continue;
        };
        let Some((name, word)) = user.split_once(':') else {
            continue;
        };
        // Whatever the host is called: many real ones have "example" in their names.
        if password::is_one(name, word) {
            matches.push(Match {
                start,
                end: start + user.len(),
                kind: "a password in a URL",
                shown: "://…:…@".to_owned(),
            });
        }
    }
    matches
}
