//! Requests for a benchmark: a line each, a route's name, a tab, a path.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};

use crate::random::Random;
use crate::tools::Generator;

/// Requests in all; whoever needs more starts again.
const REQUESTS: usize = 20_000;

/// What the requests are, in the proportion in which they are made.
const MIX: [&str; 20] = [
    "info", "version", "latest", "search", "info", "version", "latest", "search", "info",
    "version", "latest", "search", "info", "version", "latest", "search", "info", "search",
    "search", "health",
];

/// Requests about the tools that `generator` makes, of which there are `tools`.
pub(crate) fn workload(generator: &Generator, tools: usize) -> Result<String> {
    let mut random = Random::new(u64::MAX / 3);
    let mut lines = String::new();
    for n in 0..REQUESTS {
        let route = MIX[n % MIX.len()];
        let path = match route {
            "health" => "/health".to_owned(),
            "search" => format!("/tools/search?{}", search(generator, tools, &mut random)?),
            _ => {
                let tool = generator.tool(random.below(tools))?;
                let version = tool.versions.first().context("a tool has a version")?;
                match route {
                    "info" => format!("/tools/{}", tool.name),
                    "latest" => format!("/tools/{}/versions/latest", tool.name),
                    _ => format!("/tools/{}/versions/{}", tool.name, version.version),
                }
            }
        };
        writeln!(lines, "{route}\t{path}")?;
    }
    Ok(lines)
}

/// The query of a search: what people type, and what costs most.
fn search(generator: &Generator, tools: usize, random: &mut Random) -> Result<String> {
    let words = &generator.words;
    let common = words[random.below(30)].clone();
    let any = random.zipf(words).clone();
    Ok(match random.below(20) {
        // Everything, and pages far down.
        0 => format!("q=&limit=20&offset={}", random.below(5) * 20),
        1 => format!("q=*&limit=100&offset={}", random.below(tools)),
        // Words in tens of thousands of tools.
        2 | 3 => format!("q={common}&limit=20"),
        4 => format!("q={common}+{}&limit=20", words[random.below(30)]),
        5 => format!("q={common}&offset={}", random.below(tools / 4)),
        // Words as they come.
        6..=8 => format!("q={any}&limit=20"),
        9 | 10 => format!("q={any}+{}", random.zipf(words)),
        11 => format!("q={any}+{}+{}", random.zipf(words), random.zipf(words)),
        // What is typed so far.
        12 => format!("q={}", start(&any, 1)),
        13 => format!("q={}", start(&any, 2)),
        14 => format!("q={}", start(&any, 4)),
        15 => format!("q={common}+{}", start(&any, 3)),
        // A letter wrong.
        16 => format!("q={}", misspelt(&any, random)),
        17 => format!("q=*&tags={}", random.zipf(&generator.tags)),
        18 => format!(
            "q={common}&tags={},{}",
            random.zipf(&generator.tags),
            random.zipf(&generator.tags)
        ),
        _ => {
            let tool = generator.tool(random.below(tools))?;
            let (author, name) = (tool.name.namespace(), tool.name.short_name());
            format!("q={name}&author={author}")
        }
    })
}

fn start(word: &str, length: usize) -> &str {
    &word[..length.min(word.len())]
}

/// With a letter in the middle replaced, left out or doubled.
fn misspelt(word: &str, random: &mut Random) -> String {
    let (before, after) = word.split_at(word.len() / 2);
    let rest = after.get(1..).unwrap_or_default();
    match random.below(3) {
        0 => format!("{before}q{rest}"),
        1 => format!("{before}{rest}"),
        _ => format!("{before}{}{after}", start(after, 1)),
    }
}
