//! A manual page, of what `--help` says. What is laid out there by hand, the examples and the exit
//! codes, stays as it is: neither filled nor hyphenated.

use std::io;

use clap::Command;
use clap_mangen::Man;

/// The headings of the help that are sections of a page, and what they are called there, in the order
/// that manual pages have them in.
const SECTIONS: [(&str, &str); 2] = [
    ("Exit codes:", "\"EXIT STATUS\""),
    ("Examples:", "EXAMPLES"),
];

/// The page of a command.
pub(super) fn render(mut command: Command) -> io::Result<Vec<u8>> {
    let help = command.get_after_help().map(ToString::to_string);
    let help = Help::read(help.as_deref().unwrap_or_default());
    let usage = command.render_usage().to_string();
    let program = concat!("enact ", env!("CARGO_PKG_VERSION"));
    let page = Man::new(command.clone()).source(program);
    let mut out = Vec::new();
    page.render_title(&mut out)?;
    // Names of commands and files have hyphens of their own.
    out.extend_from_slice(b".nh\n");
    page.render_name_section(&mut out)?;
    section("SYNOPSIS", &synopsis(&usage), &mut out);
    page.render_description_section(&mut out)?;
    for paragraph in &help.paragraphs {
        out.extend_from_slice(b".PP\n");
        line(paragraph, &mut out);
    }
    if command.get_arguments().any(|arg| !arg.is_hide_set()) {
        page.render_options_section(&mut out)?;
    }
    if command.get_subcommands().any(|sub| !sub.is_hide_set()) {
        page.render_subcommands_section(&mut out)?;
    }
    for ((_, name), lines) in SECTIONS.iter().zip(&help.sections) {
        if !lines.is_empty() {
            section(name, lines, &mut out);
        }
    }
    page.render_version_section(&mut out)?;
    Ok(out)
}

/// The lines of a usage, without the word in front of them.
fn synopsis(usage: &str) -> Vec<&str> {
    let usage = usage.strip_prefix("Usage:").unwrap_or(usage);
    usage.lines().map(str::trim).collect()
}

/// Writes a section whose lines stay as they are. `name` is in quotes if it is two words.
fn section(name: &str, lines: &[&str], out: &mut Vec<u8>) {
    out.extend_from_slice(format!(".SH {name}\n.nf\n").as_bytes());
    for text in lines {
        line(text, out);
    }
    out.extend_from_slice(b".fi\n");
}

/// Writes a line of text, of which nothing is taken for a request of roff.
fn line(text: &str, out: &mut Vec<u8>) {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) {
        out.extend_from_slice(b"\\&");
    }
    out.extend_from_slice(text.as_bytes());
    out.push(b'\n');
}

/// What stands below the options of a help.
#[derive(Debug, Default)]
struct Help<'a> {
    /// The lines of each of [`SECTIONS`].
    sections: [Vec<&'a str>; 2],
    /// Everything else, each on one line.
    paragraphs: Vec<String>,
}

impl<'a> Help<'a> {
    fn read(text: &'a str) -> Self {
        let mut help = Self::default();
        for block in text.split("\n\n") {
            let (first, rest) = block.split_once('\n').unwrap_or((block, ""));
            match SECTIONS.iter().position(|(heading, _)| *heading == first) {
                Some(index) => {
                    let lines = rest
                        .lines()
                        .map(|line| line.strip_prefix("  ").unwrap_or(line));
                    help.sections[index].extend(lines);
                }
                None if block.is_empty() => {}
                None => help.paragraphs.push(block.replace('\n', " ")),
            }
        }
        help
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_help_is_examples_codes_and_paragraphs() {
        let help =
            Help::read("Examples:\n  a -b    c\n  d\n\nOne\nparagraph.\n\nExit codes:\n  0  x");
        assert_eq!(help.sections, [vec!["0  x"], vec!["a -b    c", "d"]]);
        assert_eq!(help.paragraphs, ["One paragraph."]);
    }

    #[test]
    fn text_is_no_request() {
        let mut out = Vec::new();
        line(".\\-", &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "\\&.\\e\\-\n");
    }
}
