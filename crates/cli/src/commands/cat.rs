//! `enact cat`: one file of a skill, byte for byte.

use super::{client, pick};
use crate::args::{Cat, Global};
use crate::client::Body;
use crate::exit::Failure;
use crate::printer::Printer;

/// The largest file that is shown in JSON or on a terminal, in bytes.
const MAX_SHOWN: usize = 8 * 1024 * 1024;

/// Runs the command.
pub(super) async fn run(args: Cat, global: &Global, printer: &Printer) -> Result<(), Failure> {
    let client = client(global)?;
    let version = pick::version(&client, &args.tool).await?;
    let name = &args.tool.name;
    let body = client.file(name, &version, &args.path).await;
    let mut body = body.map_err(|error| {
        error.hint(format!(
            "`enact files {name}@{version}` lists what it holds"
        ))
    })?;
    if printer.is_json() {
        let content = text(body, "leave --json out to get its bytes").await?;
        printer.json(&serde_json::json!({
            "name": name,
            "version": version,
            "path": args.path,
            "size": content.len(),
            "content": content,
        }));
    } else if printer.is_for_person() {
        let content = text(body, "send it to a file: enact cat … > file").await?;
        content.lines().for_each(|line| printer.line(line));
    } else {
        while let Some(chunk) = body.chunk().await? {
            if !printer.bytes(chunk.as_ref()) {
                break;
            }
        }
    }
    Ok(())
}

/// The whole file, which must be text.
async fn text(body: Body, otherwise: &str) -> Result<String, Failure> {
    let content = body.collect(MAX_SHOWN).await?;
    String::from_utf8(content)
        .map_err(|_| Failure::new("NOT_TEXT", "the file is not text").hint(otherwise))
}
