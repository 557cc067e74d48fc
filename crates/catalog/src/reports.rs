//! Problems that users reported with versions. For the operator, who reads them in the database.

use enact_types::Timestamp;

use crate::tools::count;
use crate::{Catalog, CatalogError};

/// A report to be kept.
#[derive(Debug)]
pub struct NewReport<'a> {
    /// A fresh id.
    pub id: &'a str,
    /// The version's id.
    pub version_id: &'a str,
    /// The id of the user who reports.
    pub reporter_id: &'a str,
    /// How bad it is.
    pub severity: &'a str,
    /// What kind of problem it is.
    pub category: &'a str,
    /// What is wrong.
    pub description: &'a str,
    /// What shows it.
    pub evidence: Option<&'a str>,
    /// When it is filed.
    pub now: Timestamp,
}

impl Catalog {
    /// Keeps a report, unless the same user has filed `most` of them for the version already, which
    /// is false.
    pub async fn add_report(
        &self,
        report: &NewReport<'_>,
        most: u64,
    ) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        let row = sqlx::query(
            "SELECT COUNT(*) AS reports FROM version_reports WHERE tool_version_id = $1 AND reporter_id = $2",
        )
        .bind(report.version_id)
        .bind(report.reporter_id)
        .fetch_one(&mut *tx)
        .await?;
        if count(&row, "reports")? >= most {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO version_reports (id, tool_version_id, reporter_id, severity, category, description, \
             evidence, status, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8)",
        )
        .bind(report.id)
        .bind(report.version_id)
        .bind(report.reporter_id)
        .bind(report.severity)
        .bind(report.category)
        .bind(report.description)
        .bind(report.evidence)
        .bind(report.now.to_string())
        .execute(&mut *tx)
        .await
        .map_err(CatalogError::of_saying)?;
        tx.commit().await?;
        Ok(true)
    }
}
