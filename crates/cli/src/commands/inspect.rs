//! `enact inspect`: what a skill holds and would run, for whoever wants to look before installing.

use std::fs::{self, File};
use std::path::Path;

use enact_bundle::{BundleError, Contents, Durability, Limits, Placed, hidden_character};
use enact_types::wire::{FileEntry, FileKind};
use enact_types::{Clock as _, Digest, SystemClock, ToolName, Version};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{files, pick, settings};
use crate::args::{Global, Inspect};
use crate::client::{Client, Time, VersionDetails};
use crate::exit::{Exit, Failure};
use crate::installed::is_replaceable;
use crate::installer::{Target, bad_bundle, check_stated, download};
use crate::printer::Printer;
use crate::text::{bytes, command_lines, escape_controls};
use crate::tool_request::Wanted;

/// The parts of a manifest that are commands to run.
const COMMANDS: [&str; 4] = ["hooks", "scripts", "command", "build"];

/// What `--json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    name: &'a ToolName,
    version: &'a Version,
    /// `sha256:` and 64 hexadecimal digits.
    hash: Digest,
    /// The size of the bundle, in bytes.
    size: u64,
    yanked: bool,
    published_at: Option<Time>,
    /// How many attestations the registry has; this client does not verify them.
    attestations: usize,
    /// The parts of the manifest that are commands, as they are.
    commands: &'a Map<String, Value>,
    /// The variables and secrets that it asks for, as the manifest has them; null if none.
    env: Option<&'a Value>,
    /// Whose manifest has these.
    manifest_from: ManifestFrom,
    /// Whether the registry says the same of both as the bundle; null without `--download`.
    registry_agrees: Option<bool>,
    files: &'a [FileEntry],
    /// Where the files are; null without `--download`.
    location: Option<&'a Path>,
}

/// Where a manifest was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum ManifestFrom {
    /// What was sent to the registry when the version was published. Whoever did that can have sent
    /// anything.
    Registry,
    /// What is in the bundle. An install goes by this.
    Bundle,
}

/// What a manifest would have run.
#[derive(Debug, PartialEq)]
struct Runs {
    /// Its parts that are commands, as they are.
    commands: Map<String, Value>,
    /// The variables and secrets that it asks for.
    env: Option<Value>,
}

impl Runs {
    fn of(manifest: &Map<String, Value>) -> Self {
        let part = |key: &str| manifest.get(key).filter(|value| !value.is_null()).cloned();
        let commands = COMMANDS.iter();
        let commands = commands.filter_map(|&key| Some((key.to_owned(), part(key)?)));
        Self {
            commands: commands.collect(),
            env: part("env"),
        }
    }
}

/// Runs the command.
pub(super) async fn run(args: Inspect, global: &Global, printer: &Printer) -> Result<(), Failure> {
    let settings = settings(global)?;
    let registry = settings.registry.clone();
    let client = Client::new(settings)?;
    let name = &args.tool.name;
    let version = pick::version(&client, &args.tool)
        .await
        .map_err(unanswered)?;
    let details = client.version(name, &version).await.map_err(unanswered)?;
    let target = args.download.then(|| args.target());
    if let Some(target) = target.as_deref().filter(|_| args.force) {
        check_replaceable(target)?;
    }
    let contents = if let Some(place) = &target {
        let exactly = Wanted::Exact(version.clone());
        let target = Target::described(&details, exactly, &registry);
        let progress = printer.transfer("Downloading", 0);
        let bundle = download(&client, &target, printer, &progress).await;
        progress.finish_and_clear();
        Some(unpack(&bundle?, &target, place, args.force)?)
    } else {
        None
    };
    let files = if let Some(contents) = &contents {
        contents.files.iter().map(entry).collect()
    } else {
        let list = client.files(name, &version).await;
        list.map_err(unanswered)?.files
    };
    let said = Runs::of(&details.manifest);
    let held = contents.map(|contents| Runs::of(&contents.manifest));
    let agrees = held.as_ref().map(|held| *held == said);
    print_facts(&details, printer);
    match &held {
        None => print_runs(&said, ", as the registry says", printer),
        Some(held) => print_runs(held, "", printer),
    }
    if agrees == Some(false) {
        printer.line("");
        printer.warning(
            "the registry says something else than the bundle, and an install goes by the bundle; this is what the registry says:",
        );
        print_runs(&said, ", as the registry says", printer);
    }
    printer.line("");
    files::print(&files, printer);
    printer.line("");
    if let Some(target) = &target {
        printer.success(&format!("Unpacked into {}", target.display()));
    }
    printer.note("Nothing was installed or run.");
    let from = match &held {
        None => ManifestFrom::Registry,
        Some(_) => ManifestFrom::Bundle,
    };
    let shown = held.as_ref().unwrap_or(&said);
    printer.json(&Output {
        name,
        version: &version,
        hash: details.bundle.hash,
        size: details.bundle.size,
        yanked: details.yanked,
        published_at: details.published_at,
        attestations: details.attestations.len(),
        commands: &shown.commands,
        env: shown.env.as_ref(),
        manifest_from: from,
        registry_agrees: agrees,
        files: &files,
        location: target.as_deref(),
    });
    Ok(())
}

