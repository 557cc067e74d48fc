//! Makes text from elsewhere fit to print, and numbers fit to read.

use enact_bundle::is_hidden;
use enact_types::Timestamp;

/// Replaces line breaks and tabs by spaces, and removes the other control characters and those that
/// reverse the direction of writing.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .filter_map(|char| match char {
            '\n' | '\t' => Some(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
            char if char.is_control() => None,
            char => Some(char),
        })
        .collect()
}

/// The lines of a command, each behind a mark, as shells show them while they are typed: what runs after
/// a line break is not taken for the rest of a comment. Of what would not be seen the code is shown.
pub(crate) fn command_lines(command: &str) -> Vec<String> {
    let lines = command.trim_end_matches('\n').split('\n').enumerate();
    let lines = lines.map(|(number, line)| {
        let mark = if number == 0 { "$" } else { ">" };
        format!("  {mark} {}", reveal(line))
    });
    lines.collect()
}

/// The text with the code of each character that would not be seen.
fn reveal(text: &str) -> String {
    text.chars().fold(String::new(), |mut shown, char| {
        if is_hidden(char) {
            shown.extend(char.escape_unicode());
        } else {
            shown.push(char);
        }
        shown
    })
}

/// Escapes what is not seen on a terminal and JSON allows in strings as it is: DEL, U+0080 to U+009F,
/// which to some terminals are escape sequences, and what changes the direction of writing. All of that
/// can stand in strings only.
pub(crate) fn escape_controls(json: &str) -> String {
    use std::fmt::Write as _;
    json.chars()
        .fold(String::with_capacity(json.len()), |mut text, char| {
            if is_hidden(char) {
                let _ = write!(text, "\\u{:04x}", u32::from(char));
            } else {
                text.push(char);
            }
            text
        })
}

/// The start of `text`, if it is too long for a table.
pub(crate) fn shorten(text: &str) -> String {
    const MAX_CHARS: usize = 60;
    if text.chars().count() <= MAX_CHARS {
        return text.to_owned();
    }
    let start: String = text.chars().take(MAX_CHARS - 1).collect();
    format!("{}…", start.trim_end())
}

/// A number of bytes for people: `316 B`, `1.5 KiB`, `50.0 MiB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    // In tenths of the unit, rounded down.
    let mut tenths = u128::from(count) * 10 / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// A time for people, to the minute and in UTC: `2026-11-23 17:34`.
pub(crate) fn minute(time: Timestamp) -> String {
    // RFC 3339 with a year of four digits, which all times of a registry have.
    let text = time.to_string().replace('T', " ");
    text.get(..16).unwrap_or(&text).to_owned()
}

/// The same to the second: `2026-11-23 17:34:49`.
pub(crate) fn second(time: Timestamp) -> String {
    let text = time.to_string().replace('T', " ");
    text.get(..19).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn removes_what_a_terminal_would_act_on() {
        let hostile = "a\u{1b}[2J\u{9b}31mb\nc\u{7}\u{202e}d\r";
        assert_eq!(clean(hostile), "a[2J31mb cd");
    }

    #[test]
    fn each_line_of_a_command_has_its_mark_and_nothing_in_it_is_hidden() {
        let command = "echo building # nothing else\ntouch x\r\u{202e}\n\n\ty\n";
        let expected = [
            "  $ echo building # nothing else",
            "  > touch x\\u{d}\\u{202e}",
            "  > ",
            "  > \ty",
        ];
        assert_eq!(command_lines(command), expected);
    }

    #[test]
    fn json_keeps_its_meaning_without_raw_control_characters() {
        let value = json!({"x": "a\u{1b}\u{9b}\u{7f}\u{202e}\u{61c}é"});
        let text = escape_controls(&value.to_string());
        assert!(!text.contains(is_hidden), "{text:?}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }

    #[test]
    fn writes_times_for_people() {
        let time = Timestamp::parse("2026-11-23T17:34:49.123Z").unwrap();
        assert_eq!(minute(time), "2026-11-23 17:34");
        assert_eq!(second(time), "2026-11-23 17:34:49");
    }

    #[test]
    fn writes_sizes_for_people() {
        let cases = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1536, "1.5 KiB"),
            (50 << 20, "50.0 MiB"),
            (u64::MAX, "16777215.9 TiB"),
        ];
        for (count, text) in cases {
            assert_eq!(bytes(count), text);
        }
    }
}
