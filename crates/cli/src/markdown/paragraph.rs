//! A paragraph that is broken into lines.

use super::{Line, Look, Span};

/// Text that was not laid out yet, in pieces.
#[derive(Debug, Default)]
pub(super) struct Paragraph {
    spans: Vec<Span>,
}

impl Paragraph {
    /// Adds a piece.
    pub(super) fn push(&mut self, look: Look, text: &str) {
        match self.spans.last_mut() {
            Some(last) if last.look == look => last.text.push_str(text),
            _ => self.spans.push(Span::new(look, text)),
        }
    }

    /// Whether it ends with `text`.
    pub(super) fn ends_with(&self, text: &str) -> bool {
        self.spans
            .last()
            .is_some_and(|last| last.text.ends_with(text))
    }

    /// Everything in one line; the paragraph is empty then.
    pub(super) fn take_line(&mut self) -> Line {
        self.take(usize::MAX).into_iter().next().unwrap_or_default()
    }

    /// Everything in lines of at most `width` characters, but for longer words; the paragraph is
    /// empty then.
    pub(super) fn take(&mut self, width: usize) -> Vec<Line> {
        let mut lines = Lines::new(width);
        for span in self.spans.drain(..) {
            for char in span.text.chars() {
                if char == ' ' {
                    lines.end_word();
                    lines.space = Some(span.look);
                } else {
                    lines.word.push((span.look, char));
                }
            }
        }
        lines.finish()
    }
}

struct Lines {
    width: usize,
    done: Vec<Line>,
    line: Vec<(Look, char)>,
    word: Vec<(Look, char)>,
    /// The look of the space before the word, if there is one.
    space: Option<Look>,
}

impl Lines {
    fn new(width: usize) -> Self {
        Self {
            width,
            done: Vec::new(),
            line: Vec::new(),
            word: Vec::new(),
            space: None,
        }
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let space = self.space.take();
        if !self.line.is_empty() {
            let length = self.line.len() + usize::from(space.is_some()) + self.word.len();
            if length > self.width {
                self.end_line();
            } else if let Some(look) = space {
                self.line.push((look, ' '));
            }
        }
        self.line.append(&mut self.word);
    }

    fn end_line(&mut self) {
        let mut spans = Line::new();
        for (look, char) in self.line.drain(..) {
            match spans.last_mut() {
                Some(last) if last.look == look => last.text.push(char),
                _ => spans.push(Span::new(look, char)),
            }
        }
        self.done.push(spans);
    }

    fn finish(mut self) -> Vec<Line> {
        self.end_word();
        if !self.line.is_empty() {
            self.end_line();
        }
        self.done
    }
}
