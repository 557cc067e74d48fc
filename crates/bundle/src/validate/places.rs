//! Where in a YAML text each field stands.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::problem::Place;
use crate::manifest;

/// The places of a value and of what it holds.
#[derive(Debug)]
pub(super) struct Places {
    /// Where the key of the field stands, or the value itself in a list.
    pub(super) key: Option<Place>,
    /// Where the value starts.
    pub(super) value: Option<Place>,
    /// By key, or by number in a list.
    children: Vec<(String, Places)>,
}

impl Places {
    /// Reads the places of all fields; none if the text is not YAML with texts as keys. The first
    /// line of `text` is line `first_line` of its file.
    pub(super) fn of(text: &str, first_line: u32) -> Option<Self> {
        let node: Node = manifest::from_yaml(text).ok()?;
        Some(node.into_places(first_line.saturating_sub(1)))
    }

    /// The places of the value that is reached by these keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |places, key| {
            let mut children = places.children.iter();
            children.find_map(|(name, child)| (name == key).then_some(child))
        })
    }
}

/// A value of any kind, of which only the places are kept.
struct Node(Spanned<Children>);

struct Children(Vec<(String, Option<Place>, Node)>);

impl Node {
    fn into_places(self, lines_before: u32) -> Places {
        let shift = |place: Option<Place>| Some(place?.after(lines_before));
        let value = shift(Place::of(self.0.referenced));
        let children = self.0.value.0.into_iter().map(|(name, key, node)| {
            let mut child = node.into_places(lines_before);
            child.key = shift(key).or(child.value);
            (name, child)
        });
        Places {
            key: value,
            value,
            children: children.collect(),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for Children {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Children;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Children, A::Error> {
        let mut children = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let place = Place::of(key.referenced);
            children.push((key.value, place, map.next_value()?));
        }
        Ok(Children(children))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Children, A::Error> {
        let mut children = Vec::new();
        while let Some(node) = seq.next_element()? {
            children.push((children.len().to_string(), None, node));
        }
        Ok(Children(children))
    }

    fn visit_str<E>(self, _: &str) -> Result<Children, E> {
        Ok(Children(Vec::new()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Children, E> {
        Ok(Children(Vec::new()))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Children, E> {
        Ok(Children(Vec::new()))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Children, E> {
        Ok(Children(Vec::new()))
    }

    fn visit_i128<E>(self, _: i128) -> Result<Children, E> {
        Ok(Children(Vec::new()))
    }

    fn visit_u128<E>(self, _: u128) -> Result<Children, E> {
        Ok(Children(Vec::new()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Children, E> {
        Ok(Children(Vec::new()))
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Children, E> {
        Ok(Children(Vec::new()))
    }

    fn visit_unit<E>(self) -> Result<Children, E> {
        Ok(Children(Vec::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_line_and_column_of_keys_and_values() {
        let text =
            "name: a/b\nscripts:\n  greet: \"sh x\" # ü\nünï: {a: 1, b: [x, 2.5, null, true]}\n";
        let places = Places::of(text, 10).unwrap();
        let at = |path: &[&str]| {
            let found = places.at(path).unwrap();
            let pair = |place: Option<Place>| place.map_or((0, 0), |at| (at.line, at.column));
            (pair(found.key), pair(found.value))
        };
        assert_eq!(at(&["name"]), ((10, 1), (10, 7)));
        assert_eq!(at(&["scripts", "greet"]), ((12, 3), (12, 10)));
        assert_eq!(at(&["ünï", "a"]), ((13, 7), (13, 10)));
        assert_eq!(at(&["ünï", "b", "3"]), ((13, 31), (13, 31)));
        assert!(places.at(&["name", "x"]).is_none());
    }

    #[test]
    fn an_alias_stands_where_it_is_used() {
        let text = "a: &x {k: 1}\nb: *x\nc:\n  <<: *x\n";
        let places = Places::of(text, 1).unwrap();
        assert_eq!(places.at(&["b"]).unwrap().value.unwrap().line, 2);
        assert!(places.at(&["c", "k"]).is_some());
    }
}
