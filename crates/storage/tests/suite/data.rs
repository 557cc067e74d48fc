//! Bytes to store.

use std::io;

use bytes::Bytes;
use enact_types::{Digest, Hasher};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};

use enact_storage::{Body, StorageError};

/// One part of a large upload.
pub(crate) const PART: usize = 8 * 1024 * 1024;

/// The most that goes out in one request.
pub(crate) const SINGLE: usize = 2 * PART;

/// `length` bytes that repeat with no period that a buffer could have.
pub(crate) fn bytes(length: usize) -> Bytes {
    let pattern: Vec<u8> = (0..65_521_u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0])
        .collect();
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        let taken = pattern.len().min(length - bytes.len());
        bytes.extend_from_slice(&pattern[..taken]);
    }
    bytes.into()
}

/// A stream of the bytes in pieces of odd sizes.
pub(crate) fn stream(bytes: &Bytes) -> BoxStream<'static, io::Result<Bytes>> {
    let mut rest = bytes.clone();
    let mut size = 1;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        pieces.push(Ok(rest.split_to(size.min(rest.len()))));
        size = (size * 3 + 1) % 300_007;
        size = size.max(1);
    }
    futures_util::stream::iter(pieces).boxed()
}

/// A file of the bytes, whose position is at its end.
pub(crate) fn file(bytes: &Bytes) -> io::Result<std::fs::File> {
    use io::Write as _;
    let mut file = tempfile::tempfile()?;
    file.write_all(bytes)?;
    Ok(file)
}

/// The bytes in every form that an upload takes.
pub(crate) fn bodies(bytes: &Bytes) -> io::Result<Vec<(&'static str, Body)>> {
    Ok(vec![
        ("bytes", Body::from(bytes.clone())),
        ("file", Body::from(file(bytes)?)),
        ("stream", Body::from(stream(bytes))),
    ])
}

/// The digest and the length of a stream, read piece by piece.
pub(crate) async fn digest_of(
    mut stream: BoxStream<'static, Result<Bytes, StorageError>>,
) -> Result<(Digest, u64), StorageError> {
    let (mut hasher, mut length) = (Hasher::default(), 0);
    while let Some(piece) = stream.try_next().await? {
        assert!(piece.len() <= 64 * 1024, "a piece of {} bytes", piece.len());
        hasher.update(&piece);
        length += piece.len() as u64;
    }
    Ok((hasher.finish(), length))
}
