//! Publishing a version: spool → validate → reserve → upload → commit.
//!
//! The order is the promise. The catalog's unique constraint picks one winner before a byte is
//! uploaded; each attempt writes a key of its own, so the winner's bytes are never overwritten; and
//! the version, the tool, the file list and the search index change in one transaction, after the
//! bundle is durable.

use std::io::Seek as _;
use std::time::Duration;

use enact_catalog::{NewVersion, Org, Profile, Reservation, Reserve};
use enact_storage::{Body, Key, ObjectKey};
use enact_types::wire::Published;
use enact_types::{Manifest, Namespace, Timestamp, ToolName, Version, Visibility};
use tokio::sync::OwnedSemaphorePermit;

use crate::check::Checked;
use crate::versions::download_url;
use crate::{Caller, Registry, RegistryError, Spooled};

/// How long an attempt may take between its reservation and its commit. Longer than any client
/// waits (300 s), so an expired reservation belongs to a process that died.
const RESERVATION_TTL: Duration = Duration::from_mins(15);

/// How long a publish waits for its turn before it is told to come back.
const SLOT_TIMEOUT: Duration = Duration::from_secs(20);

/// A publish, received whole.
#[derive(Debug)]
pub struct Publish {
    /// The name in the URL.
    pub name: ToolName,
    /// The manifest.
    pub manifest: Manifest,
    /// The text of SKILL.md, if there is one.
    pub raw_manifest: Option<String>,
    /// Who may see the tool from now on.
    pub visibility: Visibility,
    /// The bundle.
    pub bundle: Spooled,
}

/// The right to send a bundle; see [`Registry::begin_publish`].
#[derive(Debug)]
pub struct PublishSlot {
    _permit: OwnedSemaphorePermit,
    publisher: Profile,
}

impl Registry {
    /// The first step, before the body is read: may the caller publish at all, and is there room?
    pub async fn begin_publish(&self, caller: &Caller) -> Result<PublishSlot, RegistryError> {
        let publisher = caller.signed_in()?.clone();
        let slots = self.inner.publish_slots.clone();
        match tokio::time::timeout(SLOT_TIMEOUT, slots.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(PublishSlot {
                _permit: permit,
                publisher,
            }),
            Ok(Err(_)) | Err(_) => Err(RegistryError::busy(
                "Too many publishes at once, try again shortly",
            )),
        }
    }

    /// Publishes. Either all of it becomes visible or nothing changes. Once the bundle is being
    /// stored, it goes on (or cleans up) even if the caller stops waiting.
    pub async fn publish(
        &self,
        slot: PublishSlot,
        publish: Publish,
    ) -> Result<Published, RegistryError> {
        let checked = self.check(slot.publisher.clone(), publish).await?;
        let registry = self.clone();
        let task = self.inner.tasks.spawn(async move {
            let _slot = slot;
            registry.store(checked).await
        });
        task.await.map_err(RegistryError::internal)?
    }

    async fn store(&self, checked: Checked) -> Result<Published, RegistryError> {
        let (name, version) = (&checked.publish.name, &checked.version);
        let now = self.now();
        let token = self.new_id()?;
        let reserved = self
            .inner
            .catalog
            .reserve(name, version, &token, now, now.plus(RESERVATION_TTL))
            .await?;
        let reservation = match reserved {
            Reserve::Granted(reservation) => reservation,
            Reserve::Exists => return Err(RegistryError::version_exists(version)),
            Reserve::InProgress => return Err(in_progress(version)),
        };
        let object = ObjectKey::Bundle {
            tool: name,
            version,
            attempt: reservation.attempt,
        };
        let stored = self
            .upload_and_commit(&checked, &reservation, &object)
            .await;
        if stored.is_err() {
            self.abandon(&reservation, &object.key()).await;
        }
        stored
    }

    async fn upload_and_commit(
        &self,
        checked: &Checked,
        reservation: &Reservation,
        object: &ObjectKey<'_>,
    ) -> Result<Published, RegistryError> {
        let Checked {
            publish,
            version,
            files,
            publisher,
        } = checked;
        let bundle = &publish.bundle;
        let mut file = bundle.file.try_clone()?;
        file.rewind()?;
        let key = object.key();
        let options = object.upload_options().create_only(true);
        self.inner
            .storage
            .upload(&key, Body::File(file), options)
            .await?;

        let now = self.now();
        let (id, tool_id) = (self.new_id()?, self.new_id()?);
        let org = match publish.name.namespace() {
            Namespace::Org(org) => Some(Org {
                id: self.new_id()?,
                name: org.to_owned(),
            }),
            Namespace::User(_) => None,
        };
        let new = NewVersion {
            id: &id,
            tool_id: &tool_id,
            publisher,
            org: org.as_ref(),
            visibility: publish.visibility,
            manifest: &publish.manifest,
            raw_manifest: publish.raw_manifest.as_deref(),
            bundle_hash: bundle.hash,
            bundle_size: bundle.size,
            bundle_path: key.as_str(),
            files,
            now,
        };
        match self.inner.catalog.commit(reservation, &new).await {
            Ok(true) => Ok(published(publish, version, now)),
            Ok(false) => Err(RegistryError::version_exists(version)),
            Err(error) => {
                // The answer to a COMMIT can be lost after it took effect.
                if self.is_committed(publish, version, &id).await {
                    Ok(published(publish, version, now))
                } else {
                    Err(error.into())
                }
            }
        }
    }

    async fn is_committed(&self, publish: &Publish, version: &Version, id: &str) -> bool {
        let catalog = &self.inner.catalog;
        let Ok(Some(tool)) = catalog.tool(&publish.name).await else {
            return false;
        };
        matches!(catalog.version(&tool.id, version).await, Ok(Some(found)) if found.summary.id == id)
    }

    /// Gives the reservation back and removes what was uploaded. If the catalog cannot say that
    /// the version was *not* committed, the object stays and [`Registry::recover`] decides later.
    async fn abandon(&self, reservation: &Reservation, key: &Key) {
        match self.inner.catalog.release(reservation).await {
            Ok(true) => {
                if let Err(error) = self.inner.storage.delete(key).await {
                    tracing::warn!(%key, error = &error as &dyn std::error::Error, "could not remove an abandoned upload");
                }
            }
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%key, error = &error as &dyn std::error::Error, "could not give a reservation back");
            }
        }
    }
}

fn published(publish: &Publish, version: &Version, now: Timestamp) -> Published {
    Published {
        name: publish.name.clone(),
        version: version.clone(),
        bundle_hash: publish.bundle.hash,
        bundle_size: publish.bundle.size,
        download_url: download_url(&publish.name, version),
        published_at: now,
        attestation: None,
    }
}

fn in_progress(version: &Version) -> RegistryError {
    RegistryError::new(
        crate::ErrorKind::Conflict,
        format!("Version \"{version}\" is being published by somebody else right now"),
    )
}
