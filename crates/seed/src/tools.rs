//! The tools: a hundred thousand by default, five versions each on average.

use anyhow::{Context as _, Result};
use enact_catalog::seeding::{SeedTool, SeedVersion};
use enact_types::{Manifest, Visibility};
use serde_json::json;

use crate::random::Random;

/// How many versions tools have: five on average, most of them few.
const VERSIONS: [usize; 10] = [1, 1, 2, 2, 3, 3, 4, 5, 9, 20];

/// Downloads of the most popular tool.
const MOST_DOWNLOADS: usize = 5_000_000;

/// The words that names, tags and texts are made of.
pub(crate) struct Generator {
    pub(crate) words: Vec<String>,
    pub(crate) tags: Vec<String>,
    namespaces: usize,
}

impl Generator {
    /// For about `tools` tools.
    pub(crate) fn new(tools: usize) -> Self {
        let words = crate::vocabulary::words();
        let tags = words[20..].iter().step_by(3).take(400).cloned().collect();
        Self {
            words,
            tags,
            namespaces: (tools / 20).max(1),
        }
    }

    /// The tool with that number, always the same.
    pub(crate) fn tool(&self, number: usize) -> Result<SeedTool> {
        let mut random = Random::new(number as u64);
        let namespace = self.namespace(&mut random);
        let short = self.text(&mut random, 1, 3, "-");
        // A suffix for most, since names are unique and common words are few.
        let name = format!("{namespace}/{short}-{number}");
        let description = self.text(&mut random, 6, 25, " ");
        let tags: Vec<_> = (0..random.below(6))
            .map(|_| random.zipf(&self.tags).clone())
            .collect();
        let visibility = match random.below(100) {
            0 => Visibility::Private,
            1 | 2 => Visibility::Unlisted,
            _ => Visibility::Public,
        };
        let versions = (0..VERSIONS[number % VERSIONS.len()])
            .map(|n| self.version(&mut random, &name, &description, &tags, n))
            .collect::<Result<_>>()?;
        Ok(SeedTool {
            name: name.parse().with_context(|| name.clone())?,
            visibility,
            versions,
        })
    }

    fn version(
        &self,
        random: &mut Random,
        name: &str,
        description: &str,
        tags: &[String],
        number: usize,
    ) -> Result<SeedVersion> {
        let version = format!("1.{number}.0");
        let manifest = json!({
            "enact": "2.0.0", "name": name, "version": version, "description": description,
            "tags": tags, "from": "python:3.12-slim", "command": "python main.py ${input}",
        });
        let downloads = MOST_DOWNLOADS / (1 + random.below(2_000_000)).pow(2).min(MOST_DOWNLOADS);
        Ok(SeedVersion {
            version: version.parse()?,
            manifest: Manifest::from_value(manifest)?,
            text: format!(
                "---\nname: {name}\n---\n# {description}\n\n{}",
                self.text(random, 40, 250, " ")
            ),
            downloads: downloads as u64 + random.below(40).saturating_sub(20) as u64,
        })
    }

    pub(crate) fn namespace(&self, random: &mut Random) -> String {
        let number = random.zipf_below(self.namespaces);
        let word = &self.words[number % 2_000];
        if number % 4 == 3 {
            format!("@{word}-{number}")
        } else {
            format!("{word}-{number}")
        }
    }

    /// `low` to `high` words.
    pub(crate) fn text(
        &self,
        random: &mut Random,
        low: usize,
        high: usize,
        between: &str,
    ) -> String {
        let count = random.between(low, high);
        let words: Vec<&str> = (0..count)
            .map(|_| random.zipf(&self.words).as_str())
            .collect();
        words.join(between)
    }
}
