//! What the registry reads out of a tool's manifest.

use serde_json::{Map, Value};

use crate::limits::{MAX_DESCRIPTION_CHARS, MAX_SHORT_TEXT_CHARS, MAX_TAGS};
use crate::{InvalidName, InvalidVersion, ToolName, Version};

/// A manifest: the fields that the registry understands, checked, and the whole object as it was
/// sent, since unknown fields belong to the tool and pass through.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The tool's name, if stated.
    pub name: Option<ToolName>,
    /// The version, if stated.
    pub version: Option<Version>,
    /// What the tool does; empty if not stated.
    pub description: String,
    /// The licence, usually an SPDX expression.
    pub license: Option<String>,
    /// Tags for search, in the order given, without repetitions.
    pub tags: Vec<String>,
    /// Where the source is.
    pub repository: Option<String>,
    /// The tool's page.
    pub homepage: Option<String>,
    /// Every field, as sent.
    pub fields: Map<String, Value>,
}

/// Why a JSON or YAML object is not a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidManifest {
    /// Not an object.
    #[error("the manifest must be an object with fields like name, version and description")]
    NotAnObject,
    /// `name` is not a tool name.
    #[error("manifest field \"name\": {0}")]
    Name(#[from] InvalidName),
    /// `version` is not a semantic version.
    #[error("manifest field \"version\": {0}")]
    Version(#[from] InvalidVersion),
    /// A field of another type than it should have.
    #[error("manifest field \"{field}\" must be {expected}")]
    Type {
        /// The field.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A text over its limit.
    #[error("manifest field \"{field}\" has more than {max} characters")]
    TooLong {
        /// The field.
        field: &'static str,
        /// The limit, in characters.
        max: usize,
    },
    /// Too many tags.
    #[error("a manifest has at most {MAX_TAGS} tags")]
    TooManyTags,
}

impl Manifest {
    /// Reads a manifest from a parsed JSON or YAML document. A field that is absent or null is not
    /// stated; one of the wrong type is an error rather than ignored.
    pub fn from_value(value: Value) -> Result<Self, InvalidManifest> {
        let Value::Object(fields) = value else {
            return Err(InvalidManifest::NotAnObject);
        };
        let name = text(&fields, "name", usize::MAX)?
            .map(|name| ToolName::parse(&name))
            .transpose()?;
        let version = text(&fields, "version", usize::MAX)?
            .map(|version| Version::parse(&version))
            .transpose()?;
        Ok(Self {
            name,
            version,
            description: text(&fields, "description", MAX_DESCRIPTION_CHARS)?.unwrap_or_default(),
            license: text(&fields, "license", MAX_SHORT_TEXT_CHARS)?,
            tags: tags(&fields)?,
            repository: link(&fields, "repository")?,
            homepage: link(&fields, "homepage")?,
            fields,
        })
    }
}

fn text(
    fields: &Map<String, Value>,
    field: &'static str,
    max: usize,
) -> Result<Option<String>, InvalidManifest> {
    checked(fields.get(field), field, max)
}

/// A text of at most `max` characters that every database can keep.
fn checked(
    value: Option<&Value>,
    field: &'static str,
    max: usize,
) -> Result<Option<String>, InvalidManifest> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() > max => {
            Err(InvalidManifest::TooLong { field, max })
        }
        Some(Value::String(text)) if text.contains('\0') => Err(InvalidManifest::Type {
            field,
            expected: "a text without NUL characters",
        }),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(InvalidManifest::Type {
            field,
            expected: "a text (put it in quotes)",
        }),
    }
}

/// `repository` and `homepage`: a text, or, as npm has it, an object with a `url`.
fn link(
    fields: &Map<String, Value>,
    field: &'static str,
) -> Result<Option<String>, InvalidManifest> {
    let stated = match fields.get(field) {
        Some(Value::Object(object)) => object.get("url"),
        stated => stated,
    };
    checked(stated, field, MAX_SHORT_TEXT_CHARS)
}

fn tags(fields: &Map<String, Value>) -> Result<Vec<String>, InvalidManifest> {
    const WRONG: InvalidManifest = InvalidManifest::Type {
        field: "tags",
        expected: "a list of texts",
    };
    let list = match fields.get("tags") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(WRONG),
    };
    if list.len() > MAX_TAGS {
        return Err(InvalidManifest::TooManyTags);
    }
    let mut tags: Vec<String> = Vec::with_capacity(list.len());
    for tag in list {
        let Value::String(tag) = tag else {
            return Err(WRONG);
        };
        if tag.chars().count() > MAX_SHORT_TEXT_CHARS {
            return Err(InvalidManifest::TooLong {
                field: "tags",
                max: MAX_SHORT_TEXT_CHARS,
            });
        }
        if tag.contains('\0') {
            return Err(WRONG);
        }
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_known_fields_and_keeps_the_others() {
        let manifest = Manifest::from_value(json!({
            "name": "alice/greeter", "version": "1.0.0", "description": "Greets",
            "tags": ["a", "b", "a"], "license": null, "repository": {"url": "https://example.org"}, "env": {"X": 1},
        }))
        .unwrap();
        assert_eq!(manifest.tags, ["a", "b"]);
        assert_eq!(manifest.license, None);
        assert_eq!(manifest.repository.as_deref(), Some("https://example.org"));
        assert!(manifest.fields.contains_key("env"));
    }

    #[test]
    fn says_which_field_is_wrong() {
        for (value, field) in [
            (json!({"name": "../x"}), "\"name\""),
            (json!({"version": "../../x"}), "\"version\""),
            (json!({"version": 1.0}), "\"version\""),
            (json!({"tags": "a"}), "\"tags\""),
            (json!({"repository": {"url": "a\0b"}}), "\"repository\""),
            (json!({"homepage": "a\0b"}), "\"homepage\""),
            (json!({"description": "x".repeat(1025)}), "\"description\""),
            (json!([]), "object"),
        ] {
            let message = Manifest::from_value(value).unwrap_err().to_string();
            assert!(message.contains(field), "{message}");
        }
    }
}
