//! Handing out a bundle, verified on the way.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use enact_catalog::{Resolved, Sees};
use enact_storage::{ByteRange, Download, Key, PresignGetOptions, StorageErrorKind};
use enact_types::{Digest, Hasher, ToolName, Version, Visibility};
use url::Url;

use crate::bundle_stream::{Kept, not_as_published};
use crate::error::ErrorKind;
use crate::small_bundles::SmallBundles;
use crate::versions::no_version;
use crate::{BundleStream, Caller, Registry, RegistryError, Selector};

/// How long a link to a bundle lives. A download that has begun goes on.
const LINK: Duration = Duration::from_mins(5);

/// How long a link to the bundle of a private tool lives.
const PRIVATE_LINK: Duration = Duration::from_mins(1);

/// A bundle that the caller may download.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// Which version it is of.
    pub version: Version,
    /// Its digest.
    pub hash: Digest,
    /// Its size, in bytes.
    pub size: u64,
    /// A file name to save it under.
    pub filename: String,
    /// Who may see the tool; decides who may cache the bytes.
    pub visibility: Visibility,
    key: String,
    tool_id: String,
    version_id: String,
}

/// Which tools a caller sees, where that does not depend on who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Seen {
    NotPrivate,
    All,
}

impl Registry {
    /// Finds the bundle of a version. A yanked one must be asked for with `acknowledge_yanked`.
    pub async fn bundle(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
        acknowledge_yanked: bool,
    ) -> Result<Bundle, RegistryError> {
        let resolved = self.to_download(caller, name, selector).await?;
        let resolved = resolved.ok_or_else(|| RegistryError::tool_not_found(name))?;
        let tool = &resolved.tool;
        let version = resolved
            .version
            .as_ref()
            .ok_or_else(|| no_version(tool, selector))?;
        let summary = &version.summary;
        if summary.yanked && !acknowledge_yanked {
            return Err(RegistryError::new(
                ErrorKind::Yanked {
                    reason: version.yank_reason.clone(),
                    replacement: version.yank_replacement.clone(),
                    yanked_at: version.yanked_at,
                },
                format!("Version {} has been yanked", summary.version),
            ));
        }
        Ok(Bundle {
            version: summary.version.clone(),
            hash: summary.bundle_hash,
            size: summary.bundle_size,
            filename: enact_bundle::bundle_file_name(name, &summary.version),
            visibility: tool.visibility,
            key: summary.bundle_path.clone(),
            tool_id: tool.id.clone(),
            version_id: summary.id.clone(),
        })
    }

    /// What is known of the version, if the caller sees the tool. Those who see the same tools share
    /// a query, since a bundle that is fetched a thousand times a second is the same one.
    async fn to_download(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
    ) -> Result<Option<Arc<Resolved>>, RegistryError> {
        let query = async || {
            let (sees, version) = (caller.sees(), selector.exact());
            let resolved = self.inner.catalog.resolve(name, sees, version).await?;
            Ok(resolved.map(Arc::new))
        };
        let seen = match caller.sees() {
            Sees::NotPrivate => Seen::NotPrivate,
            Sees::All => Seen::All,
            Sees::AlsoOf(_) => return query().await,
        };
        // No version is called so.
        let version = selector.exact().map_or("latest", Version::as_str);
        let key = (name.clone(), version.to_owned(), seen);
        self.inner.to_download.ask(&key, query).await
    }

    /// Opens the bundle, or a part of it that is not empty and lies within its size. Nothing is read
    /// ahead of the reader.
    pub async fn open(
        &self,
        bundle: &Bundle,
        part: Option<Range<u64>>,
    ) -> Result<BundleStream, RegistryError> {
        let key = Key::parse(&bundle.key)?;
        // A part that is everything can be verified like the whole, since it is the whole.
        let part = part.filter(|part| *part != (0..bundle.size));
        let counts =
            |end| (end == bundle.size).then(|| (bundle.tool_id.clone(), bundle.version_id.clone()));
        if part.is_none()
            && let Some(bytes) = self.inner.small_bundles.get(&bundle.hash)
        {
            return Ok(BundleStream {
                source: Box::pin(futures_util::stream::iter([Ok(bytes)])),
                key,
                left: bundle.size,
                // It was when it came in.
                expected: None,
                kept: None,
                counts: counts(bundle.size),
                downloads: self.inner.downloads.clone(),
            });
        }
        let download = self.open_object(&key, part.clone().map(Into::into)).await?;
        if let Some(part) = &part
            && (download.metadata.size != bundle.size || download.range != *part)
        {
            return Err(not_as_published(&key, "its size differs"));
        }
        let range = part.clone().unwrap_or(0..bundle.size);
        Ok(BundleStream {
            source: download.stream,
            key,
            left: range.end - range.start,
            expected: part.is_none().then(|| (bundle.hash, Hasher::default())),
            kept: if part.is_none() {
                SmallBundles::room(bundle.size)
                    .map(|bytes| Kept::new(bytes, self.inner.small_bundles.clone()))
            } else {
                None
            },
            counts: counts(range.end),
            downloads: self.inner.downloads.clone(),
        })
    }

    /// A link at which whoever has it gets the bundle from the store itself, for a short time;
    /// `None` if the store has no links. Counts as a download: nobody here sees how it goes on.
    ///
    /// Treat it as a secret: it opens what the tool's visibility may close a moment later.
    pub async fn link(&self, bundle: &Bundle) -> Result<Option<Url>, RegistryError> {
        let key = Key::parse(&bundle.key)?;
        let expiry = match bundle.visibility {
            Visibility::Private => PRIVATE_LINK,
            Visibility::Public | Visibility::Unlisted => LINK,
        };
        let options = PresignGetOptions::default()
            .content_type("application/gzip")
            .content_disposition(bundle.content_disposition());
        let link = self.inner.storage.presign_get_as(&key, expiry, options);
        match link.await {
            Ok(link) => {
                let downloads = &self.inner.downloads;
                downloads.count(&bundle.tool_id, &bundle.version_id);
                Ok(Some(link))
            }
            Err(error) if error.kind() == StorageErrorKind::Unsupported => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn open_object(
        &self,
        key: &Key,
        range: Option<ByteRange>,
    ) -> Result<Download, RegistryError> {
        match self.inner.storage.download_stream(key, range).await {
            Ok(download) => Ok(download),
            Err(error) if error.is_not_found() => {
                tracing::error!(%key, "a published bundle is missing in the store");
                Err(RegistryError::new(
                    ErrorKind::NotFound,
                    "The bundle is missing in the registry's store",
                ))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Bundle {
    /// The header that has a browser save it, under its file name.
    pub fn content_disposition(&self) -> String {
        format!("attachment; filename=\"{}\"", self.filename)
    }
}
