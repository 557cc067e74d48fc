//! `enact install`: downloads a skill, checks it, and puts it in its place.

pub(super) mod download;

use std::io::Seek as _;
use std::path::{Path, PathBuf};

use enact_bundle::{BundleError, Limits};
use enact_types::{Digest, ToolName, Version};
use serde::Serialize;
use serde_json::Value;

use super::settings;
use crate::args::{Global, Install};
use crate::client::{ApiError, Client, VersionDetails};
use crate::exit::{Exit, Failure, chain};
use crate::installed::{List, Place};
use crate::printer::Printer;
use crate::settings::home;
use crate::text::bytes;

/// What `--json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    /// Always true: afterwards it is installed.
    installed: bool,
    /// Whether it was installed before, so that nothing was changed.
    already_installed: bool,
    tool: &'a ToolName,
    version: &'a Version,
    /// The skill's folder.
    location: &'a Path,
    /// `project` or `global`.
    scope: &'static str,
    /// `sha256:` and 64 hexadecimal digits.
    hash: Digest,
    /// The size of the bundle, in bytes.
    size: u64,
    /// Whether the bundle was found to have that hash; false if nothing was downloaded.
    verified: bool,
}

/// Runs the command.
pub(super) async fn run(args: Install, global: &Global, printer: &Printer) -> Result<(), Failure> {
    let name = &args.tool.name;
    let home = home().ok_or_else(|| {
        Failure::new(
            "NO_HOME",
            "HOME is not set to a folder, so there is no place to install to",
        )
    })?;
    let settings = settings(global)?;
    let attested_only = settings.requires_attestation;
    let client = Client::new(settings)?;
    let mut list = if args.global {
        List::global(&home)?
    } else {
        List::project(&home, &current_folder()?)?
    };
    let place = Place::of(&home, name);

    let details = resolve(&client, name, args.tool.version).await?;
    let version = &details.version;
    let recorded = list.version_of(name) == Some(version.as_str());
    let already_installed = !args.force && recorded && place.version().as_ref() == Some(version);
    if already_installed {
        printer.success(&format!("{name}@{version} is already installed"));
    } else {
        check_allowed(&details, args.allow_yanked, attested_only)?;
        place.check_free()?;
        if details.yanked {
            let reason = details
                .yank_reason
                .as_deref()
                .unwrap_or("no reason was given");
            printer.warning(&format!("{name}@{version} was yanked: {reason}"));
        }
        let file = download::bundle(&client, &details, printer).await?;
        unpack(file, &details, &place)?;
        list.record(name, version).await?;
        printer.success(&format!("Installed {name}@{version}"));
        printer.details(&[
            ("Location", place.path().display().to_string()),
            (
                "Scope",
                scope(
                    args.global,
                    "global (~/.enact/tools.json)",
                    "project (agents/skills.json)",
                )
                .to_owned(),
            ),
            ("Size", bytes(details.bundle.size)),
            ("Hash", details.bundle.hash.to_string()),
        ]);
        mention_hooks(&details, printer);
    }
    printer.json(&Output {
        installed: true,
        already_installed,
        tool: name,
        version,
        location: place.path(),
        scope: scope(args.global, "global", "project"),
        hash: details.bundle.hash,
        size: details.bundle.size,
        verified: !already_installed,
    });
    Ok(())
}

fn scope<'a>(is_global: bool, global: &'a str, project: &'a str) -> &'a str {
    if is_global { global } else { project }
}

fn current_folder() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|error| Failure::io("cannot tell the current folder", &error))
}

/// Asks the registry which version is meant and what it is.
async fn resolve(
    client: &Client,
    name: &ToolName,
    version: Option<Version>,
) -> Result<VersionDetails, Failure> {
    let version = if let Some(version) = version {
        version
    } else {
        let info = client.tool(name).await.map_err(unresolved)?;
        info.latest_version.ok_or_else(|| {
            let message = format!("{name} has no version that could be installed");
            Failure::new("NOT_FOUND", message).with_exit(Exit::Registry)
        })?
    };
    client.version(name, &version).await.map_err(unresolved)
}

/// The registry did not give what `install` needs.
fn unresolved(error: ApiError) -> Failure {
    Failure::from(error).with_exit(Exit::Registry)
}

/// Refuses what the registry or the user's own policy warns of.
fn check_allowed(
    details: &VersionDetails,
    allow_yanked: bool,
    attested_only: bool,
) -> Result<(), Failure> {
    let VersionDetails { name, version, .. } = details;
    if details.yanked && !allow_yanked {
        let reason = details
            .yank_reason
            .as_deref()
            .unwrap_or("no reason was given");
        let message = format!("{name}@{version} was yanked: {reason}");
        let failure = Failure::new("VERSION_YANKED", message);
        return Err(match &details.yank_replacement {
            Some(other) => failure
                .hint(format!("use its replacement: enact install {name}@{other}"))
                .hint("or install it all the same with --allow-yanked"),
            None => failure.hint("install it all the same with --allow-yanked"),
        });
    }
    if attested_only {
        let message = "trust.policy in ~/.enact/config.yaml is require_attestation, and this version of enact cannot check attestations";
        return Err(Failure::new("NOT_ATTESTED", message)
            .hint("set trust.policy to prompt or allow to install it by its hash alone")
            .with_exit(Exit::Untrusted));
    }
    Ok(())
}

/// Checks the whole bundle before anything is written, then extracts it.
fn unpack(mut file: std::fs::File, details: &VersionDetails, place: &Place) -> Result<(), Failure> {
    let limits = Limits::default();
    let contents = enact_bundle::inspect(&file, &limits).map_err(|error| bad_bundle(&error))?;
    if let Some(stated) = contents.stated {
        let other_name = stated.name.filter(|name| *name != details.name);
        let other_version = stated.version.filter(|version| *version != details.version);
        let other = other_name.map(|name| name.to_string());
        if let Some(other) = other.or(other_version.map(|version| version.to_string())) {
            let VersionDetails { name, version, .. } = details;
            let message = format!(
                "the bundle of {name}@{version} says in {} that it is {other}; nothing was installed",
                stated.file
            );
            return Err(Failure::new("INVALID_BUNDLE", message).with_exit(Exit::Untrusted));
        }
    }
    file.rewind()
        .map_err(|error| download::spool_failure(&error))?;
    enact_bundle::extract(&file, &limits, place.path(), true)
        .map_err(|error| bad_bundle(&error))?;
    Ok(())
}

pub(super) fn bad_bundle(error: &BundleError) -> Failure {
    if error.is_io() {
        return Failure::new("IO_ERROR", chain(error));
    }
    let message = format!("{}; nothing was installed", chain(error));
    Failure::new("INVALID_BUNDLE", message)
        .hint("tell the author or the registry's operator")
        .with_exit(Exit::Untrusted)
}

/// The existing client would run this command now. This one leaves that to its user.
fn mention_hooks(details: &VersionDetails, printer: &Printer) {
    let hook = details
        .manifest
        .get("hooks")
        .and_then(|hooks| hooks.get("postinstall"));
    match hook {
        None | Some(Value::Null) => {}
        Some(Value::String(command)) => {
            printer.note(&format!("Its post-install hook was not run: {command}"));
        }
        Some(_) => printer.note("It has a post-install hook in its manifest, which was not run."),
    }
}
