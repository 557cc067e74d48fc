//! What layout may add to a text.

/// How much longer than the text it may get: what people write comes nowhere near that.
const TIMES: usize = 8;

/// The same for a short text, in bytes.
const AT_LEAST: usize = 16 * 1024;

/// How many more bytes of margins, rules and spaces may be put around a text. Hostile text asks for
/// thousands with each of its own; when there are none left, it goes without them, and is all there.
#[derive(Debug)]
pub(super) struct Allowance {
    left: usize,
}

impl Allowance {
    /// What a text of this length, in bytes, gets.
    pub(super) fn of(length: usize) -> Self {
        Self {
            left: length.saturating_mul(TIMES).saturating_add(AT_LEAST),
        }
    }

    /// Takes that many bytes off, or says that there are not as many left.
    pub(super) fn grant(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }
}
