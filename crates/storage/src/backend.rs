//! What a place to store objects must be able to do. To add one: implement [`Backend`], add a
//! constructor to `StorageClient`, and add it to `tests/backends.rs`, which runs every behaviour
//! over it.

use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use url::Url;

use crate::Key;
use crate::error::Fault;
use crate::types::{
    Body, ByteRange, Listed, ObjectMetadata, PresignGetOptions, PresignPutOptions, UploadOptions,
    Uploaded,
};

/// An object on its way, before its errors know of which operation they are.
pub(crate) struct Opened {
    pub(crate) metadata: ObjectMetadata,
    pub(crate) range: Range<u64>,
    pub(crate) stream: BoxStream<'static, Result<Bytes, Fault>>,
}

#[async_trait]
pub(crate) trait Backend: Send + Sync + 'static {
    /// What it is and where, without a secret.
    fn describe(&self) -> String;

    /// Stores an object. Afterwards it is there whole, or there is no trace of it.
    async fn upload(
        &self,
        key: &Key,
        body: Body,
        options: UploadOptions,
    ) -> Result<Uploaded, Fault>;

    /// Opens an object. `range` is not empty of itself.
    async fn download(&self, key: &Key, range: Option<ByteRange>) -> Result<Opened, Fault>;

    /// Deletes an object; one that is absent counts as deleted.
    async fn delete(&self, key: &Key) -> Result<(), Fault>;

    /// What is known of an object.
    async fn metadata(&self, key: &Key) -> Result<ObjectMetadata, Fault>;

    /// The objects whose keys start with `prefix`, in the order of their keys' bytes.
    fn list(&self, prefix: String) -> BoxStream<'static, Result<Listed, Fault>>;

    /// Copies an object together with its content type and metadata.
    async fn copy(&self, from: &Key, to: &Key) -> Result<(), Fault>;

    /// A link to read an object.
    async fn presign_get(
        &self,
        key: &Key,
        expiry: Duration,
        options: PresignGetOptions,
    ) -> Result<Url, Fault>;

    /// A link to write an object.
    async fn presign_put(
        &self,
        key: &Key,
        expiry: Duration,
        options: PresignPutOptions,
    ) -> Result<Url, Fault>;

    /// Removes what uploads left behind that were started longer ago than `age` and never
    /// finished. Gives how many.
    async fn abort_stale_uploads(&self, age: Duration) -> Result<u64, Fault>;
}
