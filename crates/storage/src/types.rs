//! What operations take and give.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use enact_types::Timestamp;
use futures_util::stream::BoxStream;

use crate::Key;
use crate::error::{Fault, StorageError, StorageErrorKind};

/// The most bytes of user metadata, names and values together: the limit of S3
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>).
pub const MAX_METADATA_BYTES: usize = 2048;

/// The longest time that a presigned link may be valid: seven days, the limit of signature
/// version 4.
pub const MAX_PRESIGN_EXPIRY: Duration = Duration::from_hours(7 * 24);

/// The bytes of an upload.
#[non_exhaustive]
pub enum Body {
    /// Bytes in memory.
    Bytes(Bytes),
    /// A regular file, from its start whatever its position is. It is read in parts, never whole.
    File(std::fs::File),
    /// Bytes that arrive in pieces, their number unknown. An error of the stream fails the upload
    /// and leaves nothing behind.
    Stream(BoxStream<'static, io::Result<Bytes>>),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::File(file) => write!(f, "File({file:?})"),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl From<&'static [u8]> for Body {
    fn from(bytes: &'static [u8]) -> Self {
        Self::Bytes(Bytes::from_static(bytes))
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::Bytes(Bytes::from_static(text.as_bytes()))
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Bytes(text.into())
    }
}

impl From<std::fs::File> for Body {
    fn from(file: std::fs::File) -> Self {
        Self::File(file)
    }
}

impl From<BoxStream<'static, io::Result<Bytes>>> for Body {
    fn from(stream: BoxStream<'static, io::Result<Bytes>>) -> Self {
        Self::Stream(stream)
    }
}

/// How to store an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadOptions {
    /// The media type; `application/octet-stream` when absent.
    pub content_type: Option<String>,
    /// User metadata. Names are of `a-z`, `0-9` and `-`, values of visible US-ASCII with inner
    /// spaces: what every store keeps as it is. At most [`MAX_METADATA_BYTES`] altogether.
    pub metadata: BTreeMap<String, String>,
    /// Fail with `ALREADY_EXISTS` rather than replace an object.
    ///
    /// On S3 this is as good as the store's conditional PUT: some stores ignore the condition.
    pub create_only: bool,
}

impl UploadOptions {
    /// Sets the media type.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Adds a metadata entry.
    #[must_use]
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// Sets whether to refuse to replace an object.
    #[must_use]
    pub fn create_only(mut self, create_only: bool) -> Self {
        self.create_only = create_only;
        self
    }

    /// Checks the rules above, so that no backend meets anything else.
    pub(crate) fn validate(&self) -> Result<(), Fault> {
        let invalid = |message: String| Err(Fault::new(StorageErrorKind::InvalidInput, message));
        check_content_type(self.content_type.as_deref())?;
        let mut total = 0;
        for (name, value) in &self.metadata {
            total += name.len() + value.len();
            let name_is_good = !name.is_empty()
                && name != RESERVED_METADATA
                && name
                    .bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
            if !name_is_good {
                return invalid(format!(
                    "the metadata name {name:?} is not valid: use a-z, 0-9 and \"-\", and not {RESERVED_METADATA:?}"
                ));
            }
            let value_is_good = value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
                && value.trim_ascii() == value
                && !value.is_empty();
            if !value_is_good {
                return invalid(format!(
                    "the metadata value {value:?} of {name:?} is not valid: stores keep only visible US-ASCII, not empty, without spaces around it"
                ));
            }
        }
        if total > MAX_METADATA_BYTES {
            return invalid(format!(
                "the metadata has {total} bytes; stores keep at most {MAX_METADATA_BYTES}"
            ));
        }
        Ok(())
    }
}

fn check_content_type(content_type: Option<&str>) -> Result<(), Fault> {
    match content_type {
        Some(text) if text.len() > 255 || !is_header_text(text) => Err(Fault::new(
            StorageErrorKind::InvalidInput,
            format!("the content type {text:?} is not valid"),
        )),
        _ => Ok(()),
    }
}

/// Whether a text can be the value of a header: visible US-ASCII with spaces, of bounded length.
fn is_header_text(text: &str) -> bool {
    !text.is_empty() && text.len() <= 1024 && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// The metadata entry by which an upload recognises its own object when the answer was lost. Not
/// shown to callers.
pub(crate) const RESERVED_METADATA: &str = "enact-upload";

/// What a store says of a finished upload.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// Where the object is. Not signed: opening it needs credentials, unless the bucket is public.
    pub url: String,
    /// The store's tag of this content. Opaque: in general not a digest.
    pub etag: Option<String>,
    /// The size, in bytes.
    pub size: u64,
}

/// What a store knows of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectMetadata {
    /// The size of the whole object, in bytes.
    pub size: u64,
    /// The media type.
    pub content_type: Option<String>,
    /// The store's tag of this content. Opaque: in general not a digest.
    pub etag: Option<String>,
    /// When it was written, by the store's clock.
    pub last_modified: Option<Timestamp>,
    /// User metadata.
    pub metadata: BTreeMap<String, String>,
}

