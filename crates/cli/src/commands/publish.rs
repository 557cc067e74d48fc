//! `enact publish`: packs a folder and sends it.

use std::fs::File;
use std::io;
use std::sync::Arc;

use enact_bundle::Packed;
use enact_types::limits::MAX_MANIFEST_BYTES;
use enact_types::{Digest, Namespace, ToolName, Version, Visibility};
use serde::Serialize;

use super::client;
use super::skill::{FileOutput, Skill};
use super::visibility::meaning;
use crate::args::{Global, Publish};
use crate::client::{ApiError, Client, Published, Time, Upload, same};
use crate::exit::Failure;
use crate::printer::Printer;

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

/// Who will be able to see what is published.
#[derive(Debug, Clone, Copy)]
struct Audience {
    visibility: Visibility,
    /// Whether it is so because the skill is there already, and nobody asked for a change.
    kept: bool,
}

/// Runs the command.
pub(super) async fn run(args: Publish, global: &Global, printer: &Printer) -> Result<(), Failure> {
    let skill = Arc::new(Skill::read(&args.path, args.strict, printer)?);
    let chosen = args.visible.chosen();
    if args.dry_run {
        let (_, packed) = skill.pack(io::sink(), printer).await?;
        let audience = foretell(chosen, &skill, global, printer).await;
        show(&skill, packed, audience, printer);
        return Ok(());
    }
    let client = client(global)?;
    let audience = audience(chosen, &skill.name, &client).await;
    let audience = audience.map_err(|error| explain(error, &skill))?;
    // A file that has no name, so that nothing of it is left however this program ends.
    let no_file = |error| Failure::io("cannot write a temporary file", &error);
    let file = tempfile::tempfile().map_err(no_file)?;
    let (bundle, packed) = skill.pack(file, printer).await?;
    let published = send(
        &skill,
        &client,
        bundle,
        packed,
        audience.visibility,
        printer,
    );
    let published = published.await?;
    report(&skill, &published, packed, audience, printer);
    Ok(())
}

/// As chosen; else as the registry has it, so that nobody hides a skill from those who use it by
/// publishing a version.
async fn audience(
    chosen: Option<Visibility>,
    name: &ToolName,
    client: &Client,
) -> Result<Audience, ApiError> {
    if chosen.is_some() {
        return Ok(Audience::new(chosen));
    }
    let info = client.tool_if_there(name).await?;
    let visibility = info.and_then(|info| info.visibility?.parse().ok());
    Ok(match visibility {
        Some(visibility) => Audience {
            visibility,
            kept: true,
        },
        None => Audience::new(None),
    })
}

/// For a dry run, which shows the files without a registry too.
async fn foretell(
    chosen: Option<Visibility>,
    skill: &Skill,
    global: &Global,
    printer: &Printer,
) -> Audience {
    if chosen.is_some() {
        return Audience::new(chosen);
    }
    let asked = match client(global) {
        Ok(client) => audience(None, &skill.name, &client).await,
        Err(failure) => return unknown(&failure, skill, printer),
    };
    asked.unwrap_or_else(|error| unknown(&error.into(), skill, printer))
}

fn unknown(failure: &Failure, skill: &Skill, printer: &Printer) -> Audience {
    printer.warning(&format!(
        "if the registry has {}, its visibility stays as it is there; it cannot be asked now: {}",
        skill.name,
        failure.message()
    ));
    Audience::new(None)
}

/// What a dry run shows: exactly what would be sent.
fn show(skill: &Skill, packed: Packed, audience: Audience, printer: &Printer) {
    let Skill { name, version, .. } = skill;
    printer.heading(&format!("{name}@{version} would hold these files:"));
    skill.list_files(printer);
    printer.facts(&facts(skill, packed, audience));
    printer.note("Nothing was sent. Leave files out by listing them in .enactignore.");
    printer.json(&DryRunOutput {
        dry_run: true,
        name,
        version,
        visibility: audience.visibility,
        bundle_hash: packed.hash,
        bundle_size: packed.size,
        unpacked_size: packed.unpacked_bytes,
        files: skill.files(),
    });
}

async fn send(
    skill: &Skill,
    client: &Client,
    bundle: File,
    packed: Packed,
    visibility: Visibility,
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
        visibility,
        bundle: Arc::new(bundle),
        size: packed.size,
        progress: progress.clone(),
    };
    let published = client.publish(&skill.name, &upload).await;
    progress.finish_and_clear();
    let published = match published {
        Ok(published) => published,
        Err(error) if error.is_doubtful() => {
            let before = published_before(client, skill, packed).await;
            before.ok_or_else(|| Failure::from(error))?
        }
        Err(error) => return Err(explain(error, skill)),
    };
    same("name", &skill.name, &published.name)?;
    same("version", &skill.version, &published.version)?;
    same("a bundle with hash", &packed.hash, &published.bundle_hash)?;
    Ok(published)
}

/// What an earlier try has published, if the registry has exactly this bundle by now.
async fn published_before(client: &Client, skill: &Skill, packed: Packed) -> Option<Published> {
    let details = client.version(&skill.name, &skill.version).await.ok()?;
    (details.bundle.hash == packed.hash).then_some(Published {
        name: details.name,
        version: details.version,
        bundle_hash: details.bundle.hash,
        at: details.published_at,
        visibility: None,
    })
}

fn report(
    skill: &Skill,
    published: &Published,
    packed: Packed,
    audience: Audience,
    printer: &Printer,
) {
    let Skill { name, version, .. } = skill;
    printer.success(&format!("Published {name}@{version}"));
    let asked = audience.visibility;
    let visibility = published.visibility.unwrap_or(asked);
    let kept = audience.kept || visibility != asked;
    if visibility != asked {
        printer.warning(&format!(
            "{name} stays {visibility}: you may publish it, but not make it {asked}; whoever may \
             does so with `enact visibility {name} {asked}`"
        ));
    }
    let mut rows = facts(skill, packed, Audience { visibility, kept });
    rows.push(("Install", format!("enact install {name}@{version}")));
    printer.details(&rows);
    printer.json(&Output {
        name,
        version,
        visibility,
        published_at: published.at,
        bundle_hash: packed.hash,
        bundle_size: packed.size,
        has_attestation: false,
    });
}

fn facts(skill: &Skill, packed: Packed, audience: Audience) -> Vec<(&'static str, String)> {
    let Audience { visibility, kept } = audience;
    let before = if kept { " (as before)" } else { "" };
    let seen = format!("{visibility}: {}{before}", meaning(visibility));
    let mut rows = vec![("Visibility", seen)];
    rows.extend(skill.facts(packed));
    rows
}

impl Audience {
    /// As chosen; else only the owners, who can let others in later.
    fn new(chosen: Option<Visibility>) -> Self {
        Self {
            visibility: chosen.unwrap_or(Visibility::Private),
            kept: false,
        }
    }
}

/// Adds what an author can do about a refusal.
fn explain(error: ApiError, skill: &Skill) -> Failure {
    let file = &skill.folder.manifest_file;
    let name = &skill.name;
    let owner = name.namespace();
    let error = match error.refusal_code() {
        Some("CONFLICT") => error.hint(format!(
            "if the version is taken, raise `version` in {file}, and if the name is, change `name`: neither is given out twice"
        )),
        Some("NAMESPACE_MISMATCH") => error.hint(match owner {
            Namespace::Org(org) => format!(
                "only members of @{org} may publish {name}: its admins add you by `enact org add-member {org} USER`; or change `name` in {file}"
            ),
            Namespace::User(user) => format!(
                "only {user} may publish {name}: change `name` in {file}, or sign in as {user}"
            ),
        }),
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
