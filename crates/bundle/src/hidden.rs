//! Characters that a terminal acts on instead of showing them.

use crate::path::is_direction_control;

/// The first character of a command that [is hidden](is_hidden).
pub fn hidden_character(command: &str) -> Option<char> {
    command.chars().find(|char| is_hidden(*char))
}

/// Whether somebody who reads a command on a terminal would not see the character: a control character
/// other than a line break or a tab, or one that changes the direction of writing.
pub fn is_hidden(char: char) -> bool {
    match char {
        '\n' | '\t' => false,
        // The mark for Arabic makes numbers and signs change places.
        '\u{61c}' => true,
        char => char.is_control() || is_direction_control(char),
    }
}
