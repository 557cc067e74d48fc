//! `enact inspect`: what a skill holds and would run, for whoever wants to look before installing.

use std::fs::File;
use std::path::Path;

use enact_bundle::{BundleError, Limits};
use enact_types::wire::{FileEntry, FileKind};
use enact_types::{Digest, ToolName, Version};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{files, pick, settings};
use crate::args::{Global, Inspect};
use crate::client::{Client, Time, VersionDetails};
use crate::exit::{Exit, Failure};
use crate::installed::is_replaceable;
use crate::installer::{Target, bad_bundle, download};
use crate::printer::Printer;
use crate::text::bytes;
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
    commands: Map<String, Value>,
    /// The variables and secrets that it asks for, as the manifest has them; null if none.
    env: Option<&'a Value>,
    files: &'a [FileEntry],
    /// Where the files are; null without `--download`.
    location: Option<&'a Path>,
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
    let commands = commands(&details.manifest);
    let target = args.download.then(|| args.target());
    if let Some(target) = target.as_deref().filter(|_| args.force) {
        check_replaceable(target)?;
    }
    let files = if let Some(target) = &target {
        let exactly = Wanted::Exact(version.clone());
        let bundle = Target::described(&details, exactly, &registry);
        let progress = printer.transfer("Downloading", 0);
        let bundle = download(&client, &bundle, printer, &progress).await;
        progress.finish_and_clear();
        unpack(&bundle?, target, args.force)?
    } else {
        let list = client.files(name, &version).await;
        list.map_err(unanswered)?.files
    };
    let env = details.manifest.get("env").filter(|env| !env.is_null());
    print(&details, &commands, env, &files, printer);
    if let Some(target) = &target {
        printer.success(&format!("Unpacked into {}", target.display()));
    }
    printer.note("Nothing was installed or run.");
    printer.json(&Output {
        name,
        version: &version,
        hash: details.bundle.hash,
        size: details.bundle.size,
        yanked: details.yanked,
        published_at: details.published_at,
        attestations: details.attestations.len(),
        commands,
        env,
        files: &files,
        location: target.as_deref(),
    });
    Ok(())
}

/// The registry did not give what is to be looked at.
fn unanswered(failure: impl Into<Failure>) -> Failure {
    failure.into().with_exit(Exit::Registry)
}

fn commands(manifest: &Map<String, Value>) -> Map<String, Value> {
    let there = COMMANDS.iter().filter_map(|&key| {
        let value = manifest.get(key).filter(|value| !value.is_null())?;
        Some((key.to_owned(), value.clone()))
    });
    there.collect()
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

/// Checks and unpacks the bundle; returns what it holds.
fn unpack(bundle: &File, target: &Path, force: bool) -> Result<Vec<FileEntry>, Failure> {
    let contents = enact_bundle::extract(bundle, &Limits::default(), target, force);
    let contents = contents.map_err(|error| match error {
        BundleError::TargetExists(_) => {
            let message = format!("{} exists already", target.display());
            Failure::new("TARGET_EXISTS", message)
                .hint("name another folder, or replace it with --force")
        }
        error => bad_bundle(&error),
    })?;
    let files = contents.files.into_iter().map(|file| FileEntry {
        path: file.path,
        size: file.size,
        kind: FileKind::File,
        executable: file.executable,
    });
    Ok(files.collect())
}

fn print(
    details: &VersionDetails,
    commands: &Map<String, Value>,
    env: Option<&Value>,
    files: &[FileEntry],
    printer: &Printer,
) {
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
    if !commands.is_empty() {
        printer.line("");
        printer.heading("Commands in its manifest");
        print_tree(&Value::Object(commands.clone()), printer);
    }
    if let Some(env) = env {
        printer.line("");
        printer.heading("Variables that it asks for");
        print_tree(env, printer);
    }
    printer.line("");
    files::print(files, printer);
    printer.line("");
}

fn print_tree(value: &Value, printer: &Printer) {
    if let Ok(text) = serde_json::to_string_pretty(value) {
        let inner = text.lines().filter(|line| !matches!(*line, "{" | "}"));
        inner.for_each(|line| printer.line(line));
    }
}
