//! `enact visibility`: changes who can see a skill.

use enact_types::{ToolName, Visibility};
use serde::Serialize;

use super::client;
use crate::args::{Global, SetVisibility};
use crate::exit::Failure;
use crate::printer::Printer;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Output<'a> {
    tool: &'a ToolName,
    /// `public`, `unlisted` or `private`.
    visibility: Visibility,
    /// Always true.
    success: bool,
}

/// Runs the command.
pub(super) async fn run(
    args: SetVisibility,
    global: &Global,
    printer: &Printer,
) -> Result<(), Failure> {
    let SetVisibility { name, visibility } = args;
    client(global)?.set_visibility(&name, visibility).await?;
    printer.success(&format!(
        "{name} is now {visibility}: {}",
        meaning(visibility)
    ));
    printer.json(&Output {
        tool: &name,
        visibility,
        success: true,
    });
    Ok(())
}

/// What a visibility means for others.
pub(super) fn meaning(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "everybody can find and install it",
        Visibility::Unlisted => "everybody who knows its name can install it",
        Visibility::Private => "only its owners can see it",
    }
}
