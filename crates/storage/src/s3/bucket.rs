//! Making a bucket and setting it up, for operators. The registry itself never does this.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use md5::{Digest as _, Md5};
use quick_xml::escape::escape;

use super::S3;
use super::failure::Failure;
use super::raw::{Answer, Raw};
use crate::config::{Encryption, StorageConfig};
use crate::error::{Fault, Operation, StorageError, StorageErrorKind};

const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");

/// The one region that AWS wants not to be told when a bucket is created
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>).
const AWS_DEFAULT_REGION: &str = "us-east-1";

/// The bucket of the settings: whether it is there, making it, and what can be set on it.
#[derive(Clone)]
pub struct Bucket {
    s3: S3,
    /// What to name when creating it; only AWS wants that.
    location: Option<String>,
}

/// What [`Bucket::create`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// The bucket is new.
    New,
    /// It was there, and it is this account's.
    Existed,
}

/// Something that can be set on a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BucketSetting {
    /// Pages of these origins, like `https://example.org`, may read objects through presigned
    /// links. `*` means all origins.
    Cors(Vec<String>),
    /// What is overwritten or deleted is kept as an older version.
    Versioning,
    /// How objects are encrypted that do not say it themselves.
    Encryption(Encryption),
    /// Multipart uploads that are not finished after so many days are removed.
    AbortStaleUploads(u32),
}

/// What became of a [`BucketSetting`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It is set now; the store was asked whether it is.
    Set,
    /// It was set before.
    AlreadySet,
    /// The bucket has rules of this kind that are not ours; they were left as they are.
    KeptOthers,
    /// The store does not have this feature.
    Unsupported,
}

impl Bucket {
    /// The bucket of these settings. Does not contact the store. Fails if a setting breaks a rule.
    pub fn new(config: &StorageConfig) -> Result<Self, StorageError> {
        let on_aws = config.target()?.endpoint.is_none();
        let location =
            (on_aws && config.region != AWS_DEFAULT_REGION).then(|| config.region.clone());
        Ok(Self {
            s3: S3::new(config)?,
            location,
        })
    }

    /// Whether the bucket is there. Needs the permission to list it.
    pub async fn exists(&self) -> Result<bool, StorageError> {
        let query = [("list-type", "2"), ("max-keys", "1")];
        match self.send(Method::GET, &query, "").await {
            // A website answers with success as well.
            Ok(answer) => answer
                .expect_root("ListBucketResult")
                .map(|()| true)
                .map_err(|failure| self.failed(failure)),
            Err(failure) if has_code(&failure, &["NoSuchBucket"]) => Ok(false),
            Err(failure) => Err(self.failed(failure)),
        }
    }

