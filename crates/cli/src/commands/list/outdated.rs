//! `enact list --outdated`: of what there is a newer version.

use enact_types::{ToolName, Version};
use serde::Serialize;

use crate::exit::Failure;
use crate::installed::Records;
use crate::installer::Installer;
use crate::printer::Printer;

/// What `--json` prints of each skill, in a list.
#[derive(Debug, Serialize)]
struct Output {
    name: ToolName,
    /// The version that is locked, or that the list says; null if neither does.
    current: Option<Version>,
    /// The highest version within what was asked for, to which `enact update` goes; null if there is
    /// none any more.
    wanted: Option<Version>,
    /// The version that the registry calls the latest, to which `enact update --latest` goes.
    latest: Option<Version>,
    /// Whether the current version was yanked.
    yanked: bool,
}

/// Asks about every skill of the list.
pub(super) async fn run(
    records: &Records,
    installer: &Installer<'_>,
    printer: &Printer,
) -> Result<(), Failure> {
    let outlooks = installer.outlooks(records).await?;
    let newer = |version: Option<&Version>, current: Option<&Version>| version > current;
    let outputs = outlooks.into_iter().map(|outlook| Output {
        name: outlook.name,
        current: outlook.current,
        wanted: outlook.wanted,
        latest: outlook.latest,
        yanked: outlook.yanked,
    });
    let outdated: Vec<_> = outputs
        .filter(|one| {
            let current = one.current.as_ref();
            one.yanked || newer(one.wanted.as_ref(), current) || newer(one.latest.as_ref(), current)
        })
        .collect();
    if outdated.is_empty() {
        printer.success("Everything is up to date");
    } else {
        let or_dash = |version: &Option<Version>| {
            let version = version.as_ref();
            version.map_or("-".to_owned(), ToString::to_string)
        };
        let row = |one: &Output| {
            let yanked = if one.yanked { "yanked" } else { "" };
            vec![
                one.name.to_string(),
                or_dash(&one.current),
                or_dash(&one.wanted),
                or_dash(&one.latest),
                yanked.to_owned(),
            ]
        };
        let rows: Vec<_> = outdated.iter().map(row).collect();
        printer.table(&["NAME", "CURRENT", "WANTED", "LATEST", ""], &rows);
        printer.note("`enact update` goes to WANTED, `enact update --latest` to LATEST.");
    }
    printer.json(&outdated);
    Ok(())
}
