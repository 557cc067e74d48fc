//! Building a statement whose shape depends on its input.

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe};

/// SQL text with numbered placeholders (`$1`), which both databases read; the library's own builder
/// writes `?` here, which Postgres does not.
///
/// [`text`](Self::text) takes literals alone, so no value from outside can become SQL.
#[derive(Default)]
pub(crate) struct Sql {
    text: String,
    values: Vec<Value>,
}

/// A value for a placeholder.
pub(crate) enum Value {
    Text(String),
    Number(i64),
    Bytes(Vec<u8>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl Sql {
    pub(crate) fn new(text: &'static str) -> Self {
        Self::default().text(text)
    }

    /// Appends SQL.
    pub(crate) fn text(mut self, text: &'static str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Appends a placeholder for `value`.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self
    }

    /// Appends `($1, $2, …)` for `values`, of which there is at least one.
    pub(crate) fn list(mut self, values: impl IntoIterator<Item = impl Into<Value>>) -> Self {
        for (n, value) in values.into_iter().enumerate() {
            self = self.text(if n == 0 { "(" } else { ", " }).bind(value);
        }
        self.text(")")
    }

    /// Appends `(…, …), (…, …)` with a placeholder for each value.
    pub(crate) fn rows<const N: usize>(
        mut self,
        rows: impl IntoIterator<Item = [Value; N]>,
    ) -> Self {
        for (n, row) in rows.into_iter().enumerate() {
            self = self.text(if n == 0 { "(" } else { ", (" });
            for (m, value) in row.into_iter().enumerate() {
                self = if m == 0 { self } else { self.text(", ") }.bind(value);
            }
            self = self.text(")");
        }
        self
    }

    /// The finished statement.
    pub(crate) fn build(self) -> Query<'static, Any, AnyArguments> {
        self.values
            .into_iter()
            .fold(
                sqlx::query(AssertSqlSafe(self.text)),
                |query, value| match value {
                    Value::Text(text) => query.bind(text),
                    Value::Number(number) => query.bind(number),
                    Value::Bytes(bytes) => query.bind(bytes),
                },
            )
    }
}
