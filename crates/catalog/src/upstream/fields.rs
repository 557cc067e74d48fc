//! Reading a row of untrusted values: bounded, of whatever type, into texts that are then parsed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use enact_types::Timestamp;
use sqlx::{AssertSqlSafe, Row as _, SqliteConnection};

use super::UpstreamError;

/// Where rows come from, and what is read of each. All of it is SQL of this crate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    /// The table whose rows are counted, as `r`, and what is joined to it.
    pub(super) from: &'static str,
    /// A condition on `$2`, the row that the rows belong to.
    pub(super) condition: &'static str,
    /// That row.
    pub(super) owner: Option<i64>,
    /// Name, expression, and the most bytes that are read.
    pub(super) columns: &'static [(&'static str, &'static str, usize)],
}

/// The values of a row, by name.
#[derive(Debug)]
pub(super) struct Fields {
    values: BTreeMap<&'static str, Vec<u8>>,
    /// Those that are larger than they may be.
    too_long: String,
}

/// Reads the first row after `after`; its number comes with it.
pub(super) async fn next(
    connection: &mut SqliteConnection,
    table: &Table,
    after: i64,
) -> Result<Option<(i64, Fields)>, UpstreamError> {
    let query = sqlx::query(AssertSqlSafe(select(table))).bind(after);
    let query = match table.owner {
        Some(owner) => query.bind(owner),
        None => query,
    };
    let broken = |error: sqlx::Error| UpstreamError::query(&error);
    let Some(row) = query.fetch_optional(connection).await.map_err(broken)? else {
        return Ok(None);
    };
    let mut values = BTreeMap::new();
    for (name, _, _) in table.columns {
        if let Some(value) = row.try_get::<Option<Vec<u8>>, _>(*name).map_err(broken)? {
            values.insert(*name, value);
        }
    }
    let number = row.try_get(0).map_err(broken)?;
    let too_long = row.try_get(1).map_err(broken)?;
    Ok(Some((number, Fields { values, too_long })))
}

/// A value is loaded only if its length, which the file states apart from it, is within its bound.
/// As bytes, since SQLite keeps texts that are not UTF-8, and numbers in columns for texts.
fn select(table: &Table) -> String {
    let mut sql = "SELECT r.rowid, ''".to_owned();
    for (name, column, max) in table.columns {
        let _ = write!(
            sql,
            " || CASE WHEN octet_length({column}) > {max} THEN '{name}, ' ELSE '' END"
        );
    }
    for (name, column, max) in table.columns {
        let _ = write!(
            sql,
            ", CASE WHEN octet_length({column}) <= {max} THEN CAST({column} AS BLOB) END AS {name}"
        );
    }
    let (from, condition) = (table.from, table.condition);
    let _ = write!(
        sql,
        " FROM {from} WHERE r.rowid > $1 {condition} ORDER BY r.rowid LIMIT 1"
    );
    sql
}

impl Fields {
    /// Fails with the names of values that are larger than they may be.
    pub(super) fn check_lengths(&self) -> Result<(), String> {
        match self.too_long.strip_suffix(", ") {
            None => Ok(()),
            Some(names) => Err(format!("too long: {names}")),
        }
    }

    /// A text, or nothing.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<&str>, String> {
        let Some(bytes) = self.values.get(name) else {
            return Ok(None);
        };
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => Ok(Some(text)),
            Ok(_) => Err(format!("{name} has a NUL character")),
            Err(_) => Err(format!("{name} is not UTF-8 text")),
        }
    }

    /// A text that must be there.
    pub(super) fn required(&self, name: &'static str) -> Result<&str, String> {
        self.text(name)?.ok_or_else(|| format!("{name} is missing"))
    }

    /// A text for people of at most `max` characters.
    pub(super) fn short(&self, name: &'static str, max: usize) -> Result<Option<String>, String> {
        match self.text(name)? {
            Some(text) if text.chars().count() > max => {
                Err(format!("{name} has more than {max} characters"))
            }
            Some("") | None => Ok(None),
            Some(text) => Ok(Some(text.to_owned())),
        }
    }

    /// A count; one that is missing is 0.
    pub(super) fn count(&self, name: &'static str, max: u64) -> Result<u64, String> {
        let text = self.text(name)?.unwrap_or("0");
        match text.parse() {
            Ok(count) if count <= max => Ok(count),
            _ => Err(format!("{name} is not a number from 0 to {max}")),
        }
    }

    /// A time that must be there.
    pub(super) fn time(&self, name: &'static str) -> Result<Timestamp, String> {
        time(self.required(name)?)
            .ok_or_else(|| format!("{name} is not a time of the years 1970 to 9999"))
    }

    /// What stands there, whatever it is, to tell people which row is meant.
    pub(super) fn shown(&self, name: &'static str) -> String {
        match self.values.get(name) {
            Some(bytes) => shown(&String::from_utf8_lossy(bytes)),
            None => "?".to_owned(),
        }
    }
}

/// The existing server writes most times without a zone, and means UTC.
fn time(text: &str) -> Option<Timestamp> {
    let time = Timestamp::parse(text)
        .or_else(|| Timestamp::parse(&format!("{}Z", text.replacen(' ', "T", 1))))?;
    // The catalog sorts times as texts, which holds for years of four digits.
    (0..=253_402_300_799_999)
        .contains(&time.as_millis())
        .then_some(time)
}

/// As much of a text as a person wants to see of it in a line.
pub(super) fn shown(text: &str) -> String {
    const MAX_CHARS: usize = 80;
    if text.chars().count() <= MAX_CHARS {
        return text.to_owned();
    }
    text.chars().take(MAX_CHARS).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_without_a_zone_are_utc() {
        let expected = Timestamp::parse("2025-11-24T16:00:00Z");
        for text in [
            "2025-11-24 16:00:00",
            "2025-11-24T16:00:00",
            "2025-11-24T17:00:00.000+01:00",
        ] {
            assert_eq!(time(text), expected, "{text}");
        }
        for text in [
            "",
            "now",
            "2025-13-24 16:00:00",
            "-000001-01-01T00:00:00Z",
            "1764000000",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