/// One object of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// Its key.
    pub key: Key,
    /// The size, in bytes.
    pub size: u64,
    /// The store's tag of the content.
    pub etag: Option<String>,
    /// When it was written, by the store's clock.
    pub last_modified: Option<Timestamp>,
}

/// A part of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    /// From `start` up to, and without, `end`; what lies past the end of the object is left out.
    Bounded {
        /// The first byte.
        start: u64,
        /// The byte after the last.
        end: u64,
    },
    /// From this byte to the end.
    From(u64),
    /// The last so many bytes, or all if there are fewer.
    Suffix(u64),
}

impl ByteRange {
    /// The bytes that this range means in an object of `size` bytes; `None` if there are none.
    pub fn resolve(self, size: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::Bounded { start, end } => start..end.min(size),
            Self::From(start) => start..size,
            Self::Suffix(length) => size.saturating_sub(length)..size,
        };
        (range.start < range.end).then_some(range)
    }

    /// Whether no object whatever its size has such bytes.
    pub(crate) fn is_empty(self) -> bool {
        match self {
            Self::Bounded { start, end } => start >= end,
            Self::From(_) => false,
            Self::Suffix(length) => length == 0,
        }
    }
}

impl From<Range<u64>> for ByteRange {
    fn from(range: Range<u64>) -> Self {
        Self::Bounded {
            start: range.start,
            end: range.end,
        }
    }
}

/// An object on its way.
#[non_exhaustive]
pub struct Download {
    /// What the store says of the whole object.
    pub metadata: ObjectMetadata,
    /// Which bytes of it the stream yields.
    pub range: Range<u64>,
    /// The bytes, in pieces of at most 64 KiB, read as fast as they are taken. Ends without an
    /// error only if all bytes of `range` came.
    pub stream: BoxStream<'static, Result<Bytes, StorageError>>,
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("metadata", &self.metadata)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

/// How the store is to label what a presigned link gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignGetOptions {
    /// The media type of the answer, instead of the one that the object was stored with.
    pub content_type: Option<String>,
    /// The answer's `Content-Disposition`, which tells a browser under which name to save it.
    pub content_disposition: Option<String>,
}

impl PresignGetOptions {
    pub(crate) fn validate(&self) -> Result<(), Fault> {
        check_content_type(self.content_type.as_deref())?;
        match self.content_disposition.as_deref() {
            Some(text) if !is_header_text(text) => Err(Fault::new(
                StorageErrorKind::InvalidInput,
                format!("the content disposition {text:?} is not valid"),
            )),
            _ => Ok(()),
        }
    }

    /// Sets the media type.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Sets the `Content-Disposition`.
    #[must_use]
    pub fn content_disposition(mut self, content_disposition: impl Into<String>) -> Self {
        self.content_disposition = Some(content_disposition.into());
        self
    }
}

/// What a presigned upload is bound to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignPutOptions {
    /// The uploader must send this content type.
    pub content_type: Option<String>,
}

impl PresignPutOptions {
    pub(crate) fn validate(&self) -> Result<(), Fault> {
        check_content_type(self.content_type.as_deref())
    }

    /// Requires a content type.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_resolve_against_a_size() {
        let bounded = |start, end| ByteRange::Bounded { start, end };
        assert_eq!(bounded(0, 4).resolve(10), Some(0..4));
        assert_eq!(bounded(8, 20).resolve(10), Some(8..10));
        assert_eq!(bounded(10, 11).resolve(10), None);
        assert_eq!(ByteRange::From(9).resolve(10), Some(9..10));
        assert_eq!(ByteRange::From(10).resolve(10), None);
        assert_eq!(ByteRange::Suffix(3).resolve(10), Some(7..10));
        assert_eq!(ByteRange::Suffix(30).resolve(10), Some(0..10));
        assert_eq!(ByteRange::Suffix(3).resolve(0), None);
    }

    #[test]
    fn metadata_that_stores_would_mangle_is_refused() {
        let refused = [
            UploadOptions::default().metadata("tool", "grüße"),
            UploadOptions::default().metadata("tool", " padded"),
            UploadOptions::default().metadata("tool", ""),
            UploadOptions::default().metadata("tool", "a\r\nx-amz-acl: public-read"),
            UploadOptions::default().metadata("Tool", "a"),
            UploadOptions::default().metadata("", "a"),
            UploadOptions::default().metadata(RESERVED_METADATA, "a"),
            UploadOptions::default().metadata("big", "a".repeat(MAX_METADATA_BYTES)),
            UploadOptions::default().content_type("text/plain\r\n"),
        ];
        for options in refused {
            assert!(options.validate().is_err(), "{options:?}");
        }
        let good = UploadOptions::default()
            .content_type("text/plain; charset=utf-8")
            .metadata("tool", "alice/greeter")
            .metadata("x-1", "a b");
        good.validate().unwrap();
    }
}
