//! Attestations of versions: what an auditor signed and sent here.
//!
//! A bundle is taken in if it speaks of exactly this version and these bytes. Its signature and its
//! certificate are *not* verified here yet, so no attestation is called verified: clients check the
//! bundle themselves.

mod certificate;
pub(crate) mod checksums;
mod sigstore;

use enact_catalog::{AttestationRecord, NewAttestation, Revocation, VersionRecord};
use enact_types::wire::{
    Attestation, AttestationRevoked, Attestations, PublishedAttestation, Report, Verification,
};
use enact_types::{Digest, Needs, ToolName};
use serde_json::value::RawValue;

use self::sigstore::{Predicate, Signed};
use crate::error::ErrorKind;
use crate::{Caller, Page, Registry, RegistryError, Selector};

/// Attestations that version details hold; all of them are in their own listing.
const IN_DETAILS: u32 = 20;

/// What became of a bundle that was sent.
#[derive(Debug)]
pub enum Submitted {
    /// It attests to the version.
    Attestation(Attestation),
    /// It reports a failed audit, which is kept as a report and never listed as an attestation.
    Report(Report),
}

impl Registry {
    /// The attestations of a version, newest first. Must not fail for a version that exists: clients
    /// read a failure as "install without checking".
    pub async fn attestations(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
        page: Page,
    ) -> Result<Attestations, RegistryError> {
        let (_, version) = self.resolve(caller, name, selector).await?;
        let id = &version.summary.id;
        let (records, total) = self
            .inner
            .catalog
            .attestations(id, page.limit(), page.offset)
            .await?;
        Ok(Attestations {
            attestations: records.into_iter().map(shown).collect(),
            total,
            limit: page.limit(),
            offset: page.offset,
            tool: name.clone(),
            version: version.summary.version,
            bundle_hash: version.summary.bundle_hash,
        })
    }

    /// An auditor's Sigstore bundle, as it was sent.
    pub async fn attestation_bundle(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
        auditor: &str,
    ) -> Result<Box<RawValue>, RegistryError> {
        let (_, version) = self.resolve(caller, name, selector).await?;
        let catalog = &self.inner.catalog;
        let auditor = possible(auditor)?;
        let bundle = catalog
            .attestation_bundle(&version.summary.id, auditor)
            .await?
            .ok_or_else(|| not_found(auditor))?;
        RawValue::from_string(bundle).map_err(RegistryError::internal)
    }

    /// Takes a Sigstore bundle in.
    pub async fn submit_attestation(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
        bundle: &RawValue,
    ) -> Result<Submitted, RegistryError> {
        let submitter = caller.may(Needs::Account)?;
        let (_, version) = self.resolve(caller, name, selector).await?;
        let signed = sigstore::read(bundle.get())?;
        signed.is_about(
            name,
            &version.summary.version,
            &self.digests_of(&version).await?,
        )?;
        if signed.predicate == Predicate::Audit {
            let what = format!("An audit that {} signed", signed.auditor);
            let kind = ("high", "audit");
            let report = self.file_report(caller, &version, kind, &what, Some(bundle.get()));
            return Ok(Submitted::Report(report.await?));
        }
        let record = signed.record(self.now());
        let new = NewAttestation {
            id: &self.new_id()?,
            record: &record,
            bundle: bundle.get(),
            submitted_by: &submitter.id,
        };
        if !self
            .inner
            .catalog
            .add_attestation(&version.summary.id, &new)
            .await?
        {
            return Err(RegistryError::new(
                ErrorKind::Conflict,
                format!(
                    "\"{}\" has attested to this version already",
                    record.auditor
                ),
            ));
        }
        Ok(Submitted::Attestation(shown(record)))
    }

