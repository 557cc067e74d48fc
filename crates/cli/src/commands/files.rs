//! `enact files`: the files of a skill, without downloading it.

use enact_types::wire::{FileEntry, FileKind};
use enact_types::{ToolName, Version};
use serde::Serialize;

use super::{client, pick};
use crate::args::{Files, Global};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::text::bytes;

/// What `--json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    name: &'a ToolName,
    version: &'a Version,
    /// With `path`, `size` in bytes, `type` (`file` or `directory`) and `executable`.
    files: &'a [FileEntry],
    /// The sizes of all files together, in bytes.
    total_bytes: u64,
}

/// Runs the command.
pub(super) async fn run(args: Files, global: &Global, printer: &Printer) -> Result<(), Failure> {
    let client = client(global)?;
    let version = pick::version(&client, &args.tool).await?;
    let list = client.files(&args.tool.name, &version).await?;
    printer.heading(&format!("{}@{version}", args.tool.name));
    printer.line("");
    let total_bytes = print(&list.files, printer);
    printer.json(&Output {
        name: &args.tool.name,
        version: &version,
        files: &list.files,
        total_bytes,
    });
    Ok(())
}

/// Prints a table of the files and returns their sizes together.
pub(super) fn print(files: &[FileEntry], printer: &Printer) -> u64 {
    let only_files = || files.iter().filter(|file| file.kind == FileKind::File);
    let total = only_files().fold(0u64, |sum, file| sum.saturating_add(file.size));
    let row = |size: String, path: String| vec![format!("{size:>10}"), path];
    let mut rows: Vec<_> = only_files()
        .map(|file| {
            let mark = if file.executable { " *" } else { "" };
            row(bytes(file.size), format!("{}{mark}", file.path))
        })
        .collect();
    let count = rows.len();
    let word = if count == 1 { "file" } else { "files" };
    rows.push(row(bytes(total), format!("in {count} {word}")));
    printer.table(&["      SIZE", "PATH"], &rows);
    if only_files().any(|file| file.executable) {
        printer.note("* may be executed");
    }
    total
}
