//! The manifest inside a bundle: which file it is, and what it says.

use std::collections::BTreeMap;

use enact_types::limits::MAX_MANIFEST_BYTES;
use enact_types::{InvalidManifest, Manifest};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::Stated;

/// The files that can be the manifest, at the top level of a bundle. The first that exists is it.
pub(crate) const NAMES: [&str; 6] = [
    "skill.package.yml",
    "skill.package.yaml",
    "enact.yaml",
    "enact.yml",
    SKILL_MD,
    ENACT_MD,
];

/// What agents read.
pub(crate) const SKILL_MD: &str = "SKILL.md";

/// What they read before `SKILL.md` became common.
pub(crate) const ENACT_MD: &str = "enact.md";

/// What is wrong with a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct ManifestError {
    /// The file.
    pub file: &'static str,
    /// What is wrong with it.
    pub problem: ManifestProblem,
}

/// What can be wrong with a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestProblem {
    /// Larger than [`MAX_MANIFEST_BYTES`].
    #[error("a manifest has at most {MAX_MANIFEST_BYTES} bytes")]
    TooLarge,
    /// Other bytes than UTF-8.
    #[error("it is not UTF-8 text")]
    NotUtf8,
    /// Not YAML, or YAML that is out of bounds.
    #[error("its YAML cannot be read: {0}")]
    Yaml(String),
    /// YAML, but no manifest.
    #[error(transparent)]
    Invalid(#[from] InvalidManifest),
    /// The front matter of `SKILL.md` says something else than the manifest beside it.
    #[error("it states {field} {here:?} but {other} states {there:?}; make them the same")]
    Conflict {
        /// `name` or `version`.
        field: &'static str,
        /// What it says.
        here: String,
        /// The other file.
        other: &'static str,
        /// What the other file says.
        there: String,
    },
}

impl ManifestError {
    pub(crate) fn new(file: &'static str, problem: impl Into<ManifestProblem>) -> Self {
        Self {
            file,
            problem: problem.into(),
        }
    }
}

/// A manifest file, taken apart.
pub(crate) struct Document {
    pub(crate) file: &'static str,
    pub(crate) fields: Map<String, Value>,
    /// The text after the front matter of a Markdown file.
    pub(crate) body: Option<String>,
    /// What agents call it: a bare name in the front matter of a Markdown file, which is not in
    /// `fields`.
    pub(crate) display_name: Option<String>,
    /// Whether there is something that states facts: always, but in Markdown without front matter.
    pub(crate) states: bool,
}

impl Document {
    /// Parses the text of `file`.
    pub(crate) fn parse(file: &'static str, text: &[u8]) -> Result<Self, ManifestError> {
        let text = std::str::from_utf8(text)
            .map_err(|_| ManifestError::new(file, ManifestProblem::NotUtf8))?;
        let (yaml, body) = split(file, text);
        let mut fields = match yaml.map(yaml_value).transpose() {
            Ok(None | Some(Value::Null)) => Map::new(),
            Ok(Some(Value::Object(fields))) => fields,
            Ok(Some(_)) => return Err(ManifestError::new(file, InvalidManifest::NotAnObject)),
            Err(problem) => return Err(ManifestError::new(file, problem)),
        };
        // Agent Skills have a display name there, which is no tool name.
        let mut display_name = None;
        if body.is_some()
            && let Some(Value::String(name)) = fields.get("name")
            && !name.contains('/')
        {
            display_name = Some(name.clone());
            fields.remove("name");
        }
        Ok(Self {
            file,
            fields,
            body: body.map(|body| body.trim().to_owned()),
            display_name,
            states: yaml.is_some(),
        })
    }

    /// The name and the version that it states.
    pub(crate) fn stated(&self) -> Result<Stated, ManifestError> {
        let fields = ["name", "version"]
            .into_iter()
            .filter_map(|key| Some((key.to_owned(), self.fields.get(key)?.clone())))
            .collect();
        let manifest = Manifest::from_value(Value::Object(fields))
            .map_err(|error| ManifestError::new(self.file, error))?;
        Ok(Stated {
            file: self.file.to_owned(),
            name: manifest.name,
            version: manifest.version,
        })
    }

    /// Takes over what it does not state itself.
    pub(crate) fn fill_in(&mut self, others: Map<String, Value>) {
        for (key, value) in others {
            match self.fields.get(&key) {
                None | Some(Value::Null) => self.fields.insert(key, value),
                Some(_) => None,
            };
        }
    }

    /// Refuses a `SKILL.md` that states another name or version than the manifest beside it: an
    /// agent and the registry would believe different things.
    pub(crate) fn check_agrees(&self, manifest: &Self) -> Result<(), ManifestError> {
        let (here, there) = (self.stated()?, manifest.stated()?);
        let names = (text(here.name.as_ref()), text(there.name.as_ref()));
        let versions = (text(here.version.as_ref()), text(there.version.as_ref()));
        for (field, pair) in [("name", names), ("version", versions)] {
            if let (Some(here), Some(there)) = pair
                && here != there
            {
                let other = manifest.file;
                let problem = ManifestProblem::Conflict {
                    field,
                    here,
                    other,
                    there,
                };
                return Err(ManifestError::new(self.file, problem));
            }
        }
        Ok(())
    }
}

