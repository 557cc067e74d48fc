//! What a field of a manifest may hold, as data.

use serde_json::Value;

use super::fields::Field;

/// What a field may hold.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// Whatever its reader takes; somebody else checks it.
    Any,
    /// A text of at most so many characters.
    Text(usize),
    /// A text that is not empty.
    SomeText,
    /// `true` or `false`.
    Bool,
    /// A number and a unit, as in `30s`.
    Duration,
    /// A list of these.
    List(&'static Shape),
    /// Fields that the author names, each holding this.
    Map(&'static Shape),
    /// These fields. What else is there is unknown, unless the object is open.
    Object {
        fields: &'static [Field],
        open: bool,
    },
    /// One or the other.
    Either(&'static Shape, &'static Shape),
}

/// What is wrong with a value, and where in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// The keys that lead to it.
    pub(super) path: Vec<String>,
    pub(super) kind: MisfitKind,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum MisfitKind {
    /// It should be what this says.
    NotA(String),
    /// A field that is needed is not there.
    Missing(&'static str),
    /// Nobody reads a field of this name; the known one that it is nearest to.
    Unknown(Option<&'static str>),
}

impl Shape {
    /// Everything in `value` that is not as it should be. Null is as good as absent.
    pub(super) fn misfits(&self, value: &Value) -> Vec<Misfit> {
        let mut misfits = Vec::new();
        self.collect(value, &mut Vec::new(), &mut misfits);
        misfits
    }

    fn collect(&self, value: &Value, path: &mut Vec<String>, misfits: &mut Vec<Misfit>) {
        if value.is_null() {
            return;
        }
        match (self, value) {
            (Self::List(shape), Value::Array(list)) => {
                for (index, value) in list.iter().enumerate() {
                    inside(&index.to_string(), path, |path| {
                        shape.collect(value, path, misfits);
                    });
                }
            }
            (Self::Map(shape), Value::Object(map)) => {
                for (key, value) in map {
                    inside(key, path, |path| shape.collect(value, path, misfits));
                }
            }
            (Self::Object { fields, open }, Value::Object(map)) => {
                for (key, value) in map {
                    inside(key, path, |path| {
                        match fields.iter().find(|field| field.name == key) {
                            Some(field) => field.shape.collect(value, path, misfits),
                            None if *open => {}
                            None => misfits.push(Misfit {
                                path: path.clone(),
                                kind: MisfitKind::Unknown(super::fields::nearest(key, fields)),
                            }),
                        }
                    });
                }
                for field in fields.iter().filter(|field| field.required) {
                    if map.get(field.name).is_none_or(Value::is_null) {
                        misfits.push(Misfit {
                            path: path.clone(),
                            kind: MisfitKind::Missing(field.name),
                        });
                    }
                }
            }
            // The one whose kind it has says more about what is wrong inside.
            (Self::Either(one, other), _) => {
                let shape = if other.has_kind_of(value) { other } else { one };
                if shape.has_kind_of(value) {
                    shape.collect(value, path, misfits);
                } else {
                    misfits.push(self.not_a(path));
                }
            }
            _ if self.accepts(value) => {}
            _ => misfits.push(self.not_a(path)),
        }
    }

    /// Whether a value that holds nothing else is right.
    fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Any, _) | (Self::Bool, Value::Bool(_)) => true,
            (Self::Text(max), Value::String(text)) => text.chars().count() <= *max,
            (Self::SomeText, Value::String(text)) => !text.is_empty(),
            (Self::Duration, Value::String(text)) => is_duration(text),
            _ => false,
        }
    }

    fn has_kind_of(&self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::Text(_) | Self::SomeText | Self::Duration => value.is_string(),
            Self::Bool => value.is_boolean(),
            Self::List(_) => value.is_array(),
            Self::Map(_) | Self::Object { .. } => value.is_object(),
            Self::Either(one, other) => one.has_kind_of(value) || other.has_kind_of(value),
        }
    }

    fn not_a(&self, path: &[String]) -> Misfit {
        Misfit {
            path: path.to_vec(),
            kind: MisfitKind::NotA(self.to_string()),
        }
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => f.write_str("anything"),
            Self::Text(usize::MAX) => f.write_str("a text (put it in quotes)"),
            Self::Text(max) => write!(f, "a text of at most {max} characters"),
            Self::SomeText => f.write_str("a text that is not empty (put it in quotes)"),
            Self::Bool => f.write_str("true or false"),
            Self::Duration => f.write_str("a whole number and ms, s, m or h, as in 30s"),
            Self::List(shape) => write!(f, "a list, each of it {shape}"),
            Self::Map(shape) => write!(f, "fields, each holding {shape}"),
            Self::Object { fields: [], .. } => f.write_str("fields"),
            Self::Object { fields, .. } => {
                let names: Vec<_> = fields.iter().map(|field| field.name).collect();
                write!(f, "fields like {}", names.join(", "))
            }
            Self::Either(one, other) => write!(f, "{one}, or {other}"),
        }
    }
}

