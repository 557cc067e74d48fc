//! `enact yank` and `enact unyank`.

use enact_types::wire::YankRequest;
use enact_types::{ToolName, Version};
use serde::Serialize;

use super::client;
use crate::args::{Global, Unyank, Yank};
use crate::client::Time;
use crate::exit::Failure;
use crate::printer::Printer;

/// What `yank --json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct YankOutput<'a> {
    /// Always true.
    yanked: bool,
    name: &'a ToolName,
    version: &'a Version,
    /// As given.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// As given.
    #[serde(skip_serializing_if = "Option::is_none")]
    replacement_version: Option<&'a str>,
    /// RFC 3339; null if the registry does not say.
    yanked_at: Option<Time>,
}

/// What `unyank --json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UnyankOutput<'a> {
    /// Always false.
    yanked: bool,
    name: &'a ToolName,
    version: &'a Version,
    /// RFC 3339; null if the registry does not say.
    unyanked_at: Option<Time>,
}

/// Runs `enact yank`.
pub(super) async fn yank(args: Yank, global: &Global, printer: &Printer) -> Result<(), Failure> {
    let (name, version) = (&args.tool.name, &args.tool.version);
    let request = YankRequest {
        reason: args.reason,
        replacement_version: args.replacement.map(|version| version.to_string()),
    };
    let yanked = client(global)?.yank(name, version, &request).await?;
    printer.success(&format!("Yanked {name}@{version}"));
    printer.note("It can still be downloaded by those who insist; `enact unyank` takes it back.");
    printer.json(&YankOutput {
        yanked: true,
        name,
        version,
        reason: request.reason.as_deref(),
        replacement_version: request.replacement_version.as_deref(),
        yanked_at: yanked.yanked_at,
    });
    Ok(())
}

/// Runs `enact unyank`.
pub(super) async fn unyank(
    args: Unyank,
    global: &Global,
    printer: &Printer,
) -> Result<(), Failure> {
    let (name, version) = (&args.tool.name, &args.tool.version);
    let unyanked = client(global)?.unyank(name, version).await?;
    printer.success(&format!("{name}@{version} is no longer yanked"));
    printer.json(&UnyankOutput {
        yanked: false,
        name,
        version,
        unyanked_at: unyanked.unyanked_at,
    });
    Ok(())
}
