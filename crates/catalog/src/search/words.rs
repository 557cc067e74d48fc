//! Cutting texts into words.

use enact_types::limits::{MAX_SEARCH_QUERY_BYTES, MAX_SEARCH_WORDS};

/// Longer words are cut, in characters: nobody types more.
pub(super) const MAX_WORD_CHARS: usize = 64;

/// Lower-case runs of letters and digits.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            word.chars()
                .flat_map(char::to_lowercase)
                .take(MAX_WORD_CHARS)
                .collect()
        })
}

/// The words of a text with a space between, which is how names are compared: it does not matter
/// whether somebody writes `lint-py` or `Lint Py`.
pub(super) fn phrase(text: &str) -> String {
    words(text).collect::<Vec<_>>().join(" ")
}

/// What of a query is looked at.
pub(super) fn of_query(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_SEARCH_QUERY_BYTES)]
}

/// The different words to look up; a query of nothing but punctuation is like an empty one.
pub(super) fn words_of_query(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in words(of_query(text)) {
        if !found.contains(&word) {
            found.push(word);
        }
        if found.len() == MAX_SEARCH_WORDS {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_lower_case_runs_of_letters_and_digits() {
        let found: Vec<_> = words("Hello, über-users_2 💥x").collect();
        assert_eq!(found, ["hello", "über", "users", "2", "x"]);
        assert_eq!(
            words(&"a".repeat(99)).next().map(|word| word.len()),
            Some(64)
        );
        assert_eq!(phrase("@Acme/lint-py"), "acme lint py");
    }

    #[test]
    fn a_query_is_bounded() {
        assert_eq!(words_of_query("b a, B!"), ["b", "a"]);
        assert_eq!(words_of_query("* \"'"), [""; 0]);
        let many: Vec<_> = (0..500).map(|n| n.to_string()).collect();
        assert_eq!(words_of_query(&many.join(" ")).len(), MAX_SEARCH_WORDS);
        assert_eq!(of_query(&"ü".repeat(1000)).len(), 1024);
    }
}
