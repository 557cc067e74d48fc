//! What can be wrong with a skill's folder, as its author is told.

/// Something that is wrong with a skill, or may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Which rule is broken.
    pub rule: Rule,
    /// The file, as a path inside the folder with `/`; none if it is about the whole.
    pub file: Option<String>,
    /// Where in the file, if that is known.
    pub place: Option<Place>,
    /// What is wrong, in one line without a full stop.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

/// How bad a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The registry, or a client that installs the skill, would refuse it.
    Error,
    /// It can be published, and is probably not what its author wants.
    Warning,
}

/// A position in a text, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

/// Which rule a [`Problem`] is about. Their names are part of the command's JSON output: they are
/// added to, and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// There is no manifest.
    NoManifest,
    /// A manifest cannot be read as what it should be.
    Unreadable,
    /// A field that is needed is not there.
    MissingField,
    /// A field holds what it must not.
    InvalidField,
    /// A field that nobody reads.
    UnknownField,
    /// Two files say different things.
    Disagreement,
    /// There is nothing for agents to read.
    NoInstructions,
    /// A command has a character that is not seen on a terminal.
    HiddenCharacter,
    /// What a template says is still there.
    Placeholder,
    /// Something is named that will not be in the bundle.
    MissingFile,
    /// A script cannot be run the way it is named.
    NotExecutable,
    /// A file's path is one that bundles cannot have.
    InvalidPath,
    /// Two names that are the same on many file systems.
    NameClash,
    /// A name that some systems cannot have.
    NotPortable,
    /// Something is there and is not packed.
    LeftOut,
    /// Too large, or too many.
    TooLarge,
    /// What looks like a password, a token or a key.
    LikelySecret,
    /// One file has more problems than are listed.
    More,
    /// Anything else that keeps the folder from being packed.
    Other,
}

impl Rule {
    /// Its name, for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoManifest => "no-manifest",
            Self::Unreadable => "unreadable",
            Self::MissingField => "missing-field",
            Self::InvalidField => "invalid-field",
            Self::UnknownField => "unknown-field",
            Self::Disagreement => "disagreement",
            Self::NoInstructions => "no-instructions",
            Self::HiddenCharacter => "hidden-character",
            Self::Placeholder => "placeholder",
            Self::MissingFile => "missing-file",
            Self::NotExecutable => "not-executable",
            Self::InvalidPath => "invalid-path",
            Self::NameClash => "name-clash",
            Self::NotPortable => "not-portable",
            Self::LeftOut => "left-out",
            Self::TooLarge => "too-large",
            Self::LikelySecret => "likely-secret",
            Self::More => "more",
            Self::Other => "other",
        }
    }
}

impl Problem {
    pub(super) fn error(rule: Rule, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            rule,
            file: None,
            place: None,
            message: message.into(),
            fix: fix.into(),
        }
    }

    pub(super) fn warning(rule: Rule, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(rule, message, fix)
        }
    }

    /// Says which file it is in.
    pub(super) fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Says where in the file it is, if that is known.
    pub(super) fn at(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }
}

impl Place {
    /// Where the YAML parser says that something is, if it knows.
    pub(super) fn of(location: serde_saphyr::Location) -> Option<Self> {
        let small = |number| u32::try_from(number).unwrap_or(u32::MAX);
        let place = Self {
            line: small(location.line()),
            column: small(location.column()),
        };
        (place.line > 0).then_some(place)
    }

    /// The same in a text with so many more lines before it.
    pub(super) fn after(self, lines: u32) -> Self {
        Self {
            line: self.line.saturating_add(lines),
            ..self
        }
    }
}

/// A text of the author's in quotes, cut off where it gets too long for a message.
pub(super) fn shown(text: &str) -> String {
    const MAX_CHARS: usize = 100;
    match text.char_indices().nth(MAX_CHARS) {
        None => format!("\"{text}\""),
        Some((end, _)) => format!("\"{}…\"", &text[..end]),
    }
}
