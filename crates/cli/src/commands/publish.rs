//! `enact publish`: packs a folder and sends it.

use std::fs::File;
use std::io::{self, Seek as _, Write};

use enact_bundle::{PackError, PackFile, Packed, SkillFolder};
use enact_types::limits::MAX_MANIFEST_BYTES;
use enact_types::{Digest, ToolName, Version, Visibility};
use serde::Serialize;

use super::client;
use super::visibility::meaning;
use crate::args::{Global, Publish};
use crate::client::{ApiError, Client, Published, Time, Upload, same};
use crate::exit::{Failure, chain};
use crate::printer::Printer;
use crate::text::bytes;

/// What `--json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    name: &'a ToolName,
    version: &'a Version,
    visibility: Visibility,
    /// RFC 3339; null if the registry does not say.
    published_at: Option<Time>,
    /// `sha256:` and 64 hexadecimal digits.
    bundle_hash: Digest,
    /// In bytes.
    bundle_size: u64,
    /// Always false: this client does not sign.
    has_attestation: bool,
}

/// What `--json --dry-run` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DryRunOutput<'a> {
    /// Always true.
    dry_run: bool,
    name: &'a ToolName,
    version: &'a Version,
    visibility: Visibility,
    /// `sha256:` and 64 hexadecimal digits.
    bundle_hash: Digest,
    /// In bytes.
    bundle_size: u64,
    /// All files together, in bytes.
    unpacked_size: u64,
    files: Vec<FileOutput<'a>>,
}

/// One file that would be published.
#[derive(Debug, Serialize)]
struct FileOutput<'a> {
    path: &'a str,
    /// In bytes.
    size: u64,
    executable: bool,
}

/// A skill that can be published, with what it is called.
struct Skill {
    folder: SkillFolder,
    name: ToolName,
    version: Version,
    visibility: Visibility,
}

/// Runs the command.
pub(super) async fn run(args: Publish, global: &Global, printer: &Printer) -> Result<(), Failure> {
    let folder = SkillFolder::read(&args.path).map_err(|error| invalid_skill(&error))?;
    let stated = (
        folder.manifest.name.clone(),
        folder.manifest.version.clone(),
    );
    let (Some(name), Some(version)) = stated else {
        let message = format!("{} states no name or no version", folder.manifest_file);
        return Err(Failure::new("INVALID_SKILL", message));
    };
    let skill = Skill {
        folder,
        name,
        version,
        visibility: args.visible.visibility(),
    };
    if args.dry_run {
        return dry_run(&skill, printer);
    }
    let client = client(global)?;
    let (bundle, packed) = pack(&skill.folder)?;
    let published = send(&skill, &client, bundle, packed, printer).await?;
    report(&skill, &published, packed, printer);
    Ok(())
}

fn dry_run(skill: &Skill, printer: &Printer) -> Result<(), Failure> {
    let packed = skill
        .folder
        .pack(io::sink())
        .map_err(|error| invalid_skill(&error))?;
    let Skill {
        name,
        version,
        visibility,
        folder,
    } = skill;
    let cells = |file: &PackFile| {
        let executable = if file.executable { "executable" } else { "" };
        vec![file.path.clone(), bytes(file.size), executable.to_owned()]
    };
    printer.heading(&format!(
        "{name}@{version} ({visibility}) would hold these files:"
    ));
    let rows: Vec<_> = folder.files.iter().map(cells).collect();
    printer.table(&["FILE", "SIZE", ""], &rows);
    printer.facts(&facts(packed, folder, *visibility));
    printer.note("Nothing was sent. Leave files out by listing them in .enactignore.");
    let files = folder.files.iter().map(|file| FileOutput {
        path: &file.path,
        size: file.size,
        executable: file.executable,
    });
    printer.json(&DryRunOutput {
        dry_run: true,
        name,
        version,
        visibility: *visibility,
        bundle_hash: packed.hash,
        bundle_size: packed.size,
        unpacked_size: packed.unpacked_bytes,
        files: files.collect(),
    });
    Ok(())
}