fn text(value: Option<&impl ToString>) -> Option<String> {
    value.map(ToString::to_string)
}

/// The commands that a manifest would have run once the skill's files are in place: its
/// `hooks.postinstall`, a text or a list of texts. Whatever else stands there is no command.
pub fn post_install(manifest: &Map<String, Value>) -> Vec<String> {
    let hooks = manifest.get("hooks");
    let texts = match hooks.and_then(|hooks| hooks.get("postinstall")) {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let commands = texts.iter().filter_map(Value::as_str);
    commands.map(str::to_owned).collect()
}

/// The manifest files met in a bundle, in whatever order.
#[derive(Default)]
pub(crate) struct Manifests(BTreeMap<&'static str, Vec<u8>>);

impl Manifests {
    pub(crate) fn add(&mut self, file: &'static str, text: Vec<u8>) {
        self.0.insert(file, text);
    }

    pub(crate) fn any(&self) -> bool {
        !self.0.is_empty()
    }

    fn main(&self) -> Option<(&&'static str, &Vec<u8>)> {
        let mut names = NAMES.into_iter();
        names.find_map(|name| self.0.get_key_value(name))
    }

    /// The fields of the manifest, where `SKILL.md` fills in what the manifest beside it lacks; none if
    /// there is no manifest.
    pub(crate) fn fields(&self) -> Result<Map<String, Value>, ManifestError> {
        let Some((file, text)) = self.main() else {
            return Ok(Map::new());
        };
        let mut manifest = Document::parse(file, text)?;
        if manifest.body.is_none()
            && let Some(text) = self.0.get(SKILL_MD)
        {
            manifest.fill_in(Document::parse(SKILL_MD, text)?.fields);
        }
        Ok(manifest.fields)
    }

    /// What the manifest says; fails if it is wrong or `SKILL.md` contradicts it.
    pub(crate) fn stated(&self) -> Result<Option<Stated>, ManifestError> {
        let Some((file, text)) = self.main() else {
            return Ok(None);
        };
        let manifest = Document::parse(file, text)?;
        if *file != SKILL_MD
            && *file != ENACT_MD
            && let Some(text) = self.0.get(SKILL_MD)
        {
            Document::parse(SKILL_MD, text)?.check_agrees(&manifest)?;
        }
        let stated = manifest.stated()?;
        Ok(manifest.states.then_some(stated))
    }
}

/// The name of the manifest file that `path` is, if it is one.
pub(crate) fn name_of(path: &str) -> Option<&'static str> {
    NAMES.into_iter().find(|name| *name == path)
}

/// Splits the text of `file` into its YAML and the Markdown below it.
pub(crate) fn split<'t>(file: &str, text: &'t str) -> (Option<&'t str>, Option<&'t str>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !is_markdown(file) {
        return (Some(text), None);
    }
    front_matter(text).map_or((None, Some(text)), |(yaml, body)| (Some(yaml), Some(body)))
}

/// Whether it is one of the manifests that are Markdown with front matter.
pub(crate) fn is_markdown(file: &str) -> bool {
    matches!(file, SKILL_MD | ENACT_MD)
}

/// Splits Markdown into the YAML between its first line `---` and the next such line, and the rest.
fn front_matter(text: &str) -> Option<(&str, &str)> {
    let is_fence = |line: &str| line.trim_end() == "---";
    let first = text.split_inclusive('\n').next()?;
    if !is_fence(first) {
        return None;
    }
    let rest = &text[first.len()..];
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if is_fence(line) {
            return Some((&rest[..at], &rest[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

/// Parses YAML from a stranger into JSON.
fn yaml_value(text: &str) -> Result<Value, ManifestProblem> {
    from_yaml(text).map_err(|error| {
        let place = error.location().filter(|place| place.line() > 0);
        let place = place.map_or(String::new(), |place| {
            format!(" at line {}, column {}", place.line(), place.column())
        });
        ManifestProblem::Yaml(format!("{}{place}", yaml_message(&error)))
    })
}

/// What is wrong with YAML, in one line of bounded length and without its place. What authors meet is
/// said in words of ours, since those of the library are for programmers.
pub(crate) fn yaml_message(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::{Error, MessageFormatter as _, UserMessageFormatter};
    const MAX_CHARS: usize = 300;
    let text = match error {
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("the field \"{key}\" is there twice")
        }
        Error::DuplicateMappingKey { key: None, .. } => "a field is there twice".to_owned(),
        Error::Budget { .. } => "it is too large or too deeply nested for a manifest".to_owned(),
        _ => UserMessageFormatter.format_message(error).into_owned(),
    };
    let text = text.replace(char::is_control, " ");
    text.chars().take(MAX_CHARS).collect()
}

/// Parses YAML from a stranger. The bounds are far above any honest manifest and keep a hostile one,
/// at most 1 MiB, from costing much memory, time or stack.
pub(crate) fn from_yaml<T: DeserializeOwned>(text: &str) -> Result<T, serde_saphyr::Error> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 32,
            flow_nesting_limit: 32,
            max_documents: 1,
            max_nodes: 20_000,
            max_events: 50_000,
            max_anchors: 200,
            max_aliases: 1_000,
            max_merge_keys: 100,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 20_000,
            max_replay_stack_depth: 8,
        },
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::Error,
        // As YAML 1.2 has it: `no` and `on` are texts.
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options)
}
