//! How much a match counts.

/// Where a word stands in a tool; the higher one counts if it stands in several places. Stored in
/// the lists of words and prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Field {
    /// SKILL.md.
    Text = 1,
    /// The description.
    Description = 2,
    /// A tag.
    Tag = 3,
    /// The name.
    Name = 4,
    /// The start of the name or of its last segment.
    NameStart = 5,
}

/// How well a word of the query matches an indexed word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closeness {
    /// All but one letter.
    Misspelt,
    /// It is the start of the word.
    Prefix,
    /// Whole.
    Exact,
}

/// Added when the query is the tool's name, whole or its last segment.
pub(super) const EXACT_NAME: u16 = 4096;
/// Added when the name or its last segment starts with the query. Above what eight words can score.
pub(super) const NAME_PREFIX: u16 = 2048;

impl Field {
    fn stored(value: u64) -> Option<Self> {
        [
            Self::Text,
            Self::Description,
            Self::Tag,
            Self::Name,
            Self::NameStart,
        ]
        .into_iter()
        .find(|field| *field as u64 == value)
    }

    /// Whatever the closeness, a field counts more than the one before it.
    fn weight(self) -> u16 {
        match self {
            Self::Text => 1,
            Self::Description => 4,
            Self::Tag => 16,
            Self::Name | Self::NameStart => 64,
        }
    }
}

/// What a match counts in a field as it is stored; `alone` if the query has no other word. None for
/// what no version of this program has stored.
pub(super) fn score(stored: u64, closeness: Closeness, alone: bool) -> Option<u16> {
    let field = Field::stored(stored)?;
    let (factor, starts) = match closeness {
        Closeness::Misspelt => (1, false),
        Closeness::Prefix => (2, true),
        Closeness::Exact => (3, true),
    };
    let bonus = if alone && starts && field == Field::NameStart {
        NAME_PREFIX
    } else {
        0
    };
    Some(field.weight() * factor + bonus)
}

#[cfg(test)]
mod tests {
    use super::*;
    use enact_types::limits::MAX_SEARCH_WORDS;

    #[test]
    fn fields_and_then_closeness_decide() {
        let mut last = 0;
        for field in 1..=4 {
            for closeness in [Closeness::Misspelt, Closeness::Prefix, Closeness::Exact] {
                let next = score(field, closeness, true).unwrap_or(0);
                assert!(next > last, "{field} {closeness:?}");
                last = next;
            }
        }
        let most = usize::from(last) * MAX_SEARCH_WORDS;
        assert!(most < usize::from(NAME_PREFIX));
        assert!(most + usize::from(NAME_PREFIX) < usize::from(EXACT_NAME));
        assert_eq!(score(6, Closeness::Exact, true), None);
    }
}
