//! What a list of the index is called: a letter for its kind, then what its tools have in common.

use super::words::words;

/// Prefixes up to this many characters have lists of their own, since too many words start so to
/// read the lists of all of them.
pub(super) const MAX_PREFIX_CHARS: usize = 3;

/// Every tool that can be found, with its downloads.
pub(super) const ALL: &str = "*";

/// Tools with the word.
pub(super) fn word(word: &str) -> String {
    format!("t{word}")
}

/// The word of a list of [`word`].
pub(super) fn word_of(key: &str) -> Option<&str> {
    key.strip_prefix('t')
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
