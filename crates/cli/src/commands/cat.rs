//! `enact cat`: one file of a skill, byte for byte.

use super::{client, pick};
use crate::args::{Cat, Global};
use crate::client::Body;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::text::bytes;

/// The largest file that is shown in JSON or on a terminal, in bytes.
const MAX_SHOWN: u64 = 8 * 1024 * 1024;

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
        let content = text(
            body,
            "leave --json out and send it to a file: enact cat … > FILE",
        )
        .await?;
        printer.json(&serde_json::json!({
            "name": name,
            "version": version,
            "path": args.path,
            "size": content.len(),
            "content": content,
        }));
    } else if printer.is_for_person() {
        let content = text(body, "send it to a file: enact cat … > FILE").await?;
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

/// The whole file, which must be text, and not too much of it.
async fn text(mut body: Body, otherwise: &str) -> Result<String, Failure> {
    let announced = body.announced();
    if announced.is_some_and(|size| size > MAX_SHOWN) {
        return Err(too_large(announced, otherwise));
    }
    let mut content = Vec::new();
    while let Some(chunk) = body.chunk().await? {
        content.extend_from_slice(chunk.as_ref());
        if content.len() as u64 > MAX_SHOWN {
            return Err(too_large(None, otherwise));
        }
    }
    String::from_utf8(content)
        .map_err(|_| Failure::new("NOT_TEXT", "the file is not text").hint(otherwise))
}

fn too_large(size: Option<u64>, otherwise: &str) -> Failure {
    let most = bytes(MAX_SHOWN);
    let message = match size {
        Some(size) => format!("the file has {}, and at most {most} are shown", bytes(size)),
        None => format!("the file has more than {most}, which are the most that is shown"),
    };
    Failure::new("FILE_TOO_LARGE", message).hint(otherwise)
}
