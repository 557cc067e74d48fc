//! One row of the index: the lists, of one block, of all words that start with the same letters,
//! so that those of a prefix are read at once however many words there are. A row that is not of
//! words has one list, of the rest `""`.
//!
//! For each list, in the order of the words: the length of the rest of the word, the rest, the
//! length of the list, the list; lengths are bytes, as LEB128 integers.

use super::list::{damaged, read, write};
use crate::CatalogError;

/// Writes a row. The lists are sorted by the rest of their words.
pub(super) fn join<'a>(lists: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) -> Vec<u8> {
    let mut data = Vec::new();
    for (rest, list) in lists {
        for part in [rest, list] {
            write(&mut data, part.len() as u64);
            data.extend_from_slice(part);
        }
    }
    data
}

/// Hands the rest of each word and its list to `each`, in order. An error if the bytes are none that
/// [`join`] writes.
pub(super) fn split<'a>(
    mut data: &'a [u8],
    mut each: impl FnMut(&'a [u8], &'a [u8]) -> Result<(), CatalogError>,
) -> Result<(), CatalogError> {
    while !data.is_empty() {
        let rest = part(&mut data)?;
        each(rest, part(&mut data)?)?;
    }
    Ok(())
}

fn part<'a>(data: &mut &'a [u8]) -> Result<&'a [u8], CatalogError> {
    let length = read(data).and_then(|length| usize::try_from(length).ok());
    let (part, rest) = length
        .and_then(|length| data.split_at_checked(length))
        .ok_or_else(damaged)?;
    *data = rest;
    Ok(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(data: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
        let mut found = Vec::new();
        split(data, |rest, list| {
            found.push((rest, list));
            Ok(())
        })
        .ok()?;
        Some(found)
    }

    #[test]
    fn reads_back_what_was_written() {
        let long = [7; 300];
        let rows: [&[(&[u8], &[u8])]; 3] = [
            &[],
            &[(b"", &[1, 2])],
            &[(b"", &[]), (b"at", &long), ("ätter".as_bytes(), &[3])],
        ];
        for row in rows {
            assert_eq!(lists(&join(row.iter().copied())).as_deref(), Some(row));
        }
    }

    #[test]
    fn damaged_rows_are_errors() {
        for data in [&[1][..], &[1, b'a'], &[0, 2, 1], &[0x80]] {
            assert_eq!(lists(data), None, "{data:?}");
        }
    }
}