/// The registry did not give what is to be looked at.
fn unanswered(failure: impl Into<Failure>) -> Failure {
    failure.into().with_exit(Exit::Registry)
}

/// Refuses to delete what is no skill, for example a home folder that was named by mistake.
fn check_replaceable(target: &Path) -> Result<(), Failure> {
    if is_replaceable(target) {
        return Ok(());
    }
    let message = format!("{} exists and is not a skill", target.display());
    Err(Failure::new("OCCUPIED", message)
        .hint("name another folder; --force replaces a skill or an empty folder alone"))
}

/// Checks the bundle, unpacks it to `place` and returns what it holds.
fn unpack(bundle: &File, target: &Target, place: &Path, force: bool) -> Result<Contents, Failure> {
    let failed = |error| match error {
        // The folder that one is in cannot be replaced.
        BundleError::TargetExists(_) if place.file_name().is_none() => {
            let message = format!("{} exists already", place.display());
            Failure::new("TARGET_EXISTS", message).hint("name a new folder")
        }
        BundleError::TargetExists(_) => {
            let message = format!("{} exists already", place.display());
            Failure::new("TARGET_EXISTS", message)
                .hint("name another folder, or replace it with --force")
        }
        error => bad_bundle(&error),
    };
    if !force && fs::symlink_metadata(place).is_ok() {
        return Err(failed(BundleError::TargetExists(place.to_owned())));
    }
    let limits = Limits::default();
    let unpacked = enact_bundle::unpack(bundle, &limits, place, Durability::Flushed);
    let unpacked = unpacked.map_err(failed)?;
    enact_bundle::remove_left_over([place], SystemClock.now().into());
    check_stated(unpacked.contents(), target)?;
    unpacked
        .put_in_place(force)
        .map(Placed::keep)
        .map_err(failed)
}

fn entry(file: &enact_bundle::FileEntry) -> FileEntry {
    FileEntry {
        path: file.path.clone(),
        size: file.size,
        kind: FileKind::File,
        executable: file.executable,
    }
}

fn print_facts(details: &VersionDetails, printer: &Printer) {
    printer.heading(&format!("{}@{}", details.name, details.version));
    if !details.description.is_empty() {
        printer.line(&details.description);
    }
    printer.line("");
    let mut facts = vec![
        ("Hash", details.bundle.hash.to_string()),
        ("Size", bytes(details.bundle.size)),
    ];
    facts.extend(details.published_at.map(|at| ("Published", at.day())));
    if let Some(publisher) = &details.published_by {
        facts.push(("Publisher", publisher.username.clone()));
    }
    facts.push(("Attestations", details.attestations.len().to_string()));
    if details.yanked {
        let reason = details.yank_reason.as_deref();
        facts.push(("Yanked", reason.unwrap_or("yes").to_owned()));
    }
    printer.facts(&facts);
}

/// Prints what would be run; `source` says whose words these are, if not the bundle's.
fn print_runs(runs: &Runs, source: &str, printer: &Printer) {
    let Runs { commands, env } = runs;
    let hooks = enact_bundle::post_install(commands);
    if !hooks.is_empty() {
        printer.line("");
        printer.heading(&format!("Run after an install, if you agree{source}"));
        let lines = hooks.iter().flat_map(|hook| command_lines(hook));
        lines.for_each(|line| printer.line(&line));
        if hooks.iter().any(|hook| hidden_character(hook).is_some()) {
            printer.warning(
                "that has characters which are not seen on a terminal, shown by their codes; it is never run",
            );
        }
    }
    if !commands.is_empty() {
        printer.line("");
        printer.heading(&format!("Commands in its manifest{source}"));
        print_tree(&Value::Object(commands.clone()), printer);
    }
    if let Some(env) = env {
        printer.line("");
        printer.heading(&format!("Variables that it asks for{source}"));
        print_tree(env, printer);
    }
}

fn print_tree(value: &Value, printer: &Printer) {
    if let Ok(text) = serde_json::to_string_pretty(value) {
        let text = escape_controls(&text);
        let inner = text.lines().filter(|line| !matches!(*line, "{" | "}"));
        inner.for_each(|line| printer.line(line));
    }
}
