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
    const ALL: [Self; 5] = [
        Self::Text,
        Self::Description,
        Self::Tag,
        Self::Name,
        Self::NameStart,
    ];

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

/// What a match counts in each field, at the field's stored value; `alone` if the query has no other
/// word. Nothing for what no version of this program has stored.
pub(super) fn counts(closeness: Closeness, alone: bool) -> [u16; 6] {
    let (factor, starts) = match closeness {
        Closeness::Misspelt => (1, false),
        Closeness::Prefix => (2, true),
        Closeness::Exact => (3, true),
    };
    let mut counts = [0; 6];
    for field in Field::ALL {
        let start_of_name = alone && starts && field == Field::NameStart;
        let bonus = if start_of_name { NAME_PREFIX } else { 0 };
        counts[field as usize] = field.weight() * factor + bonus;
    }
    counts
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
                let next = counts(closeness, true)[field];
                assert!(next > last, "{field} {closeness:?}");
                last = next;
            }
        }
        let most = usize::from(last) * MAX_SEARCH_WORDS;
        assert!(most < usize::from(NAME_PREFIX));
        assert!(most + usize::from(NAME_PREFIX) < usize::from(EXACT_NAME));
        assert_eq!(counts(Closeness::Exact, true)[0], 0);
    }
}
