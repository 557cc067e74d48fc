//! Which rows of a listing are wanted.

use enact_types::limits::{DEFAULT_PAGE, MAX_PAGE};

/// Which rows of a listing are wanted. Out of bounds is clamped: a listing never fails for how it
/// was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Page {
    /// Rows at most: 20 if not said, 1 to 100.
    pub limit: Option<u32>,
    /// Rows to skip.
    pub offset: u32,
}

impl Page {
    /// The limit, within its bounds.
    pub fn limit(&self) -> u32 {
        self.limit.unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE)
    }

    /// This page of `all`.
    pub(crate) fn of<T>(&self, all: impl IntoIterator<Item = T>) -> Vec<T> {
        let skipped = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(self.limit()).unwrap_or(usize::MAX);
        all.into_iter().skip(skipped).take(limit).collect()
    }
}
