//! How a database would run a statement.

use sqlx::{AnyConnection, Connection as _, Row as _};

/// The plan of a statement, a line a step. On Postgres it is the plan for parameters that are not
/// known, as a prepared statement has.
pub(crate) async fn plan(database: &mut AnyConnection, statement: &str) -> sqlx::Result<String> {
    let lines = if database.backend_name() == "SQLite" {
        let explain = format!("EXPLAIN QUERY PLAN {statement}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(explain))
            .fetch_all(database)
            .await?;
        let lines = rows.iter().map(|row| row.try_get::<String, _>("detail"));
        lines.collect::<sqlx::Result<Vec<_>>>()?
    } else {
        // Nulls for all parameters: which is of no account to such a plan.
        let parameters = (1..=200).take_while(|n| statement.contains(&format!("${n}")));
        let nulls = vec!["NULL"; parameters.count()];
        let arguments = if nulls.is_empty() {
            String::new()
        } else {
            format!("({})", nulls.join(", "))
        };
        let mut transaction = database.begin().await?;
        for setup in [
            "SET LOCAL plan_cache_mode = force_generic_plan".to_owned(),
            format!("PREPARE explained AS {statement}"),
        ] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(setup))
                .execute(&mut *transaction)
                .await?;
        }
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN EXECUTE explained{arguments}"));
        let rows = sqlx::raw_sql(explain).fetch_all(&mut *transaction).await?;
        sqlx::raw_sql("DEALLOCATE explained")
            .execute(&mut *transaction)
            .await?;
        transaction.rollback().await?;
        let lines = rows.iter().map(|row| row.try_get::<String, _>(0));
        lines.collect::<sqlx::Result<Vec<_>>>()?
    };
    Ok(lines.join("\n"))
}

/// Whether a plan reads a whole table or a whole index.
pub(crate) fn scans(plan: &str) -> bool {
    plan.lines().map(str::trim).any(|line| {
        line.starts_with("SCAN ") && !line.starts_with("SCAN CONSTANT ROW")
            || line.contains("Seq Scan")
    })
}
