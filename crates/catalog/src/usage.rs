//! How much is published under each name, and how much may be.

use std::num::NonZeroU64;

use enact_types::{Namespace, ToolName};
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};

use crate::tools::count;
use crate::{Catalog, CatalogError};

/// What is published under one user's or one organisation's name. Private and yanked versions count
/// like others; what was deleted does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tools.
    pub tools: u64,
    /// Versions of them all.
    pub versions: u64,
    /// The size of all their bundles, in bytes.
    pub bytes: u64,
}

/// How much may be published under each user's and each organisation's name, and how many
/// organisations a user may make; `None` is without a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quota {
    /// Tools.
    pub tools: Option<NonZeroU64>,
    /// Versions of them all.
    pub versions: Option<NonZeroU64>,
    /// The size of all their bundles, in bytes.
    pub bytes: Option<NonZeroU64>,
    /// Organisations that one user made: each has a quota of its own, and a name less for others.
    pub orgs: Option<NonZeroU64>,
}

/// What a quota is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Tools.
    Tools,
    /// Versions.
    Versions,
    /// Bytes of bundles.
    Bytes,
}

/// That a quota is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excess {
    /// Which.
    pub quantity: Quantity,
    /// How much there is.
    pub used: u64,
    /// How much there may be.
    pub max: u64,
}

impl Quota {
    /// What `growth` goes beyond. More of it than there may be already, since there may be less
    /// than before, is no reason to refuse what adds none.
    fn excess(&self, used: Usage, growth: Usage) -> Option<Excess> {
        [
            (Quantity::Tools, self.tools, used.tools, growth.tools),
            (
                Quantity::Versions,
                self.versions,
                used.versions,
                growth.versions,
            ),
            (Quantity::Bytes, self.bytes, used.bytes, growth.bytes),
        ]
        .into_iter()
        .find_map(|(quantity, max, used, more)| {
            let max = max?.get();
            let excess = Excess {
                quantity,
                used,
                max,
            };
            (more > 0 && used.saturating_add(more) > max).then_some(excess)
        })
    }
}

impl Catalog {
    /// The same catalog, in which no publish goes beyond `quota`.
    #[must_use]
    pub fn with_quota(mut self, quota: Quota) -> Self {
        self.quota = quota;
        self
    }

    /// What is published under a name.
    pub async fn usage(&self, namespace: Namespace<'_>) -> Result<Usage, CatalogError> {
        let row = sqlx::query(LOOK)
            .bind(namespace.to_string())
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref()
            .map_or_else(|| Ok(Usage::default()), usage_from)
    }
}

const LOOK: &str = "SELECT tools, versions, bytes FROM namespace_usage WHERE namespace = $1";

/// Whether a publish would go beyond the quota, as it looks before its commit.
pub(crate) async fn foresee(
    tx: &mut Transaction<'static, Any>,
    quota: Quota,
    name: &ToolName,
    bundle_size: u64,
) -> Result<Option<Excess>, CatalogError> {
    if quota == Quota::default() {
        return Ok(None);
    }
    let row = sqlx::query(LOOK)
        .bind(name.namespace().to_string())
        .fetch_optional(&mut **tx)
        .await?;
    let used = row
        .as_ref()
        .map_or_else(|| Ok(Usage::default()), usage_from)?;
    let tool = sqlx::query("SELECT id FROM tools WHERE name = $1")
        .bind(name.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(quota.excess(used, publish(tool.is_none(), bundle_size)))
}

/// What one publish adds.
pub(crate) fn publish(is_new_tool: bool, bundle_size: u64) -> Usage {
    Usage {
        tools: u64::from(is_new_tool),
        versions: 1,
        bytes: bundle_size,
    }
}

/// Counts what was added. If that goes beyond the quota, the transaction must be dropped.
///
/// The last lock that a transaction takes: whoever waits for it keeps nobody who has it from going
/// on, and it is held for no longer than the commit takes.
pub(crate) async fn grow(
    tx: &mut Transaction<'static, Any>,
    quota: Quota,
    namespace: Namespace<'_>,
    growth: Usage,
) -> Result<Option<Excess>, CatalogError> {
    let row = sqlx::query(
        "INSERT INTO namespace_usage (namespace, tools, versions, bytes) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (namespace) DO UPDATE SET tools = namespace_usage.tools + excluded.tools, \
         versions = namespace_usage.versions + excluded.versions, \
         bytes = namespace_usage.bytes + excluded.bytes \
         RETURNING tools, versions, bytes",
    )
    .bind(namespace.to_string())
    .bind(growth.tools.cast_signed())
    .bind(growth.versions.cast_signed())
    .bind(growth.bytes.cast_signed())
    .fetch_one(&mut **tx)
    .await?;
    let after = usage_from(&row)?;
    let before = Usage {
        tools: after.tools.saturating_sub(growth.tools),
        versions: after.versions.saturating_sub(growth.versions),
        bytes: after.bytes.saturating_sub(growth.bytes),
    };
    Ok(quota.excess(before, growth))
}

/// Counts what was deleted. The last lock that a transaction takes, as in [`grow`].
pub(crate) async fn shrink(
    tx: &mut Transaction<'static, Any>,
    namespace: Namespace<'_>,
    loss: Usage,
) -> Result<(), CatalogError> {
    sqlx::query(
        "UPDATE namespace_usage SET tools = tools - $1, versions = versions - $2, bytes = bytes - $3 \
         WHERE namespace = $4",
    )
    .bind(loss.tools.cast_signed())
    .bind(loss.versions.cast_signed())
    .bind(loss.bytes.cast_signed())
    .bind(namespace.to_string())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn usage_from(row: &AnyRow) -> Result<Usage, CatalogError> {
    Ok(Usage {
        tools: count(row, "tools")?,
        versions: count(row, "versions")?,
        bytes: count(row, "bytes")?,
    })
}
