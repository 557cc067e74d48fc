//! Words that differ in one letter: one too many, one missing, another one, or two swapped.

/// Shorter words of a query are taken as they are: nearly every other short word is one letter away.
pub(super) const MIN_CHARS: usize = 3;

/// Where to look for the words that are one letter away from a word: they share its first half or
/// its second, or have two letters swapped in the middle.
pub(super) struct Neighbourhood {
    word: Vec<char>,
}

impl Neighbourhood {
    /// None for words that are too short.
    pub(super) fn of(word: &str) -> Option<Self> {
        let word: Vec<char> = word.chars().collect();
        (word.len() >= MIN_CHARS).then_some(Self { word })
    }

    /// Starts of [`spellings`], one of which every neighbour has, but for the one of
    /// [`swapped`](Self::swapped).
    pub(super) fn starts(&self) -> [String; 6] {
        let length = self.word.len();
        let (first, second) = self.word.split_at(length / 2);
        let (first, second): (String, String) =
            (first.iter().collect(), second.iter().rev().collect());
        [length - 1, length, length + 1]
            .map(|length| [forwards(length, &first), backwards(length, &second)])
            .concat()
            .try_into()
            .unwrap_or_default()
    }

    /// The word with the two letters in its middle swapped.
    pub(super) fn swapped(&self) -> String {
        let mut word = self.word.clone();
        let middle = word.len() / 2;
        word.swap(middle - 1, middle);
        word.into_iter().collect()
    }

    /// The word that a spelling stands for, if it is one letter away.
    pub(super) fn neighbour(&self, spelling: &str) -> Option<String> {
        let (head, text) = spelling.split_at_checked(HEAD)?;
        let mut word: Vec<char> = text.chars().collect();
        if head.starts_with(BACKWARDS) {
            word.reverse();
        }
        one_letter_apart(&self.word, &word).then(|| word.into_iter().collect())
    }
}

/// A word as the index has it: forwards and backwards, each after its length.
pub(super) fn spellings(word: &str) -> [String; 2] {
    let length = word.chars().count();
    [
        forwards(length, word),
        backwards(length, &word.chars().rev().collect::<String>()),
    ]
}

const BACKWARDS: char = '<';
/// The direction and two digits. Words have at most 64 characters.
const HEAD: usize = 3;

fn forwards(length: usize, start: &str) -> String {
    format!(">{length:02}{start}")
}

fn backwards(length: usize, start: &str) -> String {
    format!("{BACKWARDS}{length:02}{start}")
}

/// Whether exactly one letter is added, missing, another, or swapped with the one beside it.
fn one_letter_apart(a: &[char], b: &[char]) -> bool {
    let same_start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same_start..], &b[same_start..]);
    let same_end = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    match (&a[..a.len() - same_end], &b[..b.len() - same_end]) {
        ([_], [] | [_]) | ([], [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All ways to change one letter of `word`.
    fn edits(word: &str) -> Vec<String> {
        let word: Vec<char> = word.chars().collect();
        let mut found = Vec::new();
        for at in 0..=word.len() {
            let (start, end) = word.split_at(at);
            let with = |middle: &[char], end: &[char]| [start, middle, end].concat();
            for letter in ['a', 'e', 'ü', 'z'] {
                found.push(with(&[letter], end));
                found.extend(end.get(1..).map(|end| with(&[letter], end)));
            }
            found.extend(end.get(1..).map(|end| with(&[], end)));
            if let [one, other, rest @ ..] = end {
                found.push(with(&[*other, *one], rest));
            }
        }
        let word: String = word.into_iter().collect();
        found
            .into_iter()
            .map(|edit| edit.into_iter().collect::<String>())
            .filter(|edit| *edit != word)
            .collect()
    }

    #[test]
    fn every_edit_is_found_from_either_side() {
        for word in ["abc", "lint", "greet", "aaaa", "überzug", "banana"] {
            for edit in edits(word) {
                let Some(query) = Neighbourhood::of(&edit) else {
                    assert!(edit.chars().count() < MIN_CHARS);
                    continue;
                };
                let found = spellings(word).iter().any(|spelling| {
                    query
                        .starts()
                        .iter()
                        .any(|start| spelling.starts_with(start))
                        && query.neighbour(spelling).as_deref() == Some(word)
                });
                assert!(found || query.swapped() == word, "{edit} for {word}");
            }
        }
    }

    #[test]
    fn two_letters_are_too_many() {
        for (query, word) in [
            ("greet", "green2"),
            ("abcd", "badc"),
            ("abc", "bca"),
            ("abc", "abc"),
        ] {
            let query = Neighbourhood::of(query).expect("a long word");
            for spelling in spellings(word) {
                assert_eq!(query.neighbour(&spelling), None, "{word}");
            }
        }
        assert!(Neighbourhood::of("ab").is_none());
    }
}
