//! What a list of the index is called: a letter for its kind, then what its tools have in common.

use super::words::words;

/// Prefixes up to this many characters have lists of their own, since too many words start so to
/// read the lists of all of them.
pub(super) const MAX_PREFIX_CHARS: usize = 3;

/// Words that start with the same so many characters are in one row. More than a prefix's, so that
/// a row of words has all that start as a longer prefix does.
const GROUP_CHARS: usize = MAX_PREFIX_CHARS + 1;

/// Every tool that can be found, with its downloads.
pub(super) const ALL: &str = "*";

/// Tools with the word.
pub(super) fn word(word: &str) -> String {
    format!("t{word}")
}

/// The word of a list of [`word`]; of a row, what its words start with.
pub(super) fn word_of(key: &str) -> Option<&str> {
    key.strip_prefix('t')
}

/// The row that has a list, and the list's name in it: for a word all but its first characters, for
/// others nothing.
pub(super) fn row_of(key: &str) -> (&str, &str) {
    let end = word_of(key).and_then(|word| word.char_indices().nth(GROUP_CHARS));
    match end {
        // Behind the letter for its kind.
        Some((end, _)) => key.split_at(1 + end),
        None => (key, ""),
    }
}

/// Tools with a word that starts so; for prefixes of at most [`MAX_PREFIX_CHARS`].
pub(super) fn prefix(prefix: &str) -> String {
    format!("p{prefix}")
}

/// Tools of that name, whole or its last segment, as a [`phrase`](super::words::phrase).
pub(super) fn name(phrase: &str) -> String {
    format!("n{phrase}")
}

/// Tools with the tag, in whatever case.
pub(super) fn tag(tag: &str) -> String {
    format!("#{}", tag.to_lowercase())
}

/// Tools of the namespace (`alice`, `@acme`), in whatever case.
pub(super) fn author(namespace: &str) -> String {
    format!("@{}", namespace.to_lowercase())
}

/// Above every key that starts with `key`, by bytes: followed by the highest character.
pub(super) fn end_of_prefix(key: &str) -> String {
    format!("{key}\u{10FFFF}")
}

/// The prefixes of a word that have a list, shortest first.
pub(super) fn prefixes_of(word: &str) -> impl Iterator<Item = &str> {
    word.char_indices()
        .map(|(start, c)| &word[..start + c.len_utf8()])
        .take(MAX_PREFIX_CHARS)
}

/// The first word of a text.
pub(super) fn first_word(text: &str) -> Option<String> {
    words(text).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_the_same_start_share_a_row() {
        assert_eq!(row_of(&word("formatter")), ("tform", "atter"));
        assert_eq!(row_of(&word("form")), ("tform", ""));
        assert_eq!(row_of(&word("for")), ("tfor", ""));
        assert_eq!(row_of(&word("übergang")), ("tüber", "gang"));
        assert_eq!(row_of(&name("formatter")), ("nformatter", ""));
    }
}
