//! Taking over one version: the checks and the protocol of a publish.

use enact_catalog::upstream::UpstreamVersion;
use enact_catalog::{Past, Profile, Sees, VisibilityRight};
use enact_types::{Digest, ToolName, Version};
use tokio::io::AsyncReadExt as _;

use super::Report;
use super::bundles::Bundles;
use crate::access::Publisher;
use crate::error::ErrorKind;
use crate::{Publish, Registry, RegistryError, Spooled};

/// What is read of a bundle at a time.
const CHUNK: usize = 128 * 1024;

/// What came of a version.
pub(super) enum Outcome {
    /// It is here now, or in a dry run: would be.
    Taken,
    /// It was here, with the same bundle.
    Already,
    /// It breaks a rule.
    Refused(String),
    /// Somebody else is publishing it; holds how to say so.
    Busy(String),
}

impl Registry {
    /// Takes over a version. With the report of a `dry_run` so far: tells what would come of it.
    pub(super) async fn import_version(
        &self,
        bundles: &Bundles,
        found: UpstreamVersion,
        dry_run: Option<&Report>,
    ) -> Result<Outcome, RegistryError> {
        if let Some(outcome) = self.compare(&found).await? {
            return Ok(outcome);
        }
        let bundle = match bundles.bundle(&found.name, &found.version, found.bundle_size) {
            Ok(file) => self.spool_file(file).await?,
            Err(reason) => return Ok(Outcome::Refused(reason)),
        };
        let expected = found.bundle_hash;
        if bundle.hash != expected {
            let hash = bundle.hash;
            return Ok(Outcome::Refused(format!(
                "its bundle is {hash}, but {expected} was published"
            )));
        }
        let (Some(publisher), Some(_)) = (
            self.person(&found.published_by, &found, dry_run).await?,
            self.person(&found.owner, &found, dry_run).await?,
        ) else {
            let reason = "whoever published or owns it was not taken over";
            return Ok(Outcome::Refused(reason.to_owned()));
        };
        if self.inner.catalog.is_deleted(&found.name).await? {
            let reason = "a tool of that name was deleted here, and nobody publishes it again";
            return Ok(Outcome::Refused(reason.to_owned()));
        }
        let (name, version) = (found.name.clone(), found.version.clone());
        let past = Past {
            created_at: found.created_at,
            updated_at: found.updated_at,
            downloads: found.downloads,
            yank: found.yank,
        };
        let publish = Publish {
            name: found.name,
            manifest: found.manifest,
            raw_manifest: found.raw_manifest,
            visibility: found.visibility,
            // That server ignores them.
            checksum_manifest: None,
            sigstore_bundle: None,
            bundle,
        };
        let publisher = Publisher {
            profile: publisher,
            // What is here wins.
            visibility: VisibilityRight::MayNot,
        };
        let mut checked = match self.check(publisher, publish).await {
            Ok(checked) => checked,
            Err(error) => {
                return match error.kind() {
                    ErrorKind::Invalid => Ok(Outcome::Refused(error.to_string())),
                    _ => Err(error),
                };
            }
        };
        if dry_run.is_some() {
            return Ok(Outcome::Taken);
        }
        checked.past = Some((found.published_at, past));
        let registry = self.clone();
        // A task of its own: whoever stops waiting does not leave it half done.
        let task = self
            .inner
            .tasks
            .spawn(async move { registry.store(checked).await });
        match task.await.map_err(RegistryError::internal)? {
            Ok(_) => Ok(Outcome::Taken),
            Err(error) if *error.kind() == ErrorKind::Conflict => {
                let outcome = self.compare_with(&name, &version, expected).await?;
                Ok(outcome.unwrap_or_else(|| Outcome::Busy(error.to_string())))
            }
            Err(error) => Err(error),
        }
    }

    /// What follows from the version being here already; `None` if it is not.
    async fn compare(&self, found: &UpstreamVersion) -> Result<Option<Outcome>, RegistryError> {
        self.compare_with(&found.name, &found.version, found.bundle_hash)
            .await
    }

    async fn compare_with(
        &self,
        name: &ToolName,
        version: &Version,
        hash: Digest,
    ) -> Result<Option<Outcome>, RegistryError> {
        let catalog = &self.inner.catalog;
        let Some(tool) = catalog.tool(name, Sees::All).await? else {
            return Ok(None);
        };
        let Some(here) = catalog.version(&tool.id, version).await? else {
            return Ok(None);
        };
        let here = here.summary.bundle_hash;
        Ok(Some(if here == hash {
            Outcome::Already
        } else {
            Outcome::Refused(format!(
                "conflict: this registry has another bundle under that version ({here}; the \
                 existing server has {hash})"
            ))
        }))
    }

    /// Copies a bundle of the source to the spool, hashing it, so that what is checked is what is
    /// stored whatever happens to the source.
    async fn spool_file(&self, file: std::fs::File) -> Result<Spooled, RegistryError> {
        let mut file = tokio::fs::File::from_std(file);
        let mut spool = self.spool().await?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = file.read(&mut chunk).await?;
            if count == 0 {
                return spool.finish().await;
            }
            spool.write(&chunk[..count]).await?;
        }
    }

    async fn person(
        &self,
        username: &str,
        found: &UpstreamVersion,
        dry_run: Option<&Report>,
    ) -> Result<Option<Profile>, RegistryError> {
        let Some(report) = dry_run else {
            return Ok(self.inner.catalog.profile(username).await?);
        };
        // Nobody was made, and nothing is written with it.
        Ok((!report.has_refused(username)).then(|| Profile {
            id: String::new(),
            username: username.to_owned(),
            display_name: None,
            avatar_url: None,
            created_at: found.created_at,
        }))
    }
}