    /// Revokes an attestation: whoever sent it may, and the operator.
    pub async fn revoke_attestation(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
        auditor: &str,
    ) -> Result<AttestationRevoked, RegistryError> {
        let user = caller.may(Needs::Account)?;
        let (_, version) = self.resolve(caller, name, selector).await?;
        let (id, catalog) = (&version.summary.id, &self.inner.catalog);
        let auditor = possible(auditor)?;
        let by = (!caller.is_admin()).then_some(&*user.id);
        let now = self.now();
        match catalog.revoke_attestation(id, auditor, by, now).await? {
            Revocation::Done => {}
            Revocation::Missing => return Err(not_found(auditor)),
            Revocation::NotTheirs => {
                return Err(RegistryError::new(
                    ErrorKind::Forbidden,
                    "Only who sent an attestation may revoke it",
                ));
            }
        }
        Ok(AttestationRevoked {
            auditor: auditor.to_owned(),
            revoked: true,
            revoked_at: now,
        })
    }

    /// The attestations that version details hold.
    pub(crate) async fn newest_attestations(
        &self,
        version_id: &str,
    ) -> Result<Vec<Attestation>, RegistryError> {
        let catalog = &self.inner.catalog;
        let (records, _) = catalog.attestations(version_id, IN_DETAILS, 0).await?;
        Ok(records.into_iter().map(shown).collect())
    }

    /// The digests by which an attestation may name the version's bytes.
    async fn digests_of(&self, version: &VersionRecord) -> Result<Vec<Digest>, RegistryError> {
        let catalog = &self.inner.catalog;
        let checksums = catalog.checksum_manifest(&version.summary.id).await?;
        let manifest = checksums.as_deref().and_then(checksums::digest_of);
        Ok(digests(version.summary.bundle_hash, manifest))
    }
}

/// The digest itself, that of its text (as existing clients sign remotely), and that of the text of
/// the checksum manifest's digest (as they sign locally).
fn digests(bundle: Digest, checksum_manifest: Option<Digest>) -> Vec<Digest> {
    let mut digests = vec![bundle, Digest::of(bundle.to_string().as_bytes())];
    digests.extend(checksum_manifest.map(|digest| Digest::of(digest.to_hex().as_bytes())));
    digests
}

/// The attestation that came with a publish, if its bundle and its checksum manifest are good.
pub(crate) fn of_publish(
    name: &ToolName,
    version: &enact_types::Version,
    checksum_manifest: Digest,
    bundle: &str,
    now: enact_types::Timestamp,
) -> Option<AttestationRecord> {
    let signed = sigstore::read(bundle).ok()?;
    let digest = Digest::of(checksum_manifest.to_hex().as_bytes());
    signed.is_about(name, version, &[digest]).ok()?;
    (signed.predicate == Predicate::Attestation).then(|| signed.record(now))
}

/// What the answer to a publish says of it.
pub(crate) fn published(record: &AttestationRecord) -> PublishedAttestation {
    PublishedAttestation {
        auditor: record.auditor.clone(),
        auditor_provider: record.auditor_provider.clone(),
        verified: false,
    }
}

fn shown(record: AttestationRecord) -> Attestation {
    Attestation {
        auditor: record.auditor,
        auditor_provider: record.auditor_provider,
        signed_at: record.signed_at,
        rekor_log_id: record.rekor_log_id,
        rekor_log_index: record.rekor_log_index,
        // Nothing is verified yet, so nothing says that it was.
        verification: Verification::default(),
    }
}

impl Signed {
    fn record(self, now: enact_types::Timestamp) -> AttestationRecord {
        AttestationRecord {
            auditor: self.auditor,
            auditor_provider: self.auditor_provider,
            signed_at: now,
            rekor_log_id: self.rekor_log_id,
            rekor_log_index: self.rekor_log_index,
        }
    }
}

/// Postgres has no NUL in its texts, and no auditor has one either.
fn possible(auditor: &str) -> Result<&str, RegistryError> {
    if auditor.contains('\0') {
        return Err(not_found(auditor));
    }
    Ok(auditor)
}

fn not_found(auditor: &str) -> RegistryError {
    let auditor: String = auditor.chars().take(80).collect();
    RegistryError::new(
        ErrorKind::NotFound,
        format!("No attestation of {auditor:?} for this version"),
    )
}
