//! Writing many tools at once, for benchmarks: rows in bulk instead of a publish for each version,
//! and the same code for the search index. No part of the crate's interface.

use std::collections::BTreeMap;

use enact_types::{Digest, Manifest, Namespace, Timestamp, ToolName, Version, Visibility};
use sqlx::{Any, Transaction};

use crate::sql::{Sql, Value};
use crate::{Catalog, CatalogError, Profile, Quota, Usage, search, usage};

/// Rows of one statement.
const BATCH: usize = 500;

/// What each bundle is said to have, in bytes.
const BUNDLE_SIZE: i64 = 4096;

/// A tool with its versions.
#[derive(Debug)]
pub struct SeedTool {
    /// Its name, which no other tool has.
    pub name: ToolName,
    /// Who may see it.
    pub visibility: Visibility,
    /// At least one.
    pub versions: Vec<SeedVersion>,
}

/// A version of a [`SeedTool`].
#[derive(Debug)]
pub struct SeedVersion {
    /// Unique in its tool.
    pub version: Version,
    /// Its manifest.
    pub manifest: Manifest,
    /// The text of its SKILL.md.
    pub text: String,
    /// How often it was downloaded.
    pub downloads: u64,
}

impl Catalog {
    /// Writes tools that are not there yet, all in one transaction; a thousand at a time is a good
    /// number. Fails, with nothing changed, if a name is taken or a tool has no version.
    pub async fn seed(
        &self,
        owner: &Profile,
        tools: &[SeedTool],
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        for batch in tools.chunks(BATCH) {
            insert_tools(&mut tx, owner, batch, now).await?;
        }
        let versions: Vec<_> = tools
            .iter()
            .flat_map(|tool| tool.versions.iter().map(move |version| (tool, version)))
            .collect();
        for batch in versions.chunks(BATCH) {
            insert_versions(&mut tx, owner, batch, now).await?;
        }
        let ids: Vec<_> = tools.iter().map(|tool| tool_id(&tool.name)).collect();
        search::index_new(&mut tx, &ids).await?;
        let mut grown = BTreeMap::<String, (Namespace<'_>, Usage)>::new();
        for tool in tools {
            let namespace = tool.name.namespace();
            let entry = grown.entry(namespace.to_string());
            let (_, growth) = entry.or_insert((namespace, Usage::default()));
            growth.tools += 1;
            growth.versions += tool.versions.len() as u64;
            growth.bytes += tool.versions.len() as u64 * BUNDLE_SIZE.unsigned_abs();
        }
        for (namespace, growth) in grown.into_values() {
            usage::grow(&mut tx, Quota::default(), namespace, growth).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

fn tool_id(name: &ToolName) -> String {
    format!("tool {name}")
}

async fn insert_tools(
    tx: &mut Transaction<'static, Any>,
    owner: &Profile,
    tools: &[SeedTool],
    now: Timestamp,
) -> Result<(), CatalogError> {
    let mut rows = Vec::<[Value; 12]>::new();
    for tool in tools {
        let latest = enact_types::latest(&tool.versions, |version| (&version.version, false))
            .ok_or_else(|| CatalogError::internal("seeding", "a tool has no version"))?;
        let downloads: u64 = tool.versions.iter().map(|version| version.downloads).sum();
        rows.push([
            tool_id(&tool.name).as_str().into(),
            owner.id.as_str().into(),
            tool.name.as_str().into(),
            tool.name.short_name().into(),
            latest.manifest.description.as_str().into(),
            json(&latest.manifest.tags)?.as_str().into(),
            tool.visibility.as_str().into(),
            latest.version.as_str().into(),
            0.into(),
            downloads.cast_signed().into(),
            now.to_string().as_str().into(),
            now.to_string().as_str().into(),
        ]);
    }
    Sql::new(
        "INSERT INTO tools (id, owner_id, name, short_name, description, tags, visibility, \
         latest_version, latest_yanked, total_downloads, created_at, updated_at) VALUES ",
    )
    .rows(rows)
    .build()
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn insert_versions(
    tx: &mut Transaction<'static, Any>,
    owner: &Profile,
    versions: &[(&SeedTool, &SeedVersion)],
    now: Timestamp,
) -> Result<(), CatalogError> {
    let mut rows = Vec::<[Value; 13]>::new();
    for (tool, version) in versions {
        let path = format!("bundles/{}/{}.tar.gz", tool.name, version.version);
        rows.push([
            path.as_str().into(),
            tool_id(&tool.name).as_str().into(),
            version.version.as_str().into(),
            version.manifest.description.as_str().into(),
            json(&version.manifest.tags)?.as_str().into(),
            json(&version.manifest.fields)?.as_str().into(),
            version.text.as_str().into(),
            Digest::of(path.as_bytes()).to_string().as_str().into(),
            BUNDLE_SIZE.into(),
            path.as_str().into(),
            version.downloads.cast_signed().into(),
            owner.id.as_str().into(),
            now.to_string().as_str().into(),
        ]);
    }
    Sql::new(
        "INSERT INTO tool_versions (id, tool_id, version, description, tags, manifest, \
         raw_manifest, bundle_hash, bundle_size, bundle_path, downloads, published_by, published_at) VALUES ",
    )
    .rows(rows)
    .build()
    .persistent(versions.len() == BATCH)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn json(value: &impl serde::Serialize) -> Result<String, CatalogError> {
    serde_json::to_string(value).map_err(|error| CatalogError::internal("seeding", error))
}
