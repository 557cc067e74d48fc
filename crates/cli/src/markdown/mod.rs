//! Markdown, laid out for a terminal.
//!
//! What comes out are lines of styled pieces without any control characters: the printer alone
//! decides what a style looks like.

mod layout;
mod paragraph;
mod table;

use pulldown_cmark::{Options, Parser};

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
pub(crate) fn lay_out(text: &str, width: usize) -> Vec<Line> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut layout = Layout::new(width);
    for event in Parser::new_ext(text, options) {
        layout.take(event);
    }
    layout.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(markdown: &str, width: usize) -> String {
        let lines = lay_out(markdown, width);
        let line = |line: &Line| {
            let text: String = line.iter().map(|span| span.text.as_str()).collect();
            text.trim_end().to_owned()
        };
        lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn lays_out_what_skills_are_written_with() {
        let markdown = "\
---
name: alice/greeter
---
# Greeter
Greets *a person*
by `name`.

- one
- two [docs](https://example.org/d)
  1. first
  2. second

> quoted

```sh
greet   Bob
```
| a | long |
|---|---|
| wider | b |
";
        assert_eq!(
            text(markdown, 80),
            "\
Greeter

Greets a person by name.

• one
• two docs (https://example.org/d)
  1. first
  2. second

│ quoted

    greet   Bob

a      long
wider  b"
        );
    }

    #[test]
    fn breaks_lines_between_words() {
        assert_eq!(
            text("- aaaa bbbb cccc dddd eeee\n", 22),
            "• aaaa bbbb cccc dddd\n  eeee"
        );
        assert_eq!(text("x **bold**er end", 80), "x bolder end");
        assert_eq!(text("a  \nb", 80), "a\nb");
    }

    #[test]
    fn says_how_pieces_are_meant() {
        let spans = &lay_out("a **b** `c`", 80)[0];
        let looks: Vec<_> = spans.iter().map(|span| (span.look, &*span.text)).collect();
        assert_eq!(
            looks,
            [
                (Look::Plain, "a "),
                (Look::Strong, "b"),
                (Look::Plain, " "),
                (Look::Code, "c"),
            ]
        );
    }

    #[test]
    fn hostile_text_controls_nothing_and_ends_soon() {
        let hostile = "# a\u{1b}[2J\n`\u{9b}31m`\n\n```\n\u{1b}]0;x\u{7}\n```\n[x](\u{1b}[1m)";
        assert!(!text(hostile, 80).contains(|char: char| char.is_control() && char != '\n'));
        let deep = format!("{}x", "> ".repeat(20_000));
        assert!(text(&deep, 80).len() < 100);
    }
}
