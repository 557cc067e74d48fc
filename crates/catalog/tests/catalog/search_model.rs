//! Search beside the plainest search that does the same: many made-up tools, changed in many ways,
//! and every answer compared whole. And what a database of an earlier version becomes.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use enact_catalog::{DownloadCount, SearchQuery, Sees, ToolVersions};
use enact_types::Visibility;
use serde_json::json;

use crate::fixture::{Fixture, at, behaviours, name, version};

behaviours![
    finds_what_a_plain_search_finds,
    tools_of_an_earlier_version_are_found,
];

/// xorshift: the same numbers on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        // Squared, so that the first words are the common ones.
        let at = self.below(words.len() * words.len());
        words[at.isqrt()]
    }

    fn some(&mut self, words: &[&str], most: usize, between: &str) -> String {
        let count = 1 + self.below(most);
        let words: Vec<_> = (0..count).map(|_| self.pick(words)).collect();
        words.join(between)
    }
}

const WORDS: [&str; 24] = [
    "lint", "linter", "linting", "lent", "list", "py", "python", "pyton", "a", "ab", "abc", "abcd",
    "data", "date", "dat", "tool", "tools", "toll", "über", "ubers", "x1", "x12", "go", "text",
];

#[derive(Debug)]
struct Tool {
    name: String,
    tags: Vec<String>,
    description: String,
    text: String,
    downloads: u64,
    found: bool,
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn one_letter_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<_>, Vec<_>) = (a.chars().collect(), b.chars().collect());
    let without = |word: &[char], at: usize| [&word[..at], &word[at + 1..]].concat();
    let swapped = |at: usize| {
        let mut word = a.clone();
        word.swap(at, at + 1);
        word
    };
    a != b
        && ((0..a.len()).any(|at| without(&a, at) == b)
            || (0..b.len()).any(|at| without(&b, at) == a)
            || a.len() == b.len() && (0..a.len()).any(|at| without(&a, at) == without(&b, at))
            || (1..a.len()).any(|at| swapped(at - 1) == b))
}

impl Tool {
    /// The best score of a word, 0 if it does not match.
    fn score_of(&self, word: &str, misspelt: bool) -> u64 {
        let fields = [
            (64, self.name.clone()),
            (16, self.tags.join(" ")),
            (4, self.description.clone()),
            (1, self.text.clone()),
        ];
        let mut best = 0;
        for (weight, text) in fields {
            for found in words(&text) {
                let factor = if found == word {
                    3
                } else if found.starts_with(word) {
                    2
                } else {
                    let near = misspelt && word.chars().count() >= 3;
                    u64::from(near && one_letter_apart(word, &found))
                };
                best = best.max(weight * factor);
            }
        }
        best
    }

    fn score(&self, query: &[String], misspelt: bool) -> Option<u64> {
        let different: BTreeSet<_> = query.iter().collect();
        let scores = different.iter().map(|word| self.score_of(word, misspelt));
        let scores: Vec<_> = scores.collect();
        if scores.contains(&0) {
            return None;
        }
        let mut score = scores.iter().sum::<u64>();
        if query.is_empty() || misspelt {
            return Some(score);
        }
        let short = self.name.rsplit('/').next().unwrap();
        let names = [words(&self.name), words(short)];
        if let [word] = query {
            // Of the names that start so, those come first of which it is the whole first word.
            for name in names.iter().filter(|name| name[0].starts_with(word)) {
                score = score.max(10_000 + 64 * (2 + u64::from(name[0] == *word)));
            }
        }
        let query = query.join(" ");
        let names = names.map(|name| name.join(" "));
        if names.contains(&query) {
            score += 100_000;
        } else if query.contains(' ') && names.iter().any(|name| name.starts_with(&query)) {
            score += 10_000;
        }
        Some(score)
    }
}

