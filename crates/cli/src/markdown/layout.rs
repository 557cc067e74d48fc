//! The blocks of a text, one below the other, with their margins.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::allowance::Allowance;
use super::paragraph::Paragraph;
use super::table::Table;
use super::{Line, Look, Span};
use crate::text::clean;

/// The deepest nesting of lists and quotes that is still indented: hostile text nests thousands.
const MAX_DEPTH: usize = 12;

/// Lines that become more with each event of the parser.
pub(super) struct Layout {
    width: usize,
    allowance: Allowance,
    lines: Vec<Line>,
    paragraph: Paragraph,
    /// What stands in front of each line, by nesting.
    margins: Vec<Margin>,
    looks: Vec<Look>,
    /// The addresses of the links and images that are open.
    addresses: Vec<String>,
    /// Whether the next block is separated from the last one by an empty line.
    gap: bool,
    is_code: bool,
    is_hidden: bool,
    table: Option<Table>,
}

/// What one level of nesting puts in front of lines.
struct Margin {
    /// For the first line, until it was used.
    first: Option<String>,
    /// For the others.
    rest: &'static str,
    /// The number of the next item, if this is a numbered list; lists themselves have no margin.
    next: Option<u64>,
}

impl Layout {
    /// Nothing yet, for lines of at most `width` characters, which this much may be added to.
    pub(super) fn new(width: usize, allowance: Allowance) -> Self {
        Self {
            width,
            allowance,
            lines: Vec::new(),
            paragraph: Paragraph::default(),
            margins: Vec::new(),
            looks: Vec::new(),
            addresses: Vec::new(),
            gap: false,
            is_code: false,
            is_hidden: false,
            table: None,
        }
    }

    /// Lays the next event out.
    pub(super) fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(code) => self.inline(Look::Code, &code),
            Event::SoftBreak => self.inline(Look::Plain, " "),
            Event::HardBreak => self.break_line(),
            Event::Rule => {
                let mut rule = "─".repeat(self.width.min(40));
                if !self.allowance.grant(rule.len()) {
                    "─".clone_into(&mut rule);
                }
                self.block(vec![vec![Span::new(Look::Faint, rule)]]);
            }
            Event::TaskListMarker(done) => {
                self.inline(Look::Plain, if done { "[x] " } else { "[ ] " });
            }
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } | Tag::Strong => self.looks.push(Look::Strong),
            Tag::Emphasis => self.looks.push(Look::Emphasis),
            Tag::Strikethrough => self.looks.push(Look::Faint),
            Tag::Link { dest_url, .. } => self.addresses.push(dest_url.to_string()),
            Tag::Image { dest_url, .. } => {
                self.addresses.push(dest_url.to_string());
                self.inline(Look::Faint, "image: ");
            }
            Tag::BlockQuote(_) => {
                self.flush();
                self.nest(Margin::new("│ ", "│ "));
            }
            Tag::List(first) => {
                self.flush();
                // A list inside an item belongs to it.
                self.gap &= self.margins.is_empty();
                let mut margin = Margin::new("", "");
                margin.next = first;
                self.nest(margin);
            }
            Tag::Item => {
                self.flush();
                self.item();
            }
            Tag::CodeBlock(_) => {
                self.flush();
                self.is_code = true;
                self.nest(Margin::new("    ", "    "));
            }
            Tag::MetadataBlock(_) => self.is_hidden = true,
            Tag::Table(_) => {
                self.flush();
                self.table = Some(Table::default());
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong | TagEnd::Emphasis | TagEnd::Strikethrough => {
                self.looks.pop();
            }
            TagEnd::Heading(_) => {
                self.flush();
                self.looks.pop();
                self.gap = true;
            }
            TagEnd::Paragraph | TagEnd::HtmlBlock => {
                self.flush();
                self.gap = true;
            }
            TagEnd::Link | TagEnd::Image => self.address(),
            TagEnd::BlockQuote(_) | TagEnd::List(_) => {
                self.flush();
                self.margins.pop();
                self.gap |= self.margins.is_empty();
            }
            TagEnd::Item => {
                self.flush();
                self.margins.pop();
            }
            TagEnd::CodeBlock => {
                self.is_code = false;
                self.margins.pop();
                self.gap = true;
            }
            TagEnd::MetadataBlock(_) => self.is_hidden = false,
            TagEnd::TableCell => {
                if let Some(table) = &mut self.table {
                    table.cell(self.paragraph.take_line());
                }
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                if let Some(table) = &mut self.table {
                    table.end_row();
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    let lines = table.lines(self.width, &mut self.allowance);
                    self.block(lines);
                    self.gap = true;
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.is_hidden {
            return;
        }
        if !self.is_code {
            return self.inline(Look::Plain, text);
        }
        let lines = text.lines();
        let line = |line: &str| vec![Span::new(Look::Code, clean(&line.replace('\t', "    ")))];
        self.block(lines.map(line).collect());
        self.gap = false;
    }

    /// Text in a paragraph, in the look of what surrounds it unless it has one itself.
    fn inline(&mut self, look: Look, text: &str) {
        let look = match look {
            Look::Plain => self.looks.last().copied().unwrap_or_default(),
            look => look,
        };
        self.paragraph.push(look, &clean(text));
    }

    fn break_line(&mut self) {
        if self.table.is_none() {
            self.flush();
            self.gap = false;
        }
    }

    /// The address behind a link, unless the link is the address.
    fn address(&mut self) {
        if let Some(address) = self.addresses.pop()
            && !address.is_empty()
            && !self.paragraph.ends_with(&address)
        {
            self.inline(Look::Faint, &format!(" ({address})"));
        }
    }

    fn item(&mut self) {
        let number = self.margins.last_mut().and_then(|list| list.next.as_mut());
        let margin = if let Some(next) = number {
            let mark = format!("{next}. ");
            *next = next.saturating_add(1);
            // A number of two digits stands out a little; the text below stays in line.
            Margin::new(&mark, "   ")
        } else {
            Margin::new("• ", "  ")
        };
        self.nest(margin);
    }

    fn nest(&mut self, margin: Margin) {
        self.margins.push(margin);
    }

    /// Ends the paragraph.
    fn flush(&mut self) {
        let margin = self.margin_width();
        let width = self.width.saturating_sub(margin).max(20);
        let lines = self.paragraph.take(width);
        if !lines.is_empty() {
            self.block(lines);
        }
    }

    fn margin_width(&self) -> usize {
        let margins = self.margins.iter().take(MAX_DEPTH);
        margins.map(|margin| margin.rest.chars().count()).sum()
    }

    /// Adds lines, with their margins in front.
    fn block(&mut self, lines: Vec<Line>) {
        if std::mem::take(&mut self.gap) && !self.lines.is_empty() {
            self.lines.push(Line::new());
        }
        for mut line in lines {
            let margins = self.margins.iter_mut().take(MAX_DEPTH);
            let margin: String = margins
                .map(|margin| match margin.first.take() {
                    Some(first) => first,
                    None => margin.rest.to_owned(),
                })
                .collect();
            if !margin.is_empty() && self.allowance.grant(margin.len()) {
                line.insert(0, Span::new(Look::Faint, margin));
            }
            self.lines.push(line);
        }
    }

    /// All lines.
    pub(super) fn finish(mut self) -> Vec<Line> {
        self.flush();
        self.lines
    }
}

impl Margin {
    fn new(first: &str, rest: &'static str) -> Self {
        Self {
            first: Some(first.to_owned()),
            rest,
            next: None,
        }
    }
}
