//! Markdown, laid out for a terminal.
//!
//! What comes out are lines of styled pieces without any control characters: the printer alone
//! decides what a style looks like.

mod allowance;
mod layout;
mod nesting;
mod paragraph;
mod table;

use pulldown_cmark::{Options, Parser};

use self::allowance::Allowance;
use self::layout::Layout;

/// How a piece of text is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Look {
    /// As the rest.
    #[default]
    Plain,
    /// A heading, or what is strongly emphasised.
    Strong,
    /// What is emphasised.
    Emphasis,
    /// Code.
    Code,
    /// What matters less: addresses, rules, marks.
    Faint,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// How it is meant.
    pub(crate) look: Look,
    /// Its text, without control characters.
    pub(crate) text: String,
}

/// A line.
pub(crate) type Line = Vec<Span>;

impl Span {
    fn new(look: Look, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { look, text }
    }
}

/// Lays `text` out in lines of at most `width` characters, but for what cannot be broken: code and
/// long words. Front matter is left out.
///
/// Whatever the text, the time and the length of what comes out are proportional to its length.
pub(crate) fn lay_out(text: &str, width: usize) -> Vec<Line> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let text = nesting::bounded(text);
    let mut layout = Layout::new(width, Allowance::of(text.len()));
    for event in Parser::new_ext(&text, options) {
        layout.take(event);
    }
    layout.finish()
}

#[cfg(test)]
mod tests;
