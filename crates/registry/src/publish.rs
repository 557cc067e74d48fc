//! Publishing a version: spool → validate → reserve → upload → commit.
//!
//! The order is the promise. The catalog's unique constraint picks one winner before a byte is
//! uploaded; each attempt writes a key of its own, so the winner's bytes are never overwritten; and
//! the version, the tool, the file list and the search index change in one transaction, after the
//! bundle is durable.

use enact_catalog::{
    AttestationRecord, Commit, NewAttestation, NewOrg, NewVersion, Owner, Reservation, Reserve,
    Sees,
};
use enact_storage::{Key, ObjectKey};
use enact_types::wire::Published;
use enact_types::{Manifest, Namespace, OwnerName, Timestamp, ToolName, Version, Visibility};

use crate::ErrorKind;
use crate::attestations::{self, checksums};
use crate::check::Checked;
use crate::publish_slots::PublishSlot;
use crate::upload::{RESERVATION_TTL, Upload, in_progress};
use crate::versions::download_url;
use crate::{Caller, Registry, RegistryError, Spooled};

/// Attempts at one publish when the store already has an object of the attempt's key: the catalog
/// was restored from an older copy, or is new over a store in use.
const MAX_ATTEMPTS: u32 = 20;

/// A publish, received whole.
#[derive(Debug)]
pub struct Publish {
    /// The name in the URL.
    pub name: ToolName,
    /// The manifest.
    pub manifest: Manifest,
    /// The text of SKILL.md, if there is one.
    pub raw_manifest: Option<String>,
    /// Who may see the tool from now on; one that is there keeps its visibility if whoever
    /// publishes may not change it.
    pub visibility: Visibility,
    /// The list of files of a locally signed publish, a JSON object.
    pub checksum_manifest: Option<String>,
    /// The signature of that list, a JSON object.
    pub sigstore_bundle: Option<String>,
    /// The bundle.
    pub bundle: Spooled,
}

impl Registry {
    /// The first step, before the body is read: may the caller publish under that name, and is
    /// there room?
    pub async fn begin_publish(
        &self,
        caller: &Caller,
        name: &ToolName,
    ) -> Result<PublishSlot, RegistryError> {
        let publisher = self.may_publish(caller, name).await?;
        if self.inner.catalog.is_deleted(name).await? {
            return Err(RegistryError::deleted(name));
        }
        let account = (!caller.is_admin()).then_some(publisher.profile.id.as_str());
        self.inner.publish_slots.take(account).await
    }

    /// Publishes. Either all of it becomes visible or nothing changes. Once the bundle is being
    /// stored, it goes on (or cleans up) even if the caller stops waiting.
    ///
    /// `caller` is who is calling now: what was true when the slot was given may have been taken
    /// back while the bundle arrived.
    pub async fn publish(
        &self,
        slot: PublishSlot,
        caller: &Caller,
        publish: Publish,
    ) -> Result<Published, RegistryError> {
        let publisher = self.may_publish(caller, &publish.name).await?;
        let checked = self.check(publisher, publish).await?;
        let registry = self.clone();
        let task = self.inner.tasks.spawn(async move {
            let _slot = slot;
            registry.store(checked).await
        });
        task.await.map_err(RegistryError::internal)?
    }

    pub(crate) async fn store(&self, checked: Checked) -> Result<Published, RegistryError> {
        let (name, version) = (&checked.publish.name, &checked.version);
        for _ in 0..MAX_ATTEMPTS {
            let reservation = self
                .reserve(name, version, checked.publish.bundle.size)
                .await?;
            let attempt = reservation.attempt;
            let object = ObjectKey::Bundle {
                tool: name,
                version,
                attempt,
            };
            let key = object.key();
            match self.upload(&checked, &reservation, &object).await {
                Ok(()) => {}
                // Not written by this attempt, so not to be removed either: the next one has a key
                // of its own.
                Err(Upload::Taken) => {
                    tracing::warn!(%key, "the store has an object that the catalog does not know");
                    if self
                        .inner
                        .catalog
                        .release(&reservation, key.as_str())
                        .await?
                    {
                        self.inner
                            .catalog
                            .forget_abandoned(name, version, attempt)
                            .await?;
                    }
                    continue;
                }
                Err(Upload::Failed(error)) => {
                    self.abandon(&reservation, &key).await;
                    return Err(error);
                }
            }
            let committed = self.commit(&checked, &reservation, &key).await;
            if committed.is_err() {
                self.abandon(&reservation, &key).await;
            }
            return committed;
        }
        Err(RegistryError::internal(
            "every key of this version is taken in the store",
        ))
    }

    async fn reserve(
        &self,
        name: &ToolName,
        version: &Version,
        bundle_size: u64,
    ) -> Result<Reservation, RegistryError> {
        let now = self.now();
        let token = self.new_id()?;
        let expires_at = now.plus(RESERVATION_TTL);
        match self
            .inner
            .catalog
            .reserve_for(name, version, &token, now, expires_at, bundle_size)
            .await?
        {
            Reserve::Granted(reservation) => Ok(reservation),
            Reserve::Exists => Err(RegistryError::version_exists(version)),
            Reserve::InProgress => Err(in_progress(version)),
            Reserve::Deleted => Err(RegistryError::deleted(name)),
            Reserve::OverQuota(excess) => Err(RegistryError::over_quota(name, excess, bundle_size)),
        }
    }

