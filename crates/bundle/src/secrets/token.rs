//! Tokens that services give a telling beginning.

use std::ops::RangeInclusive;

use enact_types::Token;
use enact_types::limits::MAX_SECRETS_PER_FILE;

use super::Match;
use super::random::{entropy, is_placeholder};

/// How tokens of one kind look.
struct Kind {
    what: &'static str,
    starts: &'static [&'static str],
    /// Which bytes follow.
    body: fn(u8) -> bool,
    /// How many.
    length: RangeInclusive<usize>,
    /// What else must be so of the whole.
    also: fn(&str) -> bool,
}

/// What people put into skills; as documented by each service, or as seen where none does.
const KINDS: &[Kind] = &[
    kind(
        "an Enact token",
        &["enact_"],
        alphanumeric,
        56..=56,
        |text| Token::parse(text).is_ok(),
    ),
    kind(
        "an AWS access key",
        &["AKIA", "ASIA", "ABIA", "ACCA"],
        |byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'),
        16..=16,
        any,
    ),
    kind(
        "a GitHub token",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        alphanumeric,
        36..=255,
        any,
    ),
    kind("a GitHub token", &["github_pat_"], word, 60..=120, any),
    kind(
        "a GitLab token",
        &["glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glsoat-"],
        dashed,
        20..=64,
        any,
    ),
    kind(
        "a Slack token",
        &[
            "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xapp-",
        ],
        dashed,
        20..=250,
        has_digit,
    ),
    kind(
        "a Slack webhook",
        &["hooks.slack.com/services/T"],
        |byte| alphanumeric(byte) || byte == b'/',
        20..=80,
        any,
    ),
    kind(
        "a Stripe key",
        &["sk_live_", "rk_live_", "sk_test_", "rk_test_", "whsec_"],
        |byte| alphanumeric(byte) || matches!(byte, b'+' | b'/' | b'='),
        24..=247,
        any,
    ),
    kind(
        "an Anthropic key",
        &["sk-ant-"],
        dashed,
        32..=200,
        has_digit,
    ),
    kind("an OpenAI key", &["sk-"], dashed, 40..=250, |text| {
        has_digit(text) && text.contains(|char: char| char.is_ascii_uppercase())
    }),
    kind("an npm token", &["npm_"], alphanumeric, 36..=36, any),
    kind(
        "a PyPI token",
        &["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"],
        dashed,
        50..=500,
        any,
    ),
    kind(
        "a token of the Rust package registry",
        &["cio"],
        alphanumeric,
        32..=32,
        has_digit,
    ),
    kind("a Google API key", &["AIza"], dashed, 35..=35, any),
    kind("a Hugging Face token", &["hf_"], alphanumeric, 34..=40, any),
    kind(
        "a DigitalOcean token",
        &["dop_v1_", "doo_v1_", "dor_v1_"],
        |byte| byte.is_ascii_hexdigit(),
        64..=64,
        any,
    ),
    kind(
        "a Docker Hub token",
        &["dckr_pat_", "dckr_oat_"],
        dashed,
        27..=40,
        any,
    ),
    kind(
        "a SendGrid key",
        &["SG."],
        |byte| dashed(byte) || byte == b'.',
        60..=70,
        |text| text.matches('.').count() == 2,
    ),
    kind(
        "a Shopify token",
        &["shpat_", "shpss_", "shpca_", "shppa_"],
        |byte| byte.is_ascii_hexdigit(),
        32..=32,
        any,
    ),
    kind(
        "a JSON Web Token",
        &["eyJ"],
        |byte| dashed(byte) || byte == b'.',
        40..=2000,
        is_jwt,
    ),
];

const fn kind(
    what: &'static str,
    starts: &'static [&'static str],
    body: fn(u8) -> bool,
    length: RangeInclusive<usize>,
    also: fn(&str) -> bool,
) -> Kind {
    Kind {
        what,
        starts,
        body,
        length,
        also,
    }
}

/// The tokens on this line. Each byte is looked at a bounded number of times, whatever the line.
pub(super) fn find(line: &[u8]) -> Vec<Match> {
    let mut matches = Vec::new();
    let mut at = 0;
    while at < line.len() && matches.len() < MAX_SECRETS_PER_FILE {
        let inside_a_word = at > 0 && line[at - 1].is_ascii_alphanumeric();
        let candidates = KINDS.iter().filter(|_| !inside_a_word);
        let mut next = at + 1;
        for (kind, text, mark) in candidates.filter_map(|kind| kind.candidate(&line[at..])) {
            // Nothing else starts in the middle of this.
            next = at + text.len();
            if kind.accepts(text, mark) {
                matches.push(Match {
                    start: at,
                    end: next,
                    kind: kind.what,
                    shown: shown(mark),
                });
                break;
            }
        }
        at = next;
    }
    matches
}

impl Kind {
    /// What starts like a token of this kind, if that is long enough; it may be too long.
    fn candidate<'l>(&self, rest: &'l [u8]) -> Option<(&Self, &'l str, &'static str)> {
        let mark = *self
            .starts
            .iter()
            .find(|mark| rest.starts_with(mark.as_bytes()))?;
        let body = &rest[mark.len()..];
        // One byte more than the longest shows that it is longer.
        let most = self.length.end() + 1;
        let length = body
            .iter()
            .take(most)
            .take_while(|byte| (self.body)(**byte))
            .count();
        let text = std::str::from_utf8(&rest[..mark.len() + length]).ok()?;
        (length >= *self.length.start()).then_some((self, text, mark))
    }

    fn accepts(&self, text: &str, mark: &str) -> bool {
        let body = &text[mark.len()..];
        self.length.contains(&body.len())
            && (self.also)(text)
            && entropy(body.as_bytes()) >= 2.5
            && !is_placeholder(text)
    }
}

/// What all tokens of a kind start with, as people know it: without what only encodes it.
fn shown(mark: &str) -> String {
    let end = mark
        .rfind(['-', '_', '.', '/'])
        .map_or(mark.len(), |at| at + 1);
    format!("{}…", &mark[..end])
}

fn alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn word(byte: u8) -> bool {
    alphanumeric(byte) || byte == b'_'
}

fn dashed(byte: u8) -> bool {
    word(byte) || byte == b'-'
}

fn any(_: &str) -> bool {
    true
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Three parts, of which the first two are JSON objects in base64.
fn is_jwt(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').collect();
    matches!(parts[..], [header, claims, signature]
        if header.len() >= 10 && claims.starts_with("eyJ") && signature.len() >= 20)
}
