//! `enact db status` and `enact db migrate`, on databases of every age.

use std::fs;

use enact_testkit::Postgres;
use serde_json::Value;

use crate::world::{World, state};

pub(crate) fn of_every_age(world: &World) {
    let status = |world: &World, code| world.db(&["status", "--json"]).code(code).json();
    let missing = status(world, 0);
    assert_eq!(missing["state"], "missing");
    assert_eq!(missing["tools"], Value::Null);
    let told = world.db(&["status"]).code(0);
    assert!(told.stderr.contains("enact db migrate"), "{told:?}");
    assert!(!world.path("data").exists(), "looking made something");

    migrates_once(world);
    let current = status(world, 0);
    assert_eq!(current["state"], "current");
    assert_eq!(current["versions"], 0);

    // With a server on it, and its log.
    let server = world.serve();
    assert_eq!(status(world, 0)["state"], "current");
    assert!(server.stop().unwrap().success());
    let before = state(&world.path("data"));
    status(world, 0);
    assert_eq!(
        state(&world.path("data")),
        before,
        "looking changed something"
    );

    fs::write(
        world.path("data/registry.db"),
        "hello, I am no database, but long enough",
    )
    .unwrap();
    let broken = world.db(&["status", "--json"]).code(1);
    assert_eq!(broken.json()["error"]["code"], "DATABASE_ERROR");
}

pub(crate) fn on_postgres(postgres: &Postgres) {
    let url = postgres.new_database().unwrap();
    let world = World::new(vec![("DATABASE_URL", url.clone())]);
    let status = |code| world.db(&["status", "--json"]).code(code).json();
    assert_eq!(status(0)["state"], "empty");
    let migrations = migrates_once(&world);
    assert!(
        !world.path("data").exists(),
        "there is nothing to keep there"
    );
    let current = status(0);
    assert_eq!(current["state"], "current");
    let known = current["schema"]["known"].as_i64().unwrap();

    let sql = |sql: &str| postgres.psql(&url, sql).unwrap();
    sql(
        "INSERT INTO publish_reservations VALUES ('a/b', '1.0.0', 1, 'token', 'x'), ('a/b', '1.1.0', 1, '', '')",
    );
    sql("INSERT INTO abandoned_attempts VALUES ('a/b', '1.1.0', 1)");
    assert_eq!(status(0)["reservations"], 1);
    assert_eq!(status(0)["abandonedAttempts"], 1);

    // As an older enact leaves it: its tables may be fewer.
    sql("DELETE FROM schema_migrations; DROP TABLE abandoned_attempts");
    sql("INSERT INTO schema_migrations VALUES (0)");
    let older = status(0);
    assert_eq!(
        older["schema"]["pending"].as_array().unwrap().len(),
        migrations
    );
    assert_eq!(older["abandonedAttempts"], Value::Null);

    sql(&format!(
        "INSERT INTO schema_migrations VALUES ({})",
        known + 1
    ));
    assert_eq!(status(1)["state"], "newer");
    let told = world.db(&["status"]).code(1);
    assert!(told.stderr.contains("run the newer enact"), "{told:?}");
    let refused = world.db(&["migrate"]).code(1);
    assert!(
        refused.stderr.contains("newer version of enact"),
        "{refused:?}"
    );

    sql("DROP TABLE schema_migrations");
    assert_eq!(status(1)["state"], "foreign");
    let refused = world.db(&["migrate"]).code(1);
    assert!(refused.stderr.contains("enact db import"), "{refused:?}");
}

/// Brings it up to date, and gives how many migrations that took.
fn migrates_once(world: &World) -> usize {
    let first = world.db(&["migrate", "--json"]).code(0).json();
    assert_eq!(first["from"], 0);
    let applied = first["applied"].as_array().unwrap();
    assert_eq!(applied.last(), Some(&first["to"]));
    let again = world.db(&["migrate", "--json"]).code(0).json();
    assert_eq!(again["applied"], serde_json::json!([]));
    assert_eq!(again["to"], first["to"]);
    applied.len()
}