    async fn commit(
        &self,
        checked: &Checked,
        reservation: &Reservation,
        key: &Key,
    ) -> Result<Published, RegistryError> {
        let Checked {
            publish,
            version,
            files,
            publisher,
            past,
        } = checked;
        let now = past.as_ref().map_or_else(|| self.now(), |(at, _)| *at);
        let (id, tool_id, owner_id) = (self.new_id()?, self.new_id()?, self.new_id()?);
        let org;
        let owner = match publish.name.namespace() {
            Namespace::User(username) => Owner::User {
                username,
                id: &owner_id,
            },
            Namespace::Org(name) => {
                org = NewOrg {
                    id: owner_id,
                    name: OwnerName::parse(name).map_err(RegistryError::internal)?,
                    display_name: None,
                    description: None,
                };
                Owner::Org(&org)
            }
        };
        let record = attestation(checked, now);
        let attestation_id = self.new_id()?;
        let attestation = record.as_ref().map(|record| NewAttestation {
            id: &attestation_id,
            record,
            bundle: publish.sigstore_bundle.as_deref().unwrap_or_default(),
            submitted_by: &publisher.profile.id,
        });
        let new = NewVersion {
            id: &id,
            tool_id: &tool_id,
            publisher: &publisher.profile,
            owner,
            visibility: publish.visibility,
            visibility_right: publisher.visibility,
            manifest: &publish.manifest,
            raw_manifest: publish.raw_manifest.as_deref(),
            checksum_manifest: publish.checksum_manifest.as_deref(),
            sigstore_bundle: publish.sigstore_bundle.as_deref(),
            attestation: attestation.as_ref(),
            bundle_hash: publish.bundle.hash,
            bundle_size: publish.bundle.size,
            bundle_path: key.as_str(),
            files,
            now,
        };
        let committed = match past {
            None => self.inner.catalog.commit(reservation, &new).await,
            Some((_, past)) => {
                self.inner
                    .catalog
                    .commit_imported(reservation, &new, past)
                    .await
            }
        };
        match committed {
            Ok(Commit::Done(visibility)) => Ok(published(
                publish,
                version,
                visibility,
                record.as_ref(),
                now,
            )),
            Ok(Commit::Lost) => Err(in_progress(version)),
            Ok(Commit::Deleted) => Err(RegistryError::deleted(&publish.name)),
            Ok(Commit::NameTaken) => Err(name_taken(&publish.name)),
            Ok(Commit::OverQuota(excess)) => {
                let size = publish.bundle.size;
                Err(RegistryError::over_quota(&publish.name, excess, size))
            }
            // The answer to a COMMIT can be lost after it took effect.
            Err(error) => match self.committed(publish, version, &id).await {
                Some(visibility) => Ok(published(
                    publish,
                    version,
                    visibility,
                    record.as_ref(),
                    now,
                )),
                None => Err(error.into()),
            },
        }
    }

    /// The visibility of the tool, if its version is the one with this id.
    async fn committed(
        &self,
        publish: &Publish,
        version: &Version,
        id: &str,
    ) -> Option<Visibility> {
        let catalog = &self.inner.catalog;
        let tool = catalog.tool(&publish.name, Sees::All).await.ok()??;
        let found = catalog.version(&tool.id, version).await.ok()??;
        (found.summary.id == id).then_some(tool.visibility)
    }

    /// Gives the reservation back and removes what was uploaded. What fails here is left to
    /// [`Registry::recover`]: the catalog notes the attempt as abandoned until its object is gone.
    async fn abandon(&self, reservation: &Reservation, key: &Key) {
        let Reservation {
            name,
            version,
            attempt,
            ..
        } = reservation;
        let abandoned = async {
            if self
                .inner
                .catalog
                .release(reservation, key.as_str())
                .await?
            {
                self.inner.storage.delete(key).await?;
                self.inner
                    .catalog
                    .forget_abandoned(name, version, *attempt)
                    .await?;
            }
            Ok::<_, RegistryError>(())
        };
        if let Err(error) = abandoned.await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(%key, error, "an abandoned upload is left to the next recovery");
        }
    }
}

/// The attestation that came with a publish. One that does not fit it is kept with the version, and
/// counts for nothing: the publish itself is good.
fn attestation(checked: &Checked, now: Timestamp) -> Option<AttestationRecord> {
    let Checked {
        publish,
        version,
        files,
        ..
    } = checked;
    let (checksums, bundle) = (
        publish.checksum_manifest.as_deref()?,
        publish.sigstore_bundle.as_deref()?,
    );
    let digest = checksums::verify(checksums, &publish.name, version, files)?;
    attestations::of_publish(&publish.name, version, digest, bundle, now)
}

fn name_taken(name: &ToolName) -> RegistryError {
    let message = match name.namespace() {
        Namespace::User(user) => {
            format!("\"{user}\" is an organisation: publish under \"@{user}\"")
        }
        Namespace::Org(org) => format!("\"{org}\" is a user: publish under \"{org}\""),
    };
    RegistryError::new(ErrorKind::Conflict, message)
}

fn published(
    publish: &Publish,
    version: &Version,
    visibility: Visibility,
    attestation: Option<&AttestationRecord>,
    now: Timestamp,
) -> Published {
    Published {
        name: publish.name.clone(),
        version: version.clone(),
        bundle_hash: publish.bundle.hash,
        bundle_size: publish.bundle.size,
        download_url: download_url(&publish.name, version),
        published_at: now,
        visibility,
        attestation: attestation.map(attestations::published),
    }
}
