//! `enact learn`: what a skill's SKILL.md says.

use std::fs::File;
use std::io::{self, Read as _};

use enact_types::ToolName;
use enact_types::limits::MAX_MANIFEST_BYTES;
use serde::Serialize;

use super::{client, pick};
use crate::args::{Global, Learn};
use crate::exit::Failure;
use crate::installed::Place;
use crate::printer::Printer;
use crate::settings::home;

/// The files that may hold a skill's text, the first one that exists counts.
const DOCUMENTS: [&str; 2] = ["SKILL.md", "enact.md"];

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Output<'a> {
    name: &'a ToolName,
    /// Null if an installed skill does not tell.
    version: Option<String>,
    /// Markdown, with its front matter; empty if the skill has none.
    documentation: &'a str,
}

/// Runs the command.
pub(super) async fn run(args: Learn, global: &Global, printer: &Printer) -> Result<(), Failure> {
    let name = &args.tool.name;
    let (version, text) = if args.local {
        installed(name)?
    } else {
        let client = client(global)?;
        let version = pick::version(&client, &args.request()).await?;
        let details = client.version(name, &version).await?;
        let text = details.raw_manifest.filter(|text| !text.is_empty());
        let doc = || Some(details.manifest.get("doc")?.as_str()?.to_owned());
        let text = text.or_else(doc).unwrap_or_default();
        (Some(version.to_string()), text)
    };
    if text.trim().is_empty() {
        printer.warning(&format!(
            "{name} has no text: see `enact info {name}` and `enact files {name}`"
        ));
    } else if printer.is_for_person() {
        printer.markdown(&text);
    } else if !printer.is_json() {
        printer.bytes(text.as_bytes());
        if !text.ends_with('\n') {
            printer.bytes(b"\n");
        }
    }
    printer.json(&Output {
        name,
        version,
        documentation: &text,
    });
    Ok(())
}

/// The version and the text of an installed skill.
fn installed(name: &ToolName) -> Result<(Option<String>, String), Failure> {
    let missing = || {
        Failure::new("NOT_INSTALLED", format!("{name} is not installed"))
            .hint(format!("enact install {name}"))
            .hint("or leave --local out to ask the registry")
    };
    let place = Place::of(&home().ok_or_else(missing)?, name);
    for document in DOCUMENTS {
        let path = place.path().join(document);
        let failed = |error| Failure::io(format!("cannot read {}", path.display()), &error);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(error)),
        };
        let mut text = Vec::new();
        let mut bounded = file.take(MAX_MANIFEST_BYTES);
        bounded.read_to_end(&mut text).map_err(failed)?;
        let version = place.version().map(|version| version.to_string());
        return Ok((version, String::from_utf8_lossy(&text).into_owned()));
    }
    Err(missing())
}
