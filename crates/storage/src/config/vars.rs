//! The environment variables of the storage client.

/// The URL of the S3 API, without the bucket. Not set for AWS.
pub const ENDPOINT: &str = "R2_ENDPOINT";
/// The URL under which others reach the same API, for presigned links.
pub const PUBLIC_ENDPOINT: &str = "R2_PUBLIC_ENDPOINT";
/// The access key id.
pub const ACCESS_KEY_ID: &str = "R2_ACCESS_KEY_ID";
/// The secret access key.
pub const SECRET_ACCESS_KEY: &str = "R2_SECRET_ACCESS_KEY";
/// The bucket; [`super::DEFAULT_BUCKET`] when not set.
pub const BUCKET: &str = "R2_BUCKET";
/// The region; `auto` when not set.
pub const REGION: &str = "R2_REGION";
/// The Cloudflare account; with it and no endpoint, the endpoint is that account's R2.
pub const ACCOUNT_ID: &str = "R2_ACCOUNT_ID";
/// Server-side encryption: `none`, `AES256` (SSE-S3) or `aws:kms` (SSE-KMS).
pub const SSE: &str = "R2_SSE";
/// The key id of SSE-KMS.
pub const SSE_KMS_KEY_ID: &str = "R2_SSE_KMS_KEY_ID";

/// All of them.
pub const ALL: [&str; 9] = [
    ENDPOINT,
    PUBLIC_ENDPOINT,
    ACCESS_KEY_ID,
    SECRET_ACCESS_KEY,
    BUCKET,
    REGION,
    ACCOUNT_ID,
    SSE,
    SSE_KMS_KEY_ID,
];
