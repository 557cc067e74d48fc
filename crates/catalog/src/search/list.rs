//! One block of a list: which of its tools are in it, each with a number, as bytes.
//!
//! For each tool, in order: how far its slot is from the last one's, times eight, plus its number,
//! as a LEB128 integer; if the number is seven or more, seven there and the rest as an integer of
//! its own. So a tool takes one byte in a list that has a tenth of all tools.

use crate::CatalogError;

/// Tools of a block. Changing this needs a new index.
pub(super) const BLOCK: u16 = 2048;

const INLINE_BITS: u32 = 3;
const INLINE_MAX: u64 = (1 << INLINE_BITS) - 1;

/// Writes a block's entries, which are sorted by slot.
pub(super) fn encode(entries: &[(u16, u64)]) -> Vec<u8> {
    let mut data = Vec::with_capacity(entries.len() * 2);
    let mut next = 0;
    for (slot, number) in entries {
        let distance = u64::from(slot - next);
        write(
            &mut data,
            distance << INLINE_BITS | (*number).min(INLINE_MAX),
        );
        if let Some(rest) = number.checked_sub(INLINE_MAX) {
            write(&mut data, rest);
        }
        next = slot + 1;
    }
    data
}

/// Hands each entry to `each`, in order. An error if the bytes are none that [`encode`] writes.
pub(super) fn decode(data: &[u8], mut each: impl FnMut(u16, u64)) -> Result<(), CatalogError> {
    let mut data = data;
    let mut next = 0_u64;
    while !data.is_empty() {
        let packed = read(&mut data).ok_or_else(damaged)?;
        let slot = next + (packed >> INLINE_BITS);
        let mut number = packed & INLINE_MAX;
        if number == INLINE_MAX {
            let rest = read(&mut data).ok_or_else(damaged)?;
            number = number.checked_add(rest).ok_or_else(damaged)?;
        }
        let small = u16::try_from(slot).ok().filter(|slot| *slot < BLOCK);
        each(small.ok_or_else(damaged)?, number);
        next = slot + 1;
    }
    Ok(())
}

/// The entries of a block with some of them changed: a number put in, or (`None`) taken out.
pub(super) fn edit(
    data: &[u8],
    changes: &[(u16, Option<u64>)],
) -> Result<Vec<(u16, u64)>, CatalogError> {
    let mut entries = Vec::with_capacity(data.len() + changes.len());
    decode(data, |slot, number| entries.push((slot, number)))?;
    for (slot, number) in changes {
        let place = entries.binary_search_by_key(slot, |(slot, _)| *slot);
        match (place, number) {
            (Ok(at), Some(number)) => entries[at].1 = *number,
            (Ok(at), None) => {
                entries.remove(at);
            }
            (Err(at), Some(number)) => entries.insert(at, (*slot, *number)),
            (Err(_), None) => {}
        }
    }
    Ok(entries)
}

pub(super) fn damaged() -> CatalogError {
    CatalogError::internal("search index", "a list is damaged")
}

/// Writes a LEB128 integer.
pub(super) fn write(data: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        data.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    data.push(number.to_le_bytes()[0]);
}

/// Takes a LEB128 integer off the start; `None` if none is there.
#[inline]
pub(super) fn read(data: &mut &[u8]) -> Option<u64> {
    // Nearly all are so short.
    if let Some((byte, rest)) = data.split_first()
        && *byte < 0x80
    {
        *data = rest;
        return Some(u64::from(*byte));
    }
    read_long(data)
}

fn read_long(data: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = data.split_first()?;
        *data = rest;
        let bits = u64::from(byte & 0x7f);
        if bits.leading_zeros() < shift {
            return None;
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(data: &[u8]) -> Option<Vec<(u16, u64)>> {
        let mut entries = Vec::new();
        decode(data, |slot, number| entries.push((slot, number))).ok()?;
        Some(entries)
    }

    #[test]
    fn reads_back_what_was_written() {
        let lists: [&[(u16, u64)]; 4] = [
            &[],
            &[(0, 0), (1, 6), (2, 7), (3, 8)],
            &[(2047, u64::MAX)],
            &[(5, 1), (1000, 127), (1001, 128), (2047, 1 << 40)],
        ];
        for list in lists {
            assert_eq!(decoded(&encode(list)).as_deref(), Some(list));
        }
        let dense: Vec<_> = (0..BLOCK).map(|slot| (slot, 5)).collect();
        assert_eq!(encode(&dense).len(), usize::from(BLOCK));
    }

    #[test]
    fn edits_are_seen() {
        let data = encode(&[(1, 1), (5, 2)]);
        let edited = edit(&data, &[(0, Some(9)), (1, None), (5, Some(3)), (7, None)]);
        assert_eq!(edited.ok(), Some(vec![(0, 9), (5, 3)]));
    }

    #[test]
    fn damaged_lists_are_errors() {
        for data in [
            &[0x80][..],
            &[0x07],
            &[0xff; 10],
            &[0x80, 0x80, 0x01, 0xff, 0xff, 0x7f],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        ] {
            assert_eq!(decoded(data), None, "{data:?}");
        }
    }
}
