//! `enact delete`: deletes a skill with all its versions.

use enact_types::ToolName;
use serde::Serialize;

use super::{client, until_ctrl_c};
use crate::args::{Delete, Global};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::question::{ask, can_ask};

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Output<'a> {
    name: &'a ToolName,
    /// Always true.
    deleted: bool,
}

/// Runs the command. Asks before it looks for Ctrl-C itself, which so ends the program.
pub(super) fn run(args: &Delete, global: &Global, printer: &Printer) -> Result<(), Failure> {
    if !args.yes {
        confirm(&args.name, printer)?;
    }
    until_ctrl_c(delete(&args.name, global, printer))
}

async fn delete(name: &ToolName, global: &Global, printer: &Printer) -> Result<(), Failure> {
    client(global)?.delete_tool(name).await?;
    printer.success(&format!("Deleted {name}, with all its versions"));
    printer.note("The name stays taken, and so do its version numbers.");
    printer.json(&Output {
        name,
        deleted: true,
    });
    Ok(())
}

/// Has the name typed once more.
fn confirm(name: &ToolName, printer: &Printer) -> Result<(), Failure> {
    if !can_ask(printer) {
        let message = format!("deleting {name} is for ever, and there is no terminal to ask at");
        return Err(Failure::new("USAGE", message)
            .hint(format!("if it is meant: enact delete {name} --yes"))
            .with_exit(Exit::Usage));
    }
    printer.warning(&format!(
        "this deletes {name} with all its versions, for ever; nobody can publish under this name again"
    ));
    if ask("Type the name of the skill to delete it:", printer)? == name.as_str() {
        return Ok(());
    }
    let message = format!("that is not {name}; nothing was deleted");
    Err(Failure::new("NOT_CONFIRMED", message))
}
