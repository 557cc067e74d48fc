//! A skill's folder, as an author has it.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use enact_types::limits::MAX_MANIFEST_BYTES;
use enact_types::{Manifest, ToolName, Version};
use serde_json::Value;

use crate::error::{EntryRule, PackError};
use crate::limits::{Budget, Limits};
use crate::manifest::{self, Document, ENACT_MD, ManifestError, ManifestProblem, SKILL_MD};
use crate::names::Names;
use crate::pack;
use crate::path::{BundlePath, PathRule, quote};
use crate::select::{self, LeftOutBecause};

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

/// Something that is not packed, and that its author may wonder about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The path inside the folder, with `/`; what is not UTF-8 is replaced.
    pub path: String,
    /// Why.
    pub because: LeftOutBecause,
}

/// One file to pack.
#[derive(Debug)]
pub struct PackFile {
    /// The path inside the bundle: relative, with `/`.
    pub path: String,
    /// The size, in bytes, when the folder was read.
    pub size: u64,
    /// Whether its owner may execute it.
    pub executable: bool,
    pub(crate) source: PathBuf,
}

impl SkillFolder {
    /// Reads the folder `dir` under the default [`Limits`].
    ///
    /// Left out are links, hidden files, `*.log`, files with the names of keys and credentials (like
    /// `*.pem` and `id_rsa`), the folders that build tools make (like `node_modules` and `target`),
    /// packed bundles of the skill itself (`bundle.tar.gz` and, for `alice/greeter`,
    /// `alice-greeter-*.tar.gz` at the top), and what `.gitignore` and `.enactignore` say, but
    /// never the manifest. Fails where the registry would refuse the bundle, so that nothing is
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
        let (files, left_out) = read_files(dir, manifest.name.as_ref(), limits)?;
        Ok(Self {
            manifest,
            manifest_file: manifest_file.to_owned(),
            raw_manifest,
            files,
            left_out,
        })
    }
}

/// The name that the file of a packed bundle has: `alice-greeter-1.0.0.tar.gz`.
pub fn bundle_file_name(name: &ToolName, version: &Version) -> String {
    format!("{}{version}{BUNDLE_END}", bundle_start(name))
}

const BUNDLE_END: &str = ".tar.gz";

fn bundle_start(name: &ToolName) -> String {
    format!("{}-", name.as_str().replace('/', "-"))
}

/// Whether this file is a packed bundle of the skill: packing it in would make the next bundle
/// another one, and twice as large.
pub(crate) fn is_own_bundle(path: &str, name: Option<&ToolName>) -> bool {
    path == "bundle.tar.gz"
        || name.is_some_and(|name| {
            !path.contains('/')
                && path.starts_with(&bundle_start(name))
                && path.ends_with(BUNDLE_END)
        })
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
        for (key, value) in skill.fields {
            match document.fields.get(&key) {
                None | Some(Value::Null) => document.fields.insert(key, value),
                Some(_) => None,
            };
        }
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

fn json_bytes(fields: &serde_json::Map<String, Value>) -> u64 {
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

fn read_files(
    dir: &Path,
    name: Option<&ToolName>,
    limits: &Limits,
) -> Result<(Vec<PackFile>, Vec<LeftOut>), PackError> {
    let selection = select::files(dir)?;
    let mut left_out = left_out(dir, selection.left_out);
    let mut files = Vec::new();
    for source in selection.files {
        let facts = fs::symlink_metadata(&source).map_err(|error| PackError::Read {
            path: source.clone(),
            source: error,
        })?;
        let path = relative(dir, &source)?;
        if is_own_bundle(path.as_str(), name) {
            left_out.push(LeftOut {
                path: path.as_str().to_owned(),
                because: LeftOutBecause::OwnBundle,
            });
        } else {
            files.push((path, facts, source));
        }
    }
    left_out.sort_unstable();
    files.sort_unstable_by(|(a, ..), (b, ..)| a.cmp(b));
    let mut names = Names::default();
    let mut budget = Budget::new(*limits);
    let files: Result<_, PackError> = files
        .into_iter()
        .map(|(path, facts, source)| {
            let new = names.add_file(&path).map_err(|clash| PackError::Path {
                path: quote(path.as_str().as_bytes()),
                rule: clash.into(),
            })?;
            for _ in new {
                budget.entry()?;
            }
            pack::charge(path.as_str(), facts.len(), &mut budget)?;
            Ok(PackFile {
                path: path.as_str().to_owned(),
                size: facts.len(),
                executable: is_executable(&facts),
                source,
            })
        })
        .collect();
    Ok((files?, left_out))
}

pub(crate) fn left_out(dir: &Path, found: Vec<(PathBuf, LeftOutBecause)>) -> Vec<LeftOut> {
    let relative = |path: &Path| {
        path.strip_prefix(dir)
            .unwrap_or(path)
            .to_string_lossy()
            .into_owned()
    };
    found
        .into_iter()
        .map(|(path, because)| LeftOut {
            path: relative(&path),
            because,
        })
        .collect()
}

/// The path inside the bundle of the file `source`, which lies in `dir`.
pub(crate) fn relative(dir: &Path, source: &Path) -> Result<BundlePath, PackError> {
    let path = source.strip_prefix(dir).unwrap_or(source);
    let wrong = |rule: PathRule| PackError::Path {
        path: quote(path.to_string_lossy().as_bytes()),
        rule: EntryRule::from(rule),
    };
    let components: Option<Vec<&str>> = path
        .components()
        .map(|component| component.as_os_str().to_str())
        .collect();
    let text = components
        .ok_or_else(|| wrong(PathRule::NotUtf8))?
        .join("/");
    BundlePath::parse(text.as_bytes()).map_err(wrong)
}

#[cfg(unix)]
pub(crate) fn is_executable(facts: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&facts.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
pub(crate) fn is_executable(_: &fs::Metadata) -> bool {
    false
}
