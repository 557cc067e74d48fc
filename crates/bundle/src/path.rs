//! Paths inside a bundle.

use enact_types::limits::{MAX_PATH_BYTES, MAX_PATH_COMPONENT_BYTES, MAX_PATH_DEPTH};

/// A path inside a bundle: relative, `/`-separated, and safe to join to a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BundlePath(String);

/// Which rule a path breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathRule {
    /// Nothing at all.
    #[error("the path is empty")]
    Empty,
    /// Other bytes than UTF-8.
    #[error("the path is not UTF-8")]
    NotUtf8,
    /// Longer than [`MAX_PATH_BYTES`].
    #[error("the path has more than {MAX_PATH_BYTES} bytes")]
    TooLong,
    /// A component longer than [`MAX_PATH_COMPONENT_BYTES`].
    #[error("a component of the path has more than {MAX_PATH_COMPONENT_BYTES} bytes")]
    ComponentTooLong,
    /// More than [`MAX_PATH_DEPTH`] folders deep.
    #[error("the path is more than {MAX_PATH_DEPTH} folders deep")]
    TooDeep,
    /// Starts with `/`.
    #[error("the path is absolute")]
    Absolute,
    /// Has a colon in its first component, which Windows reads as a drive.
    #[error("the path starts with a drive")]
    Drive,
    /// Has a `..` component.
    #[error("the path has a \"..\" component")]
    Parent,
    /// Has an empty or `.` component.
    #[error("the path has an empty or \".\" component")]
    NotNormal,
    /// Has a backslash, which Windows reads as a separator.
    #[error("the path has a backslash")]
    Backslash,
    /// Has a control character, NUL included.
    #[error("the path has a control character")]
    Control,
    /// Has a character that only changes the direction of writing, and so can show a `.sh` as a
    /// `.jpg`.
    #[error("the path has a character that changes the direction of writing")]
    Direction,
    /// Has a component that a version control system takes for its own folder, like `.git`. The settings
    /// in there name programs, which run as soon as somebody looks at the folder with such a system, or
    /// only has a prompt that does.
    #[error("the path has a component like .git, in which version control finds programs to run")]
    VersionControl,
}

impl BundlePath {
    /// Parses a path. Fails with the first rule that it breaks; nothing is normalised.
    pub fn parse(raw: &[u8]) -> Result<Self, PathRule> {
        if raw.is_empty() {
            return Err(PathRule::Empty);
        }
        if raw.len() > MAX_PATH_BYTES {
            return Err(PathRule::TooLong);
        }
        let text = std::str::from_utf8(raw).map_err(|_| PathRule::NotUtf8)?;
        if text.starts_with('/') {
            return Err(PathRule::Absolute);
        }
        if text.contains('\\') {
            return Err(PathRule::Backslash);
        }
        if text.contains(char::is_control) {
            return Err(PathRule::Control);
        }
        if text.contains(is_direction_control) {
            return Err(PathRule::Direction);
        }
        for (depth, component) in text.split('/').enumerate() {
            match component {
                ".." => return Err(PathRule::Parent),
                "" | "." => return Err(PathRule::NotNormal),
                _ if depth > MAX_PATH_DEPTH => return Err(PathRule::TooDeep),
                _ if component.len() > MAX_PATH_COMPONENT_BYTES => {
                    return Err(PathRule::ComponentTooLong);
                }
                _ if depth == 0 && component.contains(':') => return Err(PathRule::Drive),
                _ if is_version_control(component) => return Err(PathRule::VersionControl),
                _ => {}
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The path as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folders that it lies in, outermost first, without the top.
    pub(crate) fn parents(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }
}

/// Whether it is one of the marks, embeddings, overrides and isolates of UAX #9, sections 2.1 to 2.6.
/// The one for Arabic, U+061C, is left: it changes only how the numbers beside it are laid out.
pub(crate) fn is_direction_control(char: char) -> bool {
    matches!(
        char,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// Whether some file system takes it for a folder of a version control system. As `git` has it in its
/// `verify_path`, and for the others alike: NTFS leaves out dots and spaces at the end and what follows a
/// colon, and has short names; HFS+ leaves out characters that are not seen; both fold case.
fn is_version_control(component: &str) -> bool {
    const NAMES: [&str; 5] = ["GIT", "HG", "SVN", "BZR", "JJ"];
    let is_ignored = |char: &char| {
        matches!(
            char,
            '\u{200c}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{206a}'..='\u{206f}'
                | '\u{feff}'
        )
    };
    let seen = component.chars().filter(|char| !is_ignored(char));
    let name: String = seen.flat_map(char::to_uppercase).collect();
    let name = name.split(':').next().unwrap_or_default();
    let name = name.trim_end_matches(['.', ' ']);
    let name = name.strip_prefix('.').or_else(|| name.strip_suffix("~1"));
    name.is_some_and(|name| NAMES.contains(&name))
}

/// Writes a path from outside so that it fits a message: escaped, quoted and of bounded length.
pub(crate) fn quote(raw: &[u8]) -> String {
    const MAX_CHARS: usize = 120;
    let text = String::from_utf8_lossy(raw);
    match text.char_indices().nth(MAX_CHARS) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", &text[..end]),
    }
}
