//! Downloads that survive a cut connection.

use std::ops::Range;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResult, ObjectStore as _};

use super::failure::Failure;
use super::{S3, object_metadata, path};
use crate::Key;
use crate::backend::Opened;
use crate::error::{Fault, NoDataReturned, StorageErrorKind};
use crate::types::ByteRange;

/// For so many bytes that came, one more cut is forgiven: a long download over a bad line gets
/// through, and a store that cuts after every byte does not hold us for ever.
const BYTES_PER_RETRY: u64 = 8 * 1024 * 1024;

pub(super) async fn open(s3: &S3, key: &Key, range: Option<ByteRange>) -> Result<Opened, Fault> {
    let path = path(key)?;
    let options = GetOptions::default().with_range(range.map(get_range));
    let result = match s3.store.get_opts(&path, options).await {
        Ok(result) => result,
        Err(error) => return Err(refused(s3, error, range)),
    };
    let metadata = object_metadata(&result.meta, &result.attributes);
    let whole = result.range.clone();
    let reader = Reader {
        s3: s3.clone(),
        path,
        etag: metadata.etag.clone(),
        left: whole.clone(),
        start: whole.start,
        cuts: 0,
        body: pieces(s3, result),
    };
    Ok(Opened {
        metadata,
        range: whole,
        stream: reader.into_stream(),
    })
}

fn refused(s3: &S3, error: object_store::Error, range: Option<ByteRange>) -> Fault {
    let fault = s3.fault(error);
    // `object_store` checks some ranges against the size by itself.
    let is_range = range.is_some()
        && fault.status.is_none()
        && fault.kind == StorageErrorKind::Other
        && fault.message.contains("Wanted range starting at");
    if is_range {
        return Fault::new(
            StorageErrorKind::RangeNotSatisfiable,
            "the object has no bytes in the range",
        );
    }
    fault
}

fn get_range(range: ByteRange) -> GetRange {
    match range {
        ByteRange::Bounded { start, end } => GetRange::Bounded(start..end),
        ByteRange::From(start) => GetRange::Offset(start),
        ByteRange::Suffix(length) => GetRange::Suffix(length),
    }
}

fn pieces(s3: &S3, result: GetResult) -> BoxStream<'static, Result<Bytes, Fault>> {
    let s3 = s3.clone();
    result
        .into_stream()
        .map_err(move |error| s3.fault(error))
        .boxed()
}

struct Reader {
    s3: S3,
    path: Path,
    etag: Option<String>,
    /// What has not come yet.
    left: Range<u64>,
    /// Where the download began.
    start: u64,
    /// How often the connection was cut.
    cuts: u32,
    body: BoxStream<'static, Result<Bytes, Fault>>,
}

impl Reader {
    fn into_stream(self) -> BoxStream<'static, Result<Bytes, Fault>> {
        stream::try_unfold(self, |mut reader| async move {
            Ok(reader.next().await?.map(|bytes| (bytes, reader)))
        })
        .boxed()
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            let fault = match self.body.try_next().await {
                Ok(Some(bytes)) => {
                    let length = bytes.len() as u64;
                    if length > self.left.end - self.left.start {
                        return Err(Fault::new(
                            StorageErrorKind::Integrity,
                            "the store sent more bytes than it announced",
                        ));
                    }
                    self.left.start += length;
                    return Ok(Some(bytes));
                }
                Ok(None) if self.left.is_empty() => return Ok(None),
                Ok(None) => self.too_short(),
                Err(fault) => fault,
            };
            if self.left.is_empty() {
                // Everything is here; how the connection ended does not matter.
                return Ok(None);
            }
            self.resume(fault).await?;
        }
    }

    /// Asks for what is missing, on condition that the object is still the same one.
    async fn resume(&mut self, fault: Fault) -> Result<(), Fault> {
        let came = self.left.start - self.start;
        let allowed = u64::from(self.s3.transport.max_retries()) + came / BYTES_PER_RETRY;
        let Some(etag) = self.etag.clone() else {
            return Err(fault);
        };
        if !fault.kind.retryable() || u64::from(self.cuts) >= allowed {
            return Err(fault);
        }
        let pause = self.s3.transport.pause(self.cuts.min(8), None);
        self.cuts += 1;
        tracing::debug!(path = %self.path, at = self.left.start, fault = fault.message, "a download is resumed");
        tokio::time::sleep(pause).await;
        let options = GetOptions::default()
            .with_range(Some(GetRange::Bounded(self.left.clone())))
            .with_if_match(Some(etag));
        let result = match self.s3.store.get_opts(&self.path, options).await {
            Ok(result) => result,
            Err(error) => {
                let status = Failure::behind(&error).and_then(Failure::status);
                let changed = status.is_some_and(|status| status.http == 412);
                let fault = self.s3.fault(error);
                return Err(match fault.kind {
                    StorageErrorKind::NotFound => replaced(),
                    _ if changed => replaced(),
                    _ => fault,
                });
            }
        };
        // Not every store knows `If-Match` on GET.
        if result.meta.e_tag != self.etag {
            return Err(replaced());
        }
        if result.range != self.left {
            return Err(fault);
        }
        self.body = pieces(&self.s3, result);
        Ok(())
    }

    fn too_short(&self) -> Fault {
        let fault = Fault::new(
            StorageErrorKind::Unreachable,
            format!(
                "the store at {} sent {} bytes less than it announced",
                self.s3.about.place,
                self.left.end - self.left.start
            ),
        );
        if self.left.start == self.start {
            fault.with_source(NoDataReturned)
        } else {
            fault
        }
    }
}

fn replaced() -> Fault {
    Fault::new(
        StorageErrorKind::Integrity,
        "the object was replaced or deleted while it was read; read it again from its start",
    )
}
