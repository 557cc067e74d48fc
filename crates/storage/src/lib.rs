#![doc = include_str!("../README.md")]

mod backend;
mod bundles;
mod client;
pub mod config;
mod error;
mod key;
mod local;
mod random;
mod s3;
mod types;

pub use bundles::{StoredBundle, bundle_key};
pub use client::{MAX_DOWNLOAD_BYTES, StorageClient};
pub use config::{Encryption, Retries, Secret, StorageConfig, Timeouts};
pub use error::{Operation, StorageError, StorageErrorCode, StorageErrorKind};
pub use key::{Key, MAX_KEY_BYTES, MAX_KEY_SEGMENT_BYTES, ObjectKey};
pub use s3::bucket::{Bucket, BucketSetting, Created, Outcome};
pub use types::{
    Body, ByteRange, Download, Listed, MAX_METADATA_BYTES, MAX_PRESIGN_EXPIRY, ObjectMetadata,
    PresignGetOptions, PresignPutOptions, UploadOptions, Uploaded,
};
