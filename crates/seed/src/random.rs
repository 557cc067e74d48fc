//! The same numbers on every run.

/// xorshift64.
pub(crate) struct Random(u64);

impl Random {
    /// Numbers that depend on `seed` alone.
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Self((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..8 {
            random.next();
        }
        random
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Below `bound`, which is not 0; all alike.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % bound).unwrap_or_default()
    }

    /// From `low` to `high`; all alike.
    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// One of `items`, which is not empty; the *n*-th is *n* times rarer than the first, as words
    /// of a language are (Zipf's law).
    pub(crate) fn zipf<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.zipf_below(items.len())]
    }

    /// Below `bound`, by Zipf's law.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number for a benchmark, far below 2^52 and not negative"
    )]
    pub(crate) fn zipf_below(&mut self, bound: usize) -> usize {
        let uniform = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let rank = ((bound + 1) as f64).powf(uniform) as usize;
        rank.saturating_sub(1).min(bound - 1)
    }
}
