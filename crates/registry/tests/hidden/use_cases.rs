//! What can be asked of a tool.

use enact_registry::{Caller, Page, Registry, RegistryError, Selector, VersionFilter};
use enact_types::wire::{FeedbackRequest, ReportRequest, YankRequest};
use enact_types::{ToolName, Visibility};
use serde_json::value::RawValue;

/// A use case that is about a tool which must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UseCase {
    Info,
    Versions,
    Version,
    Latest,
    Download,
    Files,
    File,
    Attestations,
    AttestationBundle,
    Feedback,
    Reviews,
    GiveFeedback,
    Report,
    Attest,
    RevokeAttestation,
    Yank,
    Unyank,
    SetVisibility,
    Delete,
    Publish,
}

impl UseCase {
    pub(crate) const ALL: [Self; 20] = [
        Self::Info,
        Self::Versions,
        Self::Version,
        Self::Latest,
        Self::Download,
        Self::Files,
        Self::File,
        Self::Attestations,
        Self::AttestationBundle,
        Self::Feedback,
        Self::Reviews,
        Self::GiveFeedback,
        Self::Report,
        Self::Attest,
        Self::RevokeAttestation,
        Self::Yank,
        Self::Unyank,
        Self::SetVisibility,
        Self::Delete,
        Self::Publish,
    ];

    /// Whether anybody may ask, so that it is the database which knows the answer.
    pub(crate) fn reads(self) -> bool {
        matches!(
            self,
            Self::Info
                | Self::Versions
                | Self::Version
                | Self::Latest
                | Self::Download
                | Self::Files
                | Self::File
                | Self::Attestations
                | Self::AttestationBundle
                | Self::Feedback
                | Self::Reviews
        )
    }

    /// Asks for it, of version 1.0.0.
    pub(crate) async fn ask(
        self,
        registry: &Registry,
        caller: &Caller,
        name: &ToolName,
    ) -> Result<(), RegistryError> {
        let page = Page::default();
        let one = &Selector::Exact("1.0.0".parse().unwrap());
        match self {
            Self::Info => {
                let filter = VersionFilter::default();
                drop(registry.tool_info(caller, name, filter, None).await?);
            }
            Self::Versions => {
                let filter = VersionFilter::default();
                drop(registry.version_list(caller, name, filter, page).await?);
            }
            Self::Version => drop(registry.version_details(caller, name, one).await?),
            Self::Latest => {
                let latest = &Selector::Latest;
                drop(registry.version_details(caller, name, latest).await?);
            }
            Self::Download => drop(registry.bundle(caller, name, one, true).await?),
            Self::Files => drop(registry.files(caller, name, one).await?),
            Self::File => drop(registry.file(caller, name, one, "SKILL.md").await?),
            Self::Attestations => drop(registry.attestations(caller, name, one, page).await?),
            Self::AttestationBundle => {
                drop(registry.attestation_bundle(caller, name, one, "x").await?);
            }
            Self::Feedback => {
                registry.feedback(caller, name).await?;
            }
            Self::Reviews => drop(registry.reviews(caller, name, page).await?),
            Self::GiveFeedback => {
                let request = FeedbackRequest {
                    rating: 1,
                    version: "1.0.0".to_owned(),
                    comment: None,
                };
                drop(registry.give_feedback(caller, name, request).await?);
            }
            Self::Report => {
                let request = ReportRequest {
                    severity: "low".to_owned(),
                    category: "x".to_owned(),
                    description: "y".to_owned(),
                    evidence: None,
                };
                drop(registry.report(caller, name, one, request).await?);
            }
            Self::Attest => {
                let bundle = RawValue::from_string("{}".to_owned()).unwrap();
                let submitted = registry.submit_attestation(caller, name, one, &bundle);
                drop(submitted.await?);
            }
            Self::RevokeAttestation => {
                drop(registry.revoke_attestation(caller, name, one, "x").await?);
            }
            Self::Yank => {
                let request = YankRequest::default();
                drop(registry.yank(caller, name, one, request).await?);
            }
            Self::Unyank => drop(registry.unyank(caller, name, one).await?),
            Self::SetVisibility => {
                let public = Visibility::Public;
                drop(registry.set_visibility(caller, name, public).await?);
            }
            Self::Delete => registry.delete_tool(caller, name).await?,
            Self::Publish => drop(registry.begin_publish(caller, name).await?),
        }
        Ok(())
    }
}