fn inside(key: &str, path: &mut Vec<String>, look: impl FnOnce(&mut Vec<String>)) {
    path.push(key.to_owned());
    look(path);
    path.pop();
}

/// As Go writes them, with one unit: what existing clients take.
fn is_duration(text: &str) -> bool {
    let unit = text.trim_start_matches(|char: char| char.is_ascii_digit());
    unit.len() < text.len() && ["ns", "us", "µs", "ms", "s", "m", "h"].contains(&unit)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fields::{MANIFEST, SKILL_MD_BESIDE};
    use super::*;

    fn misfits(value: &Value) -> Vec<String> {
        let shape = Shape::Object {
            fields: MANIFEST,
            open: false,
        };
        let text = |misfit: Misfit| format!("{}: {:?}", misfit.path.join("."), misfit.kind);
        shape.misfits(value).into_iter().map(text).collect()
    }

    #[test]
    fn takes_what_existing_clients_take() {
        let value = json!({
            "enact": "2.0.0", "name": "a/b", "version": "1.0.0", "timeout": "30s", "from": null,
            "env": {"KEY": {"description": "A key", "secret": true}},
            "scripts": {"a": "sh a.sh", "b": {"command": "sh b.sh", "description": "B"}},
            "build": ["make", "make install"], "hooks": {"postinstall": "sh c.sh"},
            "authors": [{"name": "Ada"}], "inputSchema": {"type": "object", "whatever": 1},
            "annotations": {"title": "X", "readOnlyHint": true}, "metadata": {"x": "y"},
        });
        assert_eq!(misfits(&value), [""; 0]);
    }

    #[test]
    fn names_each_place_that_is_wrong() {
        let value = json!({
            "versoin": "1.0.0", "zebra": 1, "timeout": "soon", "env": {"KEY": {"secrt": true}},
            "scripts": {"a": 7, "b": {"description": "no command"}}, "hooks": {"postinstal": "x"},
            "authors": ["Ada"], "enact": 2.0,
        });
        let found = misfits(&value);
        for expected in [
            "versoin: Unknown(Some(\"version\"))",
            "zebra: Unknown(None)",
            "timeout: NotA(",
            "env.KEY.secrt: Unknown(Some(\"secret\"))",
            "env.KEY: Missing(\"description\")",
            "scripts.a: NotA(\"a text",
            "scripts.b: Missing(\"command\")",
            "hooks.postinstal: Unknown(Some(\"postinstall\"))",
            "authors.0: NotA(\"fields like name",
            "enact: NotA(\"a text (put it in quotes)\")",
        ] {
            let mut found = found.iter();
            assert!(
                found.any(|text| text.starts_with(expected)),
                "{expected}: {found:?}"
            );
        }
        assert_eq!(found.len(), 10, "{found:?}");
    }

    #[test]
    fn the_front_matter_beside_a_manifest_has_fewer_fields() {
        assert!(SKILL_MD_BESIDE.len() < MANIFEST.len());
    }
}
