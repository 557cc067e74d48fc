//! `enact completions` and `enact man`, made from the definition of the command line.

mod page;

use std::fs;
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_complete::aot::{self, generate};

use crate::args::{Cli, Completions, Man, Shell};
use crate::exit::Failure;
use crate::printer::Printer;

/// Runs `enact completions`.
pub(super) fn completions(args: &Completions, printer: &Printer) {
    let mut command = Cli::command();
    let mut script = Vec::new();
    let shell = match args.shell {
        Shell::Bash => aot::Shell::Bash,
        Shell::Zsh => aot::Shell::Zsh,
        Shell::Fish => aot::Shell::Fish,
    };
    generate(shell, &mut command, "enact", &mut script);
    if printer.is_json() {
        let script = String::from_utf8_lossy(&script);
        printer.json(&serde_json::json!({ "script": script }));
    } else {
        printer.bytes(&script);
    }
}

/// Runs `enact man`.
pub(super) fn man(args: &Man, printer: &Printer) -> Result<(), Failure> {
    let Some(folder) = &args.folder else {
        let page = render(Cli::command().disable_help_subcommand(true))?;
        printer.json(&serde_json::json!({ "page": String::from_utf8_lossy(&page) }));
        if !printer.is_json() {
            printer.bytes(&page);
        }
        return Ok(());
    };
    let failed = |error: &_| Failure::io(format!("cannot write to {}", folder.display()), error);
    fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let count = pages(&command, folder)?;
    printer.success(&format!("Wrote {count} pages to {}", folder.display()));
    printer.json(&serde_json::json!({ "folder": folder, "pages": count }));
    Ok(())
}

/// Writes the page of a command and those of its subcommands; returns how many.
fn pages(command: &Command, folder: &Path) -> Result<usize, Failure> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let path = folder.join(format!("{name}.1"));
    let page = render(command.clone())?;
    fs::write(&path, page)
        .map_err(|error| Failure::io(format!("cannot write {}", path.display()), &error))?;
    let mut count = 1;
    for subcommand in command.get_subcommands() {
        count += pages(subcommand, folder)?;
    }
    Ok(count)
}

fn render(command: Command) -> Result<Vec<u8>, Failure> {
    page::render(command).map_err(|error| Failure::io("cannot write a manual page", &error))
}
