//! How text stands out.

use crate::markdown::Look;
use crate::text::clean;

/// How a piece of text stands out on a terminal.
#[derive(Debug, Clone, Copy)]
pub(super) enum Style {
    Plain,
    Bold,
    Dim,
    Italic,
    Cyan,
    Green,
    Yellow,
    Red,
}

impl Style {
    /// What a piece of Markdown looks like.
    pub(super) fn of(look: Look) -> Self {
        match look {
            Look::Plain => Self::Plain,
            Look::Strong => Self::Bold,
            Look::Emphasis => Self::Italic,
            Look::Code => Self::Cyan,
            Look::Faint => Self::Dim,
        }
    }

    /// The parameter of the terminal's "select graphic rendition" sequence (ECMA-48, 8.3.117).
    fn parameter(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("1"),
            Self::Dim => Some("2"),
            Self::Italic => Some("3"),
            Self::Cyan => Some("36"),
            Self::Green => Some("32"),
            Self::Yellow => Some("33"),
            Self::Red => Some("31"),
        }
    }
}

/// Pieces of one line.
pub(super) fn joined(color: bool, parts: &[(Style, &str)]) -> String {
    let parts = parts.iter();
    parts
        .map(|&(style, text)| styled(color, style, text))
        .collect()
}

/// Text without control characters, in its style if there is to be `color`.
pub(super) fn styled(color: bool, style: Style, text: &str) -> String {
    let text = clean(text);
    match style.parameter() {
        Some(parameter) if color && !text.is_empty() => {
            format!("\u{1b}[{parameter}m{text}\u{1b}[0m")
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_only_where_there_is_color_and_only_by_itself() {
        assert_eq!(styled(true, Style::Red, "x\u{1b}"), "\u{1b}[31mx\u{1b}[0m");
        assert_eq!(styled(false, Style::Red, "x"), "x");
    }
}
