//! Whether the license is one that programs recognise, as far as a short list tells.

use super::problem::{Problem, Rule, shown};
use super::source::Source;

/// The identifiers of SPDX that most skills have, and those few that could be taken for a slip in one of
/// them. Of others nothing is said: the list of SPDX has hundreds, and a license may have none.
const IDENTIFIERS: [&str; 39] = [
    "0BSD",
    "AGPL-3.0",
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "Apache-2.0",
    "Artistic-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BUSL-1.1",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "ECL-2.0",
    "EFL-2.0",
    "EPL-2.0",
    "EUPL-1.2",
    "GPL-2.0",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "ISC",
    "LGPL-2.0-only",
    "LGPL-2.0-or-later",
    "LGPL-2.1",
    "LGPL-2.1-only",
    "LGPL-2.1-or-later",
    "LGPL-3.0",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OSL-1.0",
    "Unlicense",
    "WTFPL",
    "Zlib",
];

/// What people write, in lower case, and what it is called there.
const OTHER_NAMES: [(&str, &str); 7] = [
    ("agplv3", "AGPL-3.0-only"),
    ("apache", "Apache-2.0"),
    ("apache2", "Apache-2.0"),
    ("bsd", "BSD-3-Clause"),
    ("gplv2", "GPL-2.0-only"),
    ("gplv3", "GPL-3.0-only"),
    ("lgplv3", "LGPL-3.0-only"),
];

/// The longest word that is looked at, in bytes.
const MAX_WORD: usize = 32;

/// Looks at each word of the license, which may be an expression like `MIT OR Apache-2.0`.
pub(super) fn check(source: &Source, problems: &mut Vec<Problem>) {
    let Some(license) = source.string("license") else {
        return;
    };
    let mut words = license.split(|char: char| char.is_whitespace() || matches!(char, '(' | ')'));
    let meant = words.find_map(|word| Some((word, meant(word.trim_end_matches('+'))?)));
    if let Some((word, meant)) = meant {
        let message = format!("{} is no SPDX identifier of a license", shown(word));
        let fix = format!("did you mean `{meant}`? (https://spdx.org/licenses)");
        let problem = Problem::warning(Rule::InvalidField, message, fix);
        let place = source.value(&["license"]);
        problems.push(problem.in_file(source.document.file).at(place));
    }
}

/// The identifier that was probably meant by a word that is none: the same in other letters, or but for
/// one letter. Other digits are another version.
fn meant(word: &str) -> Option<&'static str> {
    if word.len() > MAX_WORD || IDENTIFIERS.contains(&word) {
        return None;
    }
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let is_near = |id: &&&str| {
        word.eq_ignore_ascii_case(id)
            || word.len() >= 3 && digits(word) == digits(id) && strsim::osa_distance(word, id) == 1
    };
    let mut others = OTHER_NAMES.iter();
    let other = others.find(|(name, _)| word.eq_ignore_ascii_case(name));
    other
        .map(|(_, id)| *id)
        .or_else(|| IDENTIFIERS.iter().find(is_near).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant_and_leaves_alone_what_it_does_not_know() {
        for (word, expected) in [
            ("MITT", "MIT"),
            ("mit", "MIT"),
            ("Apache-2.0.", "Apache-2.0"),
            ("apache2", "Apache-2.0"),
            ("GPLv3", "GPL-3.0-only"),
            ("BSD-3-clause", "BSD-3-Clause"),
        ] {
            assert_eq!(meant(word), Some(expected), "{word}");
        }
        for word in [
            "MIT",
            "MIT-0",
            "LGPL-2.0-only",
            "GPL-1.0-only",
            "OSL-1.0",
            "BSD-1-Clause",
            "UNLICENSED",
            "Proprietary",
            "SEE",
            "OR",
            "AND",
            "WITH",
            "Classpath-exception-2.0",
            "LicenseRef-Own",
        ] {
            assert_eq!(meant(word), None, "{word}");
        }
    }
}
