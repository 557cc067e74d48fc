//! The command line of `enact audit`.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use enact_catalog::AuditResult;
use enact_types::{Action, Clock as _, Lifetime, SystemClock, Timestamp, ToolName};

use super::data::DataFolder;

/// `enact audit`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact audit
  enact audit --since 7d --user alice
  enact audit --tool alice/greeter --action tool.yank
  enact audit --since 2026-01-31 --result refused --limit 1000
  enact audit --limit 100000 --json > audit.jsonl

Shows who did what to which tool, organisation, user or token, when, from where, signed in by \
what, and what came of it; the newest first. With --json each row is one JSON value on a line of \
its own.

Works on the database of `enact serve`, beside the running servers: PostgreSQL at DATABASE_URL if \
that is set, or else the SQLite file registry.db in the folder that --data names.")]
pub(crate) struct Audit {
    /// Only what is not older: a number and m, h or d (at most 366d), a date like 2026-01-31 or a time
    /// like 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Since>,
    /// Only what this user did, or this account of an operator's machine
    #[arg(short, long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Only what was done to this skill
    #[arg(short, long, value_name = "NAME")]
    pub(crate) tool: Option<ToolName>,
    /// Only this kind of thing
    #[arg(short, long, value_name = "ACTION", value_parser = actions())]
    pub(crate) action: Option<Action>,
    /// Only what came to this: ok, refused (whatever for), or the code of an error, like FORBIDDEN
    #[arg(short, long, value_name = "RESULT", value_parser = result)]
    pub(crate) result: Option<AuditResult>,
    /// The most rows to show
    #[arg(short, long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// Where the server keeps things.
    #[command(flatten)]
    pub(crate) data: DataFolder,
}

/// Parses the name of an action, and shows all there are.
fn actions() -> impl TypedValueParser<Value = Action> {
    let names = Action::ALL.iter().map(|action| action.as_str());
    PossibleValuesParser::new(names).try_map(|name| Action::parse(&name))
}

/// A moment that is past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Since(pub(crate) Timestamp);

/// The text is no such moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidSince;

impl std::fmt::Display for InvalidSince {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("neither a number and m, h or d, like 7d (at most 366d), nor a date like 2026-01-31, nor a time like 2026-01-31T12:00:00Z")
    }
}

impl std::error::Error for InvalidSince {}

impl Since {
    /// Parses `7d`, a date, which begins in UTC, or a time of RFC 3339.
    fn parse(text: &str, now: Timestamp) -> Result<Self, InvalidSince> {
        let ago = || {
            let ago = Lifetime::parse(text).ok()?.as_duration().as_millis();
            Timestamp::from_millis(now.as_millis() - i64::try_from(ago).ok()?)
        };
        let date = || Timestamp::parse(&format!("{text}T00:00:00Z"));
        let moment = ago().or_else(|| Timestamp::parse(text)).or_else(date);
        moment.map(Self).ok_or(InvalidSince)
    }
}

impl std::str::FromStr for Since {
    type Err = InvalidSince;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text, SystemClock.now())
    }
}

/// Parses a result. What codes there are depends on the version that wrote the log.
fn result(text: &str) -> Result<AuditResult, String> {
    let known = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    match text {
        "ok" => Ok(AuditResult::Done),
        "refused" => Ok(AuditResult::Refused),
        code if (3..=64).contains(&code.len()) && code.bytes().all(known) => {
            Ok(AuditResult::Error(code.to_ascii_uppercase()))
        }
        _ => Err("neither ok nor refused, nor the code of an error, like FORBIDDEN".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_so_long_ago_or_a_date_or_a_time() {
        let now = Timestamp::parse("2026-02-03T04:05:06Z").unwrap();
        for (text, moment) in [
            ("7d", "2026-01-27T04:05:06Z"),
            ("90m", "2026-02-03T02:35:06Z"),
            ("2026-01-31", "2026-01-31T00:00:00Z"),
            ("2026-01-31T13:00:00+01:00", "2026-01-31T12:00:00Z"),
        ] {
            let expected = Timestamp::parse(moment).map(Since);
            assert_eq!(Since::parse(text, now).ok(), expected, "{text}");
        }
        for text in [
            "",
            "7",
            "0d",
            "367d",
            "-1d",
            "yesterday",
            "2026-02-30",
            "2026-1-1",
        ] {
            assert_eq!(Since::parse(text, now), Err(InvalidSince), "{text}");
        }
    }

    #[test]
    fn a_result_is_a_word_or_a_code() {
        assert_eq!(result("ok"), Ok(AuditResult::Done));
        assert_eq!(result("refused"), Ok(AuditResult::Refused));
        let code = AuditResult::Error("NOT_FOUND".to_owned());
        assert_eq!(result("not_found"), Ok(code));
        for text in ["", "no", "40 4", "x\0x", &"x".repeat(65)] {
            assert!(result(text).is_err(), "{text:?}");
        }
    }
}
