//! `enact search`.

use enact_types::limits::MAX_PAGE;
use serde::Serialize;

use super::client;
use crate::args::{Global, Search};
use crate::client::{SearchPage, SearchQuery, SearchRow};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::text::shorten;

/// What `--json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    query: &'a str,
    results: &'a [SearchRow],
    /// How many skills match in all.
    total: u64,
    limit: u32,
    offset: u32,
    /// Whether a larger `--offset` would show more.
    has_more: bool,
    /// How the registry searched, in its own word.
    search_type: Option<&'a str>,
}

/// Runs the command.
pub(super) async fn run(args: Search, global: &Global, printer: &Printer) -> Result<(), Failure> {
    if args.query.is_empty() && args.tags.is_empty() {
        return Err(Failure::new("USAGE", "what is there to look for?")
            .hint("name words, as in: enact search csv")
            .hint("or a tag: enact search --tags text")
            .hint("or list everything: enact search \"\"")
            .with_exit(Exit::Usage));
    }
    let query = args.query.join(" ");
    let page = client(global)?
        .search(SearchQuery {
            words: &query,
            tags: &args.tags,
            limit: args.limit.min(MAX_PAGE),
            offset: args.offset,
        })
        .await?;
    let end = u64::from(page.offset) + page.tools.len() as u64;
    let has_more = !page.tools.is_empty() && end < page.total;
    if page.tools.is_empty() {
        printer.note("No skills found.");
    } else {
        print(&page, end, has_more, printer);
    }
    printer.json(&Output {
        query: &query,
        results: &page.tools,
        total: page.total,
        limit: page.limit,
        offset: page.offset,
        has_more,
        search_type: page.search_type.as_deref(),
    });
    Ok(())
}

fn print(page: &SearchPage, end: u64, has_more: bool, printer: &Printer) {
    let cells = |row: &SearchRow| {
        vec![
            row.name.clone(),
            row.version.clone().unwrap_or_else(|| "-".to_owned()),
            shorten(&row.description),
            row.tags.join(","),
            row.downloads.to_string(),
        ]
    };
    let rows: Vec<_> = page.tools.iter().map(cells).collect();
    printer.table(
        &["NAME", "VERSION", "DESCRIPTION", "TAGS", "DOWNLOADS"],
        &rows,
    );
    if has_more {
        printer.note(&format!(
            "{}-{end} of {}; more: --offset {end}",
            u64::from(page.offset) + 1,
            page.total
        ));
    }
}