fn plain_search<'a>(tools: &'a [Tool], query: &SearchQuery<'_>) -> Vec<&'a str> {
    let asked = words(query.text);
    let search = |misspelt| {
        let mut found: Vec<_> = tools
            .iter()
            .enumerate()
            .filter(|(_, tool)| tool.found)
            .filter(|(_, tool)| {
                query.tags.is_empty()
                    || query.tags.iter().any(|tag| {
                        tool.tags
                            .iter()
                            .any(|other| other.to_lowercase() == tag.to_lowercase())
                    })
            })
            .filter(|(_, tool)| {
                query
                    .author
                    .is_none_or(|author| tool.name.starts_with(&format!("{author}/")))
            })
            .filter_map(|(n, tool)| Some((tool.score(&asked, misspelt)?, n, tool)))
            .collect();
        found.sort_by_key(|(score, n, tool)| (Reverse(*score), Reverse(tool.downloads), *n));
        found
            .into_iter()
            .map(|(_, _, tool)| tool.name.as_str())
            .collect::<Vec<_>>()
    };
    let found = search(false);
    if found.is_empty() && !asked.is_empty() {
        search(true)
    } else {
        found
    }
}

async fn finds_what_a_plain_search_finds(f: Fixture) {
    let mut random = Random(88_172_645_463_325_252);
    let mut tools = Vec::new();
    for n in 0..60 {
        let namespace = ["alice", "@acme", "lint"][random.below(3)];
        let tool = Tool {
            name: format!("{namespace}/{}-{n}", random.some(&WORDS[..18], 2, "-")),
            tags: vec![
                random.pick(&WORDS).to_owned(),
                format!("Tag {}", random.below(4)),
            ],
            description: random.some(&WORDS, 4, " "),
            text: random.some(&WORDS, 8, "\n"),
            downloads: 0,
            found: true,
        };
        let fields = json!({ "description": tool.description, "tags": tool.tags });
        f.publish_text(&tool.name, "1.0.0", Visibility::Public, fields, &tool.text)
            .await;
        tools.push(tool);
    }
    for round in 0..4 {
        compare(&f, &tools, &mut random).await;
        for tool in &mut tools {
            change(&f, tool, round, &mut random).await;
        }
    }
    compare(&f, &tools, &mut random).await;
}

/// One of the things that happen to a tool.
async fn change(f: &Fixture, tool: &mut Tool, round: i64, random: &mut Random) {
    let whole = f
        .catalog
        .tool_with_versions(&name(&tool.name), Sees::All)
        .await;
    let ToolVersions {
        tool: row,
        versions,
    } = whole.unwrap().unwrap();
    match random.below(5) {
        0 => {
            let number = format!("1.{}.0", round + 1);
            tool.description = random.some(&WORDS, 4, ", ");
            tool.text = random.some(&WORDS, 8, " ");
            tool.found = true;
            let fields = json!({ "description": tool.description, "tags": tool.tags });
            f.publish_text(&tool.name, &number, Visibility::Public, fields, &tool.text)
                .await;
        }
        1 => {
            let visibility = if tool.found {
                Visibility::Unlisted
            } else {
                Visibility::Public
            };
            f.catalog
                .set_visibility(&row.id, visibility, at(9))
                .await
                .unwrap();
            tool.found = !tool.found;
        }
        2 => {
            let downloads = random.below(200) as u64;
            let count = DownloadCount {
                tool_id: row.id,
                version_id: versions[0].id.clone(),
                downloads,
            };
            f.catalog.add_downloads(&[count], at(9)).await.unwrap();
            tool.downloads += downloads;
        }
        _ => {}
    }
}