/// Packs into a file that has no name, so that nothing of it is left however this program ends.
fn pack(folder: &SkillFolder) -> Result<(File, Packed), Failure> {
    let no_file = |error| Failure::io("cannot write a temporary file", &error);
    let mut file = tempfile::tempfile().map_err(no_file)?;
    let mut out = io::BufWriter::new(&mut file);
    let packed = folder
        .pack(&mut out)
        .map_err(|error| invalid_skill(&error))?;
    out.flush().map_err(no_file)?;
    drop(out);
    file.rewind().map_err(no_file)?;
    Ok((file, packed))
}

async fn send(
    skill: &Skill,
    client: &Client,
    bundle: File,
    packed: Packed,
    printer: &Printer,
) -> Result<Published, Failure> {
    let manifest = serde_json::to_string(&skill.folder.manifest.fields)
        .map_err(|error| Failure::io("cannot write the manifest as JSON", &error))?;
    let raw_manifest = skill.folder.raw_manifest.clone();
    let longest = manifest
        .len()
        .max(raw_manifest.as_ref().map_or(0, String::len));
    if longest as u64 > MAX_MANIFEST_BYTES {
        let message = format!("the manifest has more than {MAX_MANIFEST_BYTES} bytes");
        return Err(Failure::new("INVALID_SKILL", message));
    }
    let progress = printer.transfer("Uploading", packed.size);
    let upload = Upload {
        manifest,
        raw_manifest,
        visibility: skill.visibility,
        bundle,
        size: packed.size,
        progress: progress.clone(),
    };
    let published = client.publish(&skill.name, upload).await;
    progress.finish_and_clear();
    let published = published.map_err(|error| explain(error, skill))?;
    same("name", &skill.name, &published.name)?;
    same("version", &skill.version, &published.version)?;
    same("a bundle with hash", &packed.hash, &published.bundle_hash)?;
    Ok(published)
}

fn report(skill: &Skill, published: &Published, packed: Packed, printer: &Printer) {
    let Skill {
        name,
        version,
        visibility,
        folder,
    } = skill;
    printer.success(&format!("Published {name}@{version}"));
    let mut rows = facts(packed, folder, *visibility);
    rows.push(("Install", format!("enact install {name}@{version}")));
    printer.details(&rows);
    printer.json(&Output {
        name,
        version,
        visibility: *visibility,
        published_at: published.at,
        bundle_hash: packed.hash,
        bundle_size: packed.size,
        has_attestation: false,
    });
}

fn facts(
    packed: Packed,
    folder: &SkillFolder,
    visibility: Visibility,
) -> Vec<(&'static str, String)> {
    let (count, unpacked) = (folder.files.len(), bytes(packed.unpacked_bytes));
    let files = if count == 1 { "file" } else { "files" };
    vec![
        (
            "Visibility",
            format!("{visibility}: {}", meaning(visibility)),
        ),
        (
            "Size",
            format!(
                "{} ({count} {files}, {unpacked} unpacked)",
                bytes(packed.size)
            ),
        ),
        ("Hash", packed.hash.to_string()),
    ]
}

/// Adds what an author can do about a refusal.
fn explain(error: ApiError, skill: &Skill) -> Failure {
    let file = &skill.folder.manifest_file;
    let name = &skill.name;
    let owner = name.namespace();
    let error = match error.refusal_code() {
        Some("CONFLICT") => error.hint(format!(
            "a published version never changes: raise `version` in {file} and publish again"
        )),
        Some("NAMESPACE_MISMATCH") => error.hint(format!(
            "only {owner} may publish {name}: change `name` in {file}, or sign in as {owner}"
        )),
        Some("ORG_NOT_FOUND") => error.hint(format!(
            "create the organisation {owner} first, or change `name` in {file}"
        )),
        Some("BUNDLE_TOO_LARGE") => error.hint(
            "see the files with --dry-run and list those that are not needed in .enactignore",
        ),
        Some("VALIDATION_ERROR") => {
            error.hint(format!("correct {file} or the files and publish again"))
        }
        _ => error,
    };
    error.into()
}

fn invalid_skill(error: &PackError) -> Failure {
    let code = match error {
        PackError::Read { .. } | PackError::Write(_) => "IO_ERROR",
        _ => "INVALID_SKILL",
    };
    Failure::new(code, chain(error))
}
