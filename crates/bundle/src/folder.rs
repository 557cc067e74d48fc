//! A skill's folder, as an author has it.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use enact_types::Manifest;
use enact_types::limits::MAX_MANIFEST_BYTES;
use serde_json::{Map, Value};

use crate::error::PackError;
use crate::files::{self, LeftOut, PackFile};
use crate::limits::Limits;
use crate::manifest::{
    self, Document, ENACT_MD, ManifestError, ManifestProblem, Manifests, SKILL_MD,
};

/// A skill's folder, read and checked, ready to be packed.
#[derive(Debug)]
pub struct SkillFolder {
    /// What to send as the manifest; its name and version are there.
    ///
    /// These are the fields of the manifest file. Beside a YAML file, `SKILL.md` fills in the
    /// fields that it lacks. `doc` is the text of the Markdown file after its front matter, unless
    /// the manifest would get too large with it.
    pub manifest: Manifest,
    /// The file that it was read from, like `skill.package.yml`.
    pub manifest_file: String,
    /// The whole text of `SKILL.md`, else of `enact.md`, unchanged.
    pub raw_manifest: Option<String>,
    /// The files to pack, sorted by the bytes of their paths.
    pub files: Vec<PackFile>,
    /// What is there and is not packed though nobody said so, sorted by path.
    pub left_out: Vec<LeftOut>,
}

impl SkillFolder {
    /// Reads the folder `dir` under the default [`Limits`].
    ///
    /// Left out are links, hidden files, `*.log`, files with the names of keys and credentials (like
    /// `*.pem` and `id_rsa`), the folders that build tools make (like `node_modules` and `target`),
    /// packed bundles of the skill itself (`bundle.tar.gz` and, for `alice/greeter`,
    /// `alice-greeter-*.tar.gz` at the top), and what `.gitignore` and `.enactignore` say, but
    /// never the manifest. In a git repository the `.gitignore` of the folders above count too, unless
    /// they ignore the skill's folder itself. Fails where the registry would refuse the bundle, so that nothing is
    /// sent in vain.
    pub fn read(dir: &Path) -> Result<Self, PackError> {
        Self::read_within(dir, &Limits::default())
    }

    /// Like [`SkillFolder::read`], under other limits.
    pub fn read_within(dir: &Path, limits: &Limits) -> Result<Self, PackError> {
        if !dir.is_dir() {
            return Err(PackError::NotAFolder(dir.to_owned()));
        }
        let (manifest, manifest_file, raw_manifest) = read_manifest(dir)?;
        let (files, left_out) = files::read(dir, manifest.name.as_ref(), limits)?;
        Ok(Self {
            manifest,
            manifest_file: manifest_file.to_owned(),
            raw_manifest,
            files,
            left_out,
        })
    }
}

/// Whether there is a manifest in the folder `dir`, even a broken one.
pub fn has_manifest(dir: &Path) -> bool {
    let mut names = manifest::NAMES.iter();
    names.any(|name| fs::symlink_metadata(dir.join(name)).is_ok())
}

/// The fields of the manifest in the folder `dir`, as they are in
/// [`Contents::manifest`](crate::Contents::manifest); none if there is no manifest.
pub fn manifest_fields(dir: &Path) -> Result<Map<String, Value>, PackError> {
    let mut manifests = Manifests::default();
    for name in manifest::NAMES {
        if let Some(text) = read_text(dir, name)? {
            manifests.add(name, text.into_bytes());
        }
    }
    Ok(manifests.fields()?)
}

fn read_manifest(dir: &Path) -> Result<(Manifest, &'static str, Option<String>), PackError> {
    let mut texts = Vec::new();
    for name in manifest::NAMES {
        if let Some(text) = read_text(dir, name)? {
            texts.push((name, text));
        }
    }
    let text_of = |file| {
        let mut texts = texts.iter();
        texts.find_map(|(name, text)| (*name == file).then_some(text))
    };
    let Some((file, text)) = texts.first() else {
        return Err(PackError::NoManifest(dir.to_owned()));
    };
    let mut document = Document::parse(file, text.as_bytes())?;
    if document.body.is_none()
        && let Some(text) = text_of(SKILL_MD)
    {
        let skill = Document::parse(SKILL_MD, text.as_bytes())?;
        skill.check_agrees(&document)?;
        Manifest::from_value(Value::Object(skill.fields.clone()))
            .map_err(|error| ManifestError::new(SKILL_MD, error))?;
        document.fill_in(skill.fields);
        document.body = skill.body;
    }
    let manifest = complete(document)?;
    let raw_manifest = text_of(SKILL_MD).or_else(|| text_of(ENACT_MD)).cloned();
    Ok((manifest, file, raw_manifest))
}

/// Turns the fields into a manifest that can be published.
fn complete(document: Document) -> Result<Manifest, PackError> {
    let Document {
        file,
        mut fields,
        body,
        ..
    } = document;
    if json_bytes(&fields) > MAX_MANIFEST_BYTES {
        return Err(ManifestError::new(file, ManifestProblem::TooLarge).into());
    }
    let is_markdown = manifest::is_markdown(file);
    if let Some(body) = body.filter(|body| !body.is_empty())
        && !fields.contains_key("doc")
    {
        fields.insert("doc".to_owned(), Value::String(body));
        if json_bytes(&fields) > MAX_MANIFEST_BYTES {
            fields.remove("doc");
        }
    }
    let manifest = Manifest::from_value(Value::Object(fields))
        .map_err(|error| ManifestError::new(file, error))?;
    let place = if is_markdown {
        " between two lines `---` at its top"
    } else {
        ""
    };
    for (field, example, there) in [
        ("name", "name: alice/greeter", manifest.name.is_some()),
        ("version", "version: 1.0.0", manifest.version.is_some()),
    ] {
        if !there {
            return Err(PackError::Missing {
                file,
                field,
                example,
                place,
            });
        }
    }
    Ok(manifest)
}

fn json_bytes(fields: &Map<String, Value>) -> u64 {
    // A map of JSON values always serialises; were it not so, it would not fit either.
    serde_json::to_string(fields).map_or(u64::MAX, |json| json.len() as u64)
}

/// The text of a manifest file, if it exists.
pub(crate) fn read_text(dir: &Path, name: &'static str) -> Result<Option<String>, PackError> {
    let path = dir.join(name);
    let read_error = |source| PackError::Read {
        path: path.clone(),
        source,
    };
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(read_error(error)),
        Ok(facts) if !facts.is_file() => return Err(PackError::NotAFile(name)),
        Ok(_) => {}
    }
    let mut text = Vec::new();
    File::open(&path)
        .and_then(|file| file.take(MAX_MANIFEST_BYTES + 1).read_to_end(&mut text))
        .map_err(read_error)?;
    if text.len() as u64 > MAX_MANIFEST_BYTES {
        return Err(ManifestError::new(name, ManifestProblem::TooLarge).into());
    }
    String::from_utf8(text)
        .map(Some)
        .map_err(|_| ManifestError::new(name, ManifestProblem::NotUtf8).into())
}
