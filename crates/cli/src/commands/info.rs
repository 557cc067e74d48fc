//! `enact info`.
//!
//! `--json` prints the answer of the registry: a [`ToolInfo`], or of one version a
//! [`VersionDetails`], both with names in camel case.

use enact_types::{ToolName, Version};

use super::{client, pick};
use crate::args::{Global, Info};
use crate::client::{Author, Time, ToolInfo, VersionDetails, VersionSummary};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::text::{bytes, escape_controls};
use crate::tool_request::Wanted;

/// How many versions a person is shown.
const VERSIONS_SHOWN: usize = 20;

/// Runs the command.
pub(super) async fn run(args: Info, global: &Global, printer: &Printer) -> Result<(), Failure> {
    let client = client(global)?;
    let tool = args.request();
    match tool.wanted {
        Some(Wanted::Exact(_) | Wanted::Range(_)) => {
            let version = pick::version(&client, &tool).await?;
            let details = client.version(&tool.name, &version).await?;
            print_version(&details, printer);
            printer.json(&details);
        }
        Some(Wanted::Latest) | None => {
            let info = client.tool(&tool.name).await?;
            print_tool(&info, printer);
            printer.json(&info);
        }
    }
    Ok(())
}

fn print_tool(info: &ToolInfo, printer: &Printer) {
    printer.heading(info.name.as_str());
    if !info.description.is_empty() {
        printer.line(&info.description);
    }
    printer.line("");
    let latest = info.latest_version.as_ref();
    facts(
        printer,
        [
            ("Latest version", latest.map(ToString::to_string)),
            ("Visibility", info.visibility.clone()),
            ("License", info.license.clone()),
            ("Tags", Some(info.tags.join(", "))),
            ("Author", username(info.author.as_ref())),
            ("Repository", info.repository.clone()),
            ("Homepage", info.homepage.clone()),
            ("Created", info.created_at.map(Time::day)),
            ("Updated", info.updated_at.map(Time::day)),
            (
                "Downloads",
                info.total_downloads.map(|count| count.to_string()),
            ),
        ],
    );
    if !info.versions.is_empty() {
        printer.line("");
        print_versions(&info.versions, printer);
    }
    print_install(&info.name, None, printer);
}

fn print_versions(versions: &[VersionSummary], printer: &Printer) {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let cells = |version: &VersionSummary| {
        vec![
            version.version.clone(),
            or_dash(version.published_at.map(Time::day)),
            or_dash(version.bundle_size.map(bytes)),
            or_dash(version.downloads.map(|count| count.to_string())),
            if version.yanked { "yanked" } else { "" }.to_owned(),
        ]
    };
    let rows: Vec<_> = versions.iter().take(VERSIONS_SHOWN).map(cells).collect();
    printer.table(&["VERSION", "PUBLISHED", "SIZE", "DOWNLOADS", ""], &rows);
    if versions.len() > VERSIONS_SHOWN {
        let more = versions.len() - VERSIONS_SHOWN;
        printer.note(&format!("and {more} more; --json lists all"));
    }
}

fn print_version(details: &VersionDetails, printer: &Printer) {
    printer.heading(&format!("{}@{}", details.name, details.version));
    if !details.description.is_empty() {
        printer.line(&details.description);
    }
    printer.line("");
    let yanked = details.yanked.then(|| match &details.yank_reason {
        Some(reason) => format!("yes: {reason}"),
        None => "yes".to_owned(),
    });
    facts(
        printer,
        [
            ("Yanked", yanked),
            (
                "Replacement",
                details.yank_replacement.as_ref().map(ToString::to_string),
            ),
            ("License", details.license.clone()),
            ("Hash", Some(details.bundle.hash.to_string())),
            ("Size", Some(bytes(details.bundle.size))),
            ("Published", details.published_at.map(Time::day)),
            ("Publisher", username(details.published_by.as_ref())),
            (
                "Downloads",
                details.downloads.map(|count| count.to_string()),
            ),
        ],
    );
    if let Ok(manifest) = serde_json::to_string_pretty(&details.manifest) {
        printer.line("");
        printer.heading("Manifest");
        let manifest = escape_controls(&manifest);
        manifest.lines().for_each(|line| printer.line(line));
    }
    print_install(&details.name, Some(&details.version), printer);
}

fn print_install(name: &ToolName, version: Option<&Version>, printer: &Printer) {
    let version = version.map(|version| format!("@{version}"));
    printer.note(&format!(
        "Install: enact install {name}{}",
        version.unwrap_or_default()
    ));
}

fn username(author: Option<&Author>) -> Option<String> {
    author.map(|author| author.username.clone())
}

/// Prints the facts that are known.
fn facts<const N: usize>(printer: &Printer, rows: [(&'static str, Option<String>); N]) {
    let known = rows.into_iter().filter_map(|(label, value)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some((label, value))
    });
    printer.facts(&known.collect::<Vec<_>>());
}
