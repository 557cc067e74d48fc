//! What the index holds of a tool.

use std::collections::BTreeMap;

use enact_types::ToolName;

use super::field::Field;
use super::words::{phrase, words};
use super::{key, key::first_word};
use crate::CatalogError;

/// Words of one tool. Those of the name, the tags and the description come first.
const MAX_WORDS: usize = 1_000;

/// A tool's texts, as they are indexed.
pub(super) struct Texts<'a> {
    pub(super) name: &'a ToolName,
    pub(super) tags: &'a [String],
    pub(super) description: &'a str,
    pub(super) text: &'a str,
}

/// The lists that a tool is in, with its number in each, but for those that follow from these:
/// prefixes, and the list of all tools. Empty for a tool that may not be found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Document(BTreeMap<String, u64>);

impl Document {
    pub(super) fn of(texts: &Texts<'_>) -> Self {
        let (name, short) = (texts.name.as_str(), texts.name.short_name());
        let mut document = Self::default();
        for start in [name, short].into_iter().filter_map(first_word) {
            document.raise(key::word(&start), Field::NameStart);
        }
        document.add_words(name, Field::Name);
        for tag in texts.tags {
            document.add_words(tag, Field::Tag);
        }
        document.add_words(texts.description, Field::Description);
        document.add_words(texts.text, Field::Text);

        let names = [name, short].map(phrase);
        let names = names.iter().filter(|phrase| !phrase.is_empty());
        let others = names
            .map(|phrase| key::name(phrase))
            .chain(texts.tags.iter().map(|tag| key::tag(tag)))
            .chain([key::author(&texts.name.namespace().to_string())]);
        document.0.extend(others.map(|key| (key, 1)));
        document
    }

    fn add_words(&mut self, text: &str, field: Field) {
        for word in words(text) {
            // Nothing but words is there yet.
            if self.0.len() >= MAX_WORDS {
                return;
            }
            self.raise(key::word(&word), field);
        }
    }

    fn raise(&mut self, key: String, field: Field) {
        let number = self.0.entry(key).or_default();
        *number = (field as u64).max(*number);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All lists that the tool is in but the one of all tools. A prefix has the highest number of
    /// the words that start so.
    pub(super) fn lists(&self) -> BTreeMap<String, u64> {
        let mut lists = self.0.clone();
        for (word, number) in &self.0 {
            for prefix in key::word_of(word).into_iter().flat_map(key::prefixes_of) {
                let highest = lists.entry(key::prefix(prefix)).or_default();
                *highest = (*highest).max(*number);
            }
        }
        lists
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    pub(super) fn parse(json: &str) -> Result<Self, CatalogError> {
        serde_json::from_str(json)
            .map(Self)
            .map_err(|error| CatalogError::internal("document of the search index", error))
    }

    pub(super) fn to_json(&self) -> Result<String, CatalogError> {
        serde_json::to_string(&self.0)
            .map_err(|error| CatalogError::internal("document of the search index", error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document::of(&Texts {
            name: &"@acme/utils/my-lint".parse().expect("a name"),
            tags: &["Text Tools".to_owned()],
            description: "my text",
            text,
        })
    }

    #[test]
    fn a_word_counts_where_it_counts_most() {
        let found = document("lint tools again");
        let json = found.to_json().expect("JSON");
        assert_eq!(
            json,
            r##"{"#text tools":1,"@@acme":1,"nacme utils my lint":1,"nmy lint":1,"tacme":5,"tagain":1,"tlint":4,"tmy":5,"ttext":3,"ttools":3,"tutils":4}"##
        );
        assert_eq!(Document::parse(&json).ok(), Some(found.clone()));
        let lists = found.lists();
        assert_eq!((lists["pt"], lists["pto"], lists["pa"]), (3, 3, 5));
        assert!(!lists.contains_key("ptool"));
    }

    #[test]
    fn a_long_text_is_cut() {
        let text: Vec<_> = (0..5_000).map(|n| format!("w{n}")).collect();
        let words = document(&text.join(" ")).0.into_keys();
        assert_eq!(
            words.filter(|key| key::word_of(key).is_some()).count(),
            MAX_WORDS
        );
    }
}