    /// Makes the bucket, readable by its owner alone, unless it is there.
    pub async fn create(&self) -> Result<Created, StorageError> {
        let body = self.location.as_ref().map_or_else(String::new, |region| {
            format!(
                "<CreateBucketConfiguration xmlns=\"{NAMESPACE}\"><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            )
        });
        match self.send(Method::PUT, &[], &body).await {
            Ok(_) => Ok(Created::New),
            Err(failure) if has_code(&failure, &["BucketAlreadyOwnedByYou"]) => {
                Ok(Created::Existed)
            }
            Err(failure) if has_code(&failure, &["BucketAlreadyExists"]) => {
                let name = &self.s3.about.bucket;
                let message = format!(
                    "a bucket {name:?} exists and belongs to somebody else; choose another name with R2_BUCKET"
                );
                Err(Fault::new(StorageErrorKind::AlreadyExists, message)
                    .with_source(failure)
                    .during(Operation::SetUpBucket, None))
            }
            Err(failure) => Err(self.failed(failure)),
        }
    }

    /// Puts a setting in force, unless rules of the same kind are there: those are never replaced.
    pub async fn apply(&self, setting: &BucketSetting) -> Result<Outcome, StorageError> {
        let name = setting.subresource();
        match self.read(name).await {
            Ok(Some(before)) if setting.is_in(&before) => return Ok(Outcome::AlreadySet),
            Ok(Some(before)) if setting.would_replace_rules(&before) => {
                return Ok(Outcome::KeptOthers);
            }
            Ok(_) => {}
            Err(failure) if is_unsupported(&failure) => return Ok(Outcome::Unsupported),
            Err(failure) => return Err(self.failed(failure)),
        }
        match self
            .send(Method::PUT, &[(name, "")], &setting.document())
            .await
        {
            Ok(_) => {}
            // A document by the book: who finds fault with it does not know what is in it, like
            // `MinIO` with the rule on unfinished uploads.
            Err(failure) if is_unsupported(&failure) || has_code(&failure, &MISUNDERSTOOD) => {
                return Ok(Outcome::Unsupported);
            }
            Err(failure) => return Err(self.failed(failure)),
        }
        // A store that does not know the subresource may have answered something else's success.
        match self.read(name).await {
            Ok(Some(after)) if setting.is_in(&after) => Ok(Outcome::Set),
            Ok(_) => Ok(Outcome::Unsupported),
            Err(failure) if is_unsupported(&failure) => Ok(Outcome::Unsupported),
            Err(failure) => Err(self.failed(failure)),
        }
    }

    /// The document of a subresource; `None` if there is none.
    async fn read(&self, name: &str) -> Result<Option<String>, Failure> {
        match self.send(Method::GET, &[(name, "")], "").await {
            Ok(answer) => Ok(Some(String::from_utf8_lossy(&answer.body).into_owned())),
            Err(failure) if has_code(&failure, &ABSENT) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    async fn send(
        &self,
        method: Method,
        query: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, Failure> {
        let raw: &Raw = &self.s3.raw;
        let mut headers = HeaderMap::new();
        if !body.is_empty() {
            let digest = BASE64.encode(Md5::digest(body.as_bytes()));
            if let Ok(digest) = HeaderValue::try_from(digest) {
                headers.insert(CONTENT_MD5, digest);
            }
        }
        let body = Bytes::copy_from_slice(body.as_bytes());
        raw.send_with_headers(method, None, query, headers, body)
            .await
    }

    fn failed(&self, failure: Failure) -> StorageError {
        self.s3.failed(failure).during(Operation::SetUpBucket, None)
    }
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bucket({})", self.s3.about.bucket)
    }
}

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// What stores answer when nothing is set.
const ABSENT: [&str; 3] = [
    "NoSuchCORSConfiguration",
    "NoSuchLifecycleConfiguration",
    "ServerSideEncryptionConfigurationNotFoundError",
];

/// What stores answer to a document that they do not understand.
const MISUNDERSTOOD: [&str; 3] = ["InvalidArgument", "InvalidRequest", "MalformedXML"];

fn has_code(failure: &Failure, codes: &[&str]) -> bool {
    let status = failure.status();
    status
        .and_then(|status| status.code.as_deref())
        .is_some_and(|code| codes.contains(&code))
}

/// Whether the store says that it does not have a feature. `KMSNotConfigured` is `MinIO` without a
/// key server, which cannot encrypt.
fn is_unsupported(failure: &Failure) -> bool {
    failure
        .status()
        .is_some_and(|status| matches!(status.http, 405 | 501))
        || has_code(
            failure,
            &["NotImplemented", "MethodNotAllowed", "KMSNotConfigured"],
        )
}

impl BucketSetting {
    /// The name of the part of the bucket that holds it.
    fn subresource(&self) -> &'static str {
        match self {
            Self::Cors(_) => "cors",
            Self::Versioning => "versioning",
            Self::Encryption(_) => "encryption",
            Self::AbortStaleUploads(_) => "lifecycle",
        }
    }

    /// Whether a document that the store gave has what this asks for.
    fn is_in(&self, document: &str) -> bool {
        let has = |name: &str, value: &str| {
            document.contains(&format!("<{name}>{}</{name}>", escape(value)))
        };
        match self {
            Self::Cors(origins) => origins.iter().all(|origin| has("AllowedOrigin", origin)),
            Self::Versioning => has("Status", "Enabled"),
            Self::Encryption(Encryption::SseKms { key_id }) => {
                has("SSEAlgorithm", "aws:kms") && has("KMSMasterKeyID", key_id)
            }
            Self::Encryption(_) => has("SSEAlgorithm", "AES256"),
            Self::AbortStaleUploads(days) => {
                document.contains("<AbortIncompleteMultipartUpload>")
                    && has("DaysAfterInitiation", &days.to_string())
            }
        }
    }

    /// Whether setting this would lose rules that somebody else made.
    fn would_replace_rules(&self, document: &str) -> bool {
        match self {
            Self::Cors(_) => document.contains("<CORSRule>"),
            Self::AbortStaleUploads(_) => document.contains("<Rule>"),
            Self::Versioning | Self::Encryption(_) => false,
        }
    }

    fn document(&self) -> String {
        match self {
            Self::Cors(origins) => {
                let origins: Vec<String> = origins
                    .iter()
                    .map(|origin| format!("<AllowedOrigin>{}</AllowedOrigin>", escape(origin)))
                    .collect();
                let origins = origins.concat();
                format!(
                    "<CORSConfiguration xmlns=\"{NAMESPACE}\"><CORSRule>{origins}<AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>3600</MaxAgeSeconds></CORSRule></CORSConfiguration>"
                )
            }
            Self::Versioning => format!(
                "<VersioningConfiguration xmlns=\"{NAMESPACE}\"><Status>Enabled</Status></VersioningConfiguration>"
            ),
            Self::Encryption(encryption) => {
                let rule = match encryption {
                    Encryption::SseKms { key_id } => format!(
                        "<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>{}</KMSMasterKeyID>",
                        escape(key_id)
                    ),
                    _ => "<SSEAlgorithm>AES256</SSEAlgorithm>".to_owned(),
                };
                format!(
                    "<ServerSideEncryptionConfiguration xmlns=\"{NAMESPACE}\"><Rule><ApplyServerSideEncryptionByDefault>{rule}</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
                )
            }
            Self::AbortStaleUploads(days) => format!(
                "<LifecycleConfiguration xmlns=\"{NAMESPACE}\"><Rule><ID>enact-abort-stale-uploads</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>{days}</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_holds_what_it_sets_and_nothing_that_was_smuggled_in() {
        let settings = [
            BucketSetting::Cors(vec!["https://a.example".into(), "https://b.example".into()]),
            BucketSetting::Versioning,
            BucketSetting::Encryption(Encryption::SseS3),
            BucketSetting::Encryption(Encryption::SseKms {
                key_id: "key&1".into(),
            }),
            BucketSetting::AbortStaleUploads(7),
        ];
        for setting in settings {
            assert!(setting.is_in(&setting.document()), "{setting:?}");
            assert!(!setting.is_in("<x/>"), "{setting:?}");
        }
        let hostile = BucketSetting::Cors(vec!["</AllowedOrigin><x>".into()]);
        assert!(!hostile.document().contains("<x>"));
    }

    #[test]
    fn rules_of_others_are_recognised() {
        let wanted = BucketSetting::AbortStaleUploads(7);
        let others = BucketSetting::AbortStaleUploads(3).document();
        assert!(!wanted.is_in(&others) && wanted.would_replace_rules(&others));
    }
}
