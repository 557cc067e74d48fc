//! The figures.

use std::time::Duration;

use super::drive::Answers;

/// How many of the slowest requests of a route are shown.
const SLOWEST: usize = 3;

/// One route on one database.
pub(super) struct Row {
    database: &'static str,
    route: String,
    /// Sorted, the shortest first; there is at least one.
    took: Vec<(Duration, String)>,
}

/// The rows of one database.
pub(super) fn rows(database: &'static str, answers: Answers) -> Vec<Row> {
    let row = |(route, mut took): (String, Vec<_>)| {
        took.sort();
        Row {
            database,
            route,
            took,
        }
    };
    answers.into_iter().map(row).collect()
}

impl Row {
    fn percentile(&self, percent: usize) -> Duration {
        let at = (self.took.len() * percent).div_ceil(100).max(1) - 1;
        self.took[at].0
    }

    /// The aim for the 99th percentile. `/health` reads nothing: what it takes is what the machine
    /// and the connection take.
    fn aim(&self) -> Option<Duration> {
        match self.route.as_str() {
            "health" => None,
            "search" => Some(Duration::from_millis(50)),
            _ => Some(Duration::from_millis(2)),
        }
    }

    pub(super) fn is_good(&self) -> bool {
        self.aim().is_none_or(|aim| self.percentile(99) <= aim)
    }
}

pub(super) fn print(rows: &[Row]) {
    println!("| database | route | requests | p50 ms | p90 ms | p99 ms | max ms | aim for p99 |");
    println!("|---|---|--:|--:|--:|--:|--:|---|");
    for row in rows {
        let [p50, p90, p99, max] =
            [50, 90, 99, 100].map(|percent| milliseconds(row.percentile(percent)));
        let aim = row.aim().map_or("–".to_owned(), |aim| {
            let verdict = if row.is_good() { "met" } else { "MISSED" };
            format!("{} ms: {verdict}", aim.as_millis())
        });
        let (database, route, count) = (row.database, &row.route, row.took.len());
        println!("| {database} | {route} | {count} | {p50} | {p90} | {p99} | {max} | {aim} |");
    }
    println!("\nThe slowest:");
    for row in rows.iter().filter(|row| row.aim().is_some()) {
        for (took, path) in row.took.iter().rev().take(SLOWEST) {
            println!("{} {} ms {path}", row.database, milliseconds(*took));
        }
    }
}

fn milliseconds(took: Duration) -> String {
    let micros = took.as_micros();
    format!("{}.{:02}", micros / 1000, micros % 1000 / 10)
}
