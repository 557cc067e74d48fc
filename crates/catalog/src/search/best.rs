//! The best of many matches: as many as the page needs, however many there are.

use super::index::number;

/// A tool that matches, as what it is ordered by: from the highest bits, what it lacks in score and
/// in downloads, and its number; the best is the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate(u128);

const NUMBER_BITS: u32 = 48;
const DOWNLOADS_BITS: u32 = 64;

/// Collects matches.
pub(super) struct Best {
    wanted: usize,
    total: u64,
    kept: Vec<Candidate>,
}

impl Candidate {
    fn new(score: u16, downloads: u64, number: i64) -> Self {
        // Numbers count tools from zero: there will not be 2^48 of them.
        let number = number.unsigned_abs() & ((1 << NUMBER_BITS) - 1);
        let lacks =
            u128::from(u16::MAX - score) << DOWNLOADS_BITS | u128::from(u64::MAX - downloads);
        Self(lacks << NUMBER_BITS | u128::from(number))
    }

    pub(super) fn number(self) -> i64 {
        let bits = self.0 & ((1 << NUMBER_BITS) - 1);
        // So few bits always fit.
        i64::try_from(bits).unwrap_or(i64::MAX)
    }
}

impl Best {
    /// Keeps the first `wanted` matches of the whole order.
    pub(super) fn new(wanted: usize) -> Self {
        Self {
            wanted,
            total: 0,
            kept: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, score: u16, downloads: u64, block: i64, slot: u16) {
        self.total += 1;
        self.kept
            .push(Candidate::new(score, downloads, number(block, slot)));
        // Seldom enough that it costs little for each match.
        if self.kept.len() >= self.wanted.saturating_mul(2).max(1024) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.wanted < self.kept.len() {
            self.kept.select_nth_unstable(self.wanted);
            self.kept.truncate(self.wanted);
        }
    }

    /// How many were added.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The best, from the one at `offset`, best first.
    pub(super) fn page(mut self, offset: usize) -> Vec<Candidate> {
        self.cut();
        self.kept.sort_unstable();
        self.kept.split_off(offset.min(self.kept.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Reverse;

    #[test]
    fn pages_are_cut_from_the_whole_order() {
        let matches = || {
            (0..5_000_u16).map(|n| {
                (
                    n % 7 % 3,
                    u64::from(n % 11 % 5),
                    i64::from(n / 2048),
                    n % 2048,
                )
            })
        };
        let mut whole: Vec<_> = matches().collect();
        whole.sort_by_key(|(score, downloads, block, slot)| {
            (Reverse(*score), Reverse(*downloads), number(*block, *slot))
        });
        for (limit, offset) in [
            (1, 0),
            (10, 0),
            (7, 13),
            (50, 4_980),
            (1, 4_999),
            (9, 5_000),
            (0, 5),
        ] {
            let mut best = Best::new(limit + offset);
            for (score, downloads, block, slot) in matches() {
                best.add(score, downloads, block, slot);
            }
            assert_eq!(best.total(), 5_000);
            let page = best.page(offset).into_iter().map(Candidate::number);
            let expected = whole.iter().skip(offset).take(limit);
            let expected = expected.map(|(_, _, block, slot)| number(*block, *slot));
            assert_eq!(page.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        }
    }
}
