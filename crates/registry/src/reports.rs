//! Reports of problems with versions, for the operator.

use enact_catalog::{NewReport, VersionRecord};
use enact_types::limits::{
    MAX_COMMENT_CHARS, MAX_EVIDENCE_CHARS, MAX_NAME_SEGMENT_BYTES, MAX_REPORTS_PER_USER,
};
use enact_types::wire::{Report, ReportRequest};
use enact_types::{Needs, ToolName};

use crate::error::ErrorKind;
use crate::texts::{optional, required};
use crate::{Caller, Registry, RegistryError, Selector};

/// How bad a problem can be.
const SEVERITIES: [&str; 4] = ["low", "medium", "high", "critical"];

impl Registry {
    /// Files a report.
    pub async fn report(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
        request: ReportRequest,
    ) -> Result<Report, RegistryError> {
        caller.may(Needs::Account)?;
        if !SEVERITIES.contains(&request.severity.as_str()) {
            return Err(RegistryError::invalid(
                "severity is \"low\", \"medium\", \"high\" or \"critical\"",
            ));
        }
        let category = required("category", request.category, MAX_NAME_SEGMENT_BYTES)?;
        let description = required("description", request.description, MAX_COMMENT_CHARS)?;
        let evidence = optional("evidence", request.evidence, MAX_EVIDENCE_CHARS)?;
        let (_, version) = self.resolve(caller, name, selector).await?;
        let report = (request.severity.as_str(), category.as_str());
        self.file_report(caller, &version, report, &description, evidence.as_deref())
            .await
    }

    /// Files a report of a (severity, category) that was checked.
    pub(crate) async fn file_report(
        &self,
        caller: &Caller,
        version: &VersionRecord,
        (severity, category): (&str, &str),
        description: &str,
        evidence: Option<&str>,
    ) -> Result<Report, RegistryError> {
        let (id, now) = (self.new_id()?, self.now());
        let report = NewReport {
            id: &id,
            version_id: &version.summary.id,
            reporter_id: &caller.signed_in()?.profile.id,
            severity,
            category,
            description,
            evidence,
            now,
        };
        if !self
            .inner
            .catalog
            .add_report(&report, MAX_REPORTS_PER_USER)
            .await?
        {
            return Err(RegistryError::new(
                ErrorKind::Conflict,
                format!("You have filed {MAX_REPORTS_PER_USER} reports of this version already"),
            ));
        }
        Ok(Report {
            id,
            status: "open".to_owned(),
            created_at: now,
        })
    }
}