async fn compare(f: &Fixture, tools: &[Tool], random: &mut Random) {
    for n in 0..150 {
        let text = match n % 5 {
            0 => String::new(),
            1 => random.pick(&WORDS).to_owned(),
            2 => random.some(&WORDS, 3, " "),
            3 => tools[random.below(tools.len())].name.clone(),
            // Starts of words, and words with a letter too many or too few.
            _ => {
                let word = random.pick(&WORDS);
                let cut = word.char_indices().nth(1 + random.below(4));
                let start = cut.map_or(word, |(at, _)| &word[..at]);
                format!("{start}{}", ["", "", "q", "t"][random.below(4)])
            }
        };
        let tags = match random.below(3) {
            0 => vec![format!("tag {}", random.below(5)), "LINT".to_owned()],
            _ => Vec::new(),
        };
        let author = [None, None, Some("alice"), Some("@acme")][random.below(4)];
        let mut query = SearchQuery {
            text: &text,
            tags: &tags,
            author,
            limit: 100,
            offset: 0,
        };
        let expected = plain_search(tools, &query);
        let page = f.catalog.search(&query).await.unwrap();
        let found: Vec<_> = page.hits.iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!(found, expected, "{query:?}");
        (query.limit, query.offset) = (5, 3);
        let page = f.catalog.search(&query).await.unwrap();
        let found: Vec<_> = page.hits.iter().map(|tool| tool.name.as_str()).collect();
        let part: Vec<_> = expected.iter().copied().skip(3).take(5).collect();
        assert_eq!(
            (found, page.total),
            (part, expected.len() as u64),
            "{query:?}"
        );
    }
}

/// The schema as it first was, with rows that were written under it.
async fn tools_of_an_earlier_version_are_found(f: Fixture) {
    f.fresh_place.make_first_schema(&[
        "INSERT INTO profiles (id, username, created_at) VALUES ('p', 'alice', '2026-01-01T00:00:00.000Z')",
        "INSERT INTO tools (id, owner_id, name, short_name, description, tags, visibility, latest_version, total_downloads, created_at, updated_at) \
         VALUES ('2', 'p', 'a/second', 'second', 'zebra', '[\"Tag\"]', 'public', '1.0.0', 0, '2026-01-02T00:00:00.000Z', '2026-01-02T00:00:00.000Z'), \
                ('1', 'p', 'a/first', 'first', 'zebra', '[]', 'public', '1.0.0', 0, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'), \
                ('3', 'p', 'a/third', 'third', 'zebra', '[]', 'public', '1.0.0', 9, '2026-01-03T00:00:00.000Z', '2026-01-03T00:00:00.000Z'), \
                ('4', 'p', 'a/hidden', 'hidden', 'zebra', '[]', 'private', '1.0.0', 9, '2026-01-03T00:00:00.000Z', '2026-01-03T00:00:00.000Z')",
        "INSERT INTO tool_versions (id, tool_id, version, manifest, raw_manifest, bundle_hash, bundle_size, bundle_path, published_by, published_at) \
         SELECT id, id, '1.0.0', '{}', 'frobnicate', 'sha256:00', 1, id, 'p', '2026-01-01T00:00:00.000Z' FROM tools",
        "INSERT INTO tool_terms (term, tool_id, weight) VALUES ('zebra', '1', 2)",
    ]).await;
    let catalog = f.fresh_place.open().await;
    for text in ["zebra", "frobnicate", "zebar", "*"] {
        let query = SearchQuery {
            text,
            limit: 10,
            ..SearchQuery::default()
        };
        let page = catalog.search(&query).await.unwrap();
        let found: Vec<_> = page.hits.iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!(found, ["a/third", "a/first", "a/second"], "{text}");
    }
    let tags = ["TAG".to_owned()];
    let query = SearchQuery {
        tags: &tags,
        limit: 10,
        ..SearchQuery::default()
    };
    assert_eq!(catalog.search(&query).await.unwrap().total, 1);
    catalog
        .set_visibility("4", Visibility::Public, at(1))
        .await
        .unwrap();
    let query = SearchQuery {
        text: "zebra",
        limit: 10,
        ..SearchQuery::default()
    };
    assert_eq!(catalog.search(&query).await.unwrap().total, 4);
    catalog
        .yank("1", &version("1.0.0"), None, None, at(2))
        .await
        .unwrap();
    assert_eq!(catalog.search(&query).await.unwrap().total, 3);
    catalog.close().await;
}
