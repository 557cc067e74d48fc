//! What becomes of text that people write, and of hostile text.

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
    let hostile = "# a\u{1b}[2J\n`\u{9b}31m`\n\n```\n\u{1b}]0;x\u{7}\n```\n[x](\u{1b}[1m)\n\n|\u{1b}[2J|\n|-|\n|\u{9b}31m|";
    assert!(!text(hostile, 80).contains(|char: char| char.is_control() && char != '\n'));
    let deep = format!("{}x", "> ".repeat(20_000));
    assert!(text(&deep, 80).len() < 100);
}

/// A table of this many columns, without a row.
fn table(columns: usize) -> String {
    format!("{}|\n{}|\n", "|a".repeat(columns), "|-".repeat(columns))
}

#[test]
fn hostile_text_is_not_much_longer_when_it_is_laid_out() {
    const SIZE: usize = 128 * 1024;
    let wide_row = |columns: usize| format!("|{}", "x".repeat(79)).repeat(columns);
    let marks = |mark: &str| mark.repeat(SIZE / 4);
    let address = format!("[a]: http://{}\n\n", "x".repeat(SIZE / 2));
    let long_cell = format!("{}|{}|b|\n", table(2), "x".repeat(SIZE / 2));
    let wide_column = format!("{}{}|\n", table(2), wide_row(1));
    let wide_columns = format!("{}{}|\n", table(300), wide_row(300));
    // What it begins with, and what is repeated.
    for (what, start, more) in [
        ("a table with one long cell", long_cell, "|a|b|\n"),
        ("a table with a wide column", wide_column, "||b\n"),
        ("a table with many of them", wide_columns, &"|".repeat(300)),
        ("a table with missing cells", table(300), "|\n"),
        ("rules", String::new(), "***\n"),
        ("code in lists", "- ".repeat(50) + "```\n", "\n"),
        ("code in quotes", String::new(), ">>>>>>>>>>>>     x\n"),
        ("tabs in code", "```\n".to_owned(), "\t"),
        ("words in quotes", marks("> "), "1234567890 "),
        ("lines in quotes", ">".repeat(20), "a\\\n"),
        ("lines after many quotes", marks("> "), "a\n"),
        (
            "old lines after many quotes",
            "\r".to_owned() + &marks("> "),
            "a\r",
        ),
        ("lines after many lists", marks("- "), "a\n"),
        ("empty lines after many lists", marks("- "), "\na\n"),
        ("numbered lists", String::new(), "999999999. "),
        ("lists", String::new(), "- a\n* a\n"),
        ("images in images", "![".repeat(SIZE / 8), "](u)"),
        ("references to a long address", address, "[a] "),
    ] {
        let times = (SIZE - start.len()) / more.len();
        let lines = lay_out(&(start + &more.repeat(times)), 80);
        let length: usize = lines.iter().flatten().map(|span| span.text.len()).sum();
        assert!(length < 10 * SIZE, "{what}: {length} bytes");
    }
}

#[test]
fn a_cell_that_is_too_long_makes_no_other_longer() {
    let long = "x".repeat(21);
    assert_eq!(
        text(&format!("|a|b|\n|-|-|\n|{long}|b|\n|four|c|\n"), 20),
        format!("a     b\n{long}  b\nfour  c")
    );
}
