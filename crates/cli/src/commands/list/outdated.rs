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
    /// Whether the registry has no such skill any more, or none that this caller may see.
    gone: bool,
}

/// Asks about every skill of the list.
pub(super) async fn run(
    records: &Records,
    installer: &Installer<'_>,
    printer: &Printer,
) -> Result<(), Failure> {
    let outlooks = installer.outlooks(records).await?;
    let outputs = outlooks.into_iter().map(|outlook| Output {
        name: outlook.name,
        current: outlook.current,
        wanted: outlook.wanted,
        latest: outlook.latest,
        yanked: outlook.yanked,
        gone: outlook.gone,
    });
    let outdated: Vec<_> = outputs
        .filter(|one| {
            let current = one.current.as_ref();
            let newer = |version: &Option<Version>| version.as_ref() > current;
            one.yanked || one.gone || newer(&one.wanted) || newer(&one.latest)
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
            let remark = match (one.gone, one.yanked) {
                (true, _) => "gone",
                (false, true) => "yanked",
                (false, false) => "",
            };
            vec![
                one.name.to_string(),
                or_dash(&one.current),
                or_dash(&one.wanted),
                or_dash(&one.latest),
                remark.to_owned(),
            ]
        };
        let rows: Vec<_> = outdated.iter().map(row).collect();
        printer.table(&["NAME", "CURRENT", "WANTED", "LATEST", ""], &rows);
        printer.note("`enact update` goes to WANTED, `enact update --latest` to LATEST.");
        if let Some(Output { name, .. }) = outdated.iter().find(|one| one.gone) {
            printer.note(&format!(
                "What is gone is not in its registry any more, or not for you to see; take it off the list: enact uninstall {name}"
            ));
        }
    }
    printer.json(&outdated);
    Ok(())
}
