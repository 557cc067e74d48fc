//! What came of taking over a registry.

/// Refusals that are listed one by one; further ones are counted. Keeps memory flat.
const MAX_LISTED: usize = 10_000;

/// What came of taking over a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// People.
    pub people: Tally,
    /// Organisations.
    pub organizations: Tally,
    /// Versions.
    pub versions: Tally,
    /// The first rows that were refused, at most 10,000.
    pub refused: Vec<Refusal>,
    /// How many rows were refused in all.
    pub refused_in_all: u64,
    /// Attestations of the source, none of which is taken over: the existing server takes them from
    /// anybody and calls them verified.
    pub attestations: u64,
    /// Whether it was told to stop before the end.
    pub stopped: bool,
}

/// Rows of a kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Taken over, or in a dry run: would be.
    pub taken: u64,
    /// Here already.
    pub already: u64,
    /// Refused.
    pub refused: u64,
}

/// A row that was not taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of row.
    pub kind: RowKind,
    /// Which, like `alice/greeter@1.0.0`. It comes from the source and may hold anything.
    pub what: String,
    /// Why.
    pub reason: String,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// A person.
    Person,
    /// An organisation.
    Organization,
    /// Somebody's belonging to an organisation.
    Member,
    /// A version.
    Version,
}

impl RowKind {
    /// Its name, for people and programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organization => "organization",
            Self::Member => "member",
            Self::Version => "version",
        }
    }
}

impl Report {
    /// Whether the person of that name was refused; what a dry run has instead of profiles.
    pub(super) fn has_refused(&self, username: &str) -> bool {
        let mut refused = self.refused.iter();
        refused.any(|row| row.kind == RowKind::Person && row.what == username)
    }

    pub(super) fn refuse(&mut self, kind: RowKind, what: String, reason: String) {
        match kind {
            RowKind::Person => self.people.refused += 1,
            RowKind::Organization => self.organizations.refused += 1,
            RowKind::Version => self.versions.refused += 1,
            RowKind::Member => {}
        }
        self.refused_in_all += 1;
        if self.refused.len() < MAX_LISTED {
            self.refused.push(Refusal { kind, what, reason });
        }
    }
}
