//! How long the transaction of a publish takes, in a catalog that is full.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use enact_catalog::{Catalog, Commit, NewVersion, Owner, Profile, Reserve, VisibilityRight};
use enact_types::limits::MAX_MANIFEST_BYTES;
use enact_types::{Digest, Manifest, Timestamp, Visibility};
use serde_json::json;

use crate::random::Random;
use crate::tools::Generator;

const PUBLISHES: usize = 20;

/// Commits versions of one tool with a SKILL.md of the largest size, each with other words, and
/// returns how long each took.
pub(crate) async fn publish_large(
    catalog: &Catalog,
    publisher: &Profile,
    generator: &Generator,
    now: Timestamp,
) -> Result<Vec<Duration>> {
    let mut took = Vec::new();
    let name = "bench/large".parse()?;
    for number in 0..PUBLISHES {
        let mut random = Random::new(1_000_000_000 + number as u64);
        let mut text = String::new();
        let limit = usize::try_from(MAX_MANIFEST_BYTES)?;
        while text.len() + 100 < limit {
            let word: &String = random.zipf(&generator.words);
            text.push_str(word);
            text.push(' ');
        }
        let version = format!("1.{number}.0").parse()?;
        let manifest = Manifest::from_value(json!({ "description": "A large text" }))?;
        let path = format!("bundles/{name}/{version}.tar.gz");
        let later = now.plus(Duration::from_mins(1));
        let Reserve::Granted(reservation) = catalog
            .reserve(&name, &version, "token", now, later)
            .await?
        else {
            bail!("{name}@{version} is not free");
        };
        let start = Instant::now();
        let commit = catalog
            .commit(
                &reservation,
                &NewVersion {
                    id: &path,
                    tool_id: "tool bench/large",
                    publisher,
                    owner: Owner::User {
                        username: "bench",
                        id: "bench",
                    },
                    visibility: Visibility::Public,
                    visibility_right: VisibilityRight::May,
                    manifest: &manifest,
                    raw_manifest: Some(&text),
                    checksum_manifest: None,
                    sigstore_bundle: None,
                    attestation: None,
                    bundle_hash: Digest::of(path.as_bytes()),
                    bundle_size: 1,
                    bundle_path: &path,
                    files: &[],
                    now,
                },
            )
            .await?;
        ensure!(matches!(commit, Commit::Done(_)), "{commit:?}");
        took.push(start.elapsed());
    }
    Ok(took)
}
