//! `enact audit`: who did what, through the server and beside it.

use enact_catalog::{AuditEntry, Catalog, Database};
use enact_types::{Action, Clock as _, SystemClock};
use serde_json::Value;

use crate::world::World;

/// The rows that `enact audit --json` prints with these arguments.
fn audit(world: &World, arguments: &[&str]) -> Vec<Value> {
    let all = [&["audit", "--data", "data", "--json"], arguments].concat();
    let ended = world.run(&all).code(0);
    let lines = ended.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The actions of rows.
fn actions(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .map(|row| row["action"].as_str().unwrap())
        .collect()
}

pub(crate) fn who_did_what(world: &World) {
    let none = world.run(&["audit", "--data", "data"]).code(1);
    assert!(none.stderr.contains("enact db migrate"), "{none:?}");
    world.db(&["migrate"]).code(0);
    let none = world.run(&["audit", "--data", "data"]).code(0);
    assert_eq!(none.stdout, "");
    assert!(none.stderr.contains("Nothing of that"), "{none:?}");

    world
        .run(&["user", "add", "alice", "--data", "data"])
        .code(0);
    world
        .run(&["user", "add", "alice", "--data", "data"])
        .code(1);
    let token = ["token", "create", "--user", "alice", "--data", "data"];
    let token = world
        .run(&[&token[..], &["--json"]].concat())
        .code(0)
        .json();
    let (id, secret) = (
        token["id"].as_str().unwrap(),
        token["token"].as_str().unwrap(),
    );
    let server = world.serve();
    let yank = ["yank", "bob/tool@1.0.0", "--registry", &server.url];
    world
        .run_with(&[("ENACT_AUTH_TOKEN", secret)], &yank)
        .code(1);
    assert!(server.stop().unwrap().success());
    let revoke = ["token", "revoke", id, "--data", "data"];
    world.run(&revoke).code(0);

    // The newest first.
    let rows = audit(world, &[]);
    let expected = [
        "token.revoke",
        "tool.yank",
        "token.create",
        "user.add",
        "user.add",
    ];
    assert_eq!(actions(&rows), expected);
    for row in [&rows[0], &rows[2], &rows[3], &rows[4]] {
        assert_eq!(row["via"], "operator", "{row}");
        assert!(
            row["actor"].is_string() && row["address"].is_string(),
            "{row}"
        );
        assert!(
            row["credential"].as_str().unwrap().starts_with("uid "),
            "{row}"
        );
        assert_eq!(row["status"], Value::Null);
    }
    assert_eq!(
        (&rows[0]["target"], &rows[2]["target"]),
        (&id.into(), &id.into())
    );
    assert_eq!(
        (&rows[3]["result"], &rows[4]["result"]),
        (&"CONFLICT".into(), &"ok".into())
    );
    let yank = &rows[1];
    for (field, value) in [
        ("actor", "alice"),
        ("via", "token"),
        ("credential", id),
        ("address", "127.0.0.1"),
        ("tool", "bob/tool"),
        ("version", "1.0.0"),
        ("result", "NOT_FOUND"),
    ] {
        assert_eq!(yank[field], value, "{field}: {yank}");
    }
    assert_eq!(yank["status"], 404);

    rows_are_found(world);
    let table = world.run(&["audit", "--data", "data"]).code(0);
    let lines: Vec<_> = table.stdout.lines().collect();
    assert_eq!(lines.len(), 6, "{table:?}");
    let column = lines[0].find("ACTION").unwrap();
    for (line, action) in lines[1..].iter().zip(expected) {
        assert!(line[column..].starts_with(action), "{table:?}");
    }
    assert!(lines[2].contains(" bob/tool@1.0.0 "), "{table:?}");
    assert!(!table.stdout.contains(secret));
    long_logs_are_read_to_their_end(world);
}

fn rows_are_found(world: &World) {
    for (filter, found) in [
        (&["--user", "alice"][..], &["tool.yank"][..]),
        (&["--tool", "bob/tool"], &["tool.yank"]),
        (&["--action", "user.add"], &["user.add", "user.add"]),
        (&["--result", "refused"], &["tool.yank", "user.add"]),
        (&["--result", "not_found"], &["tool.yank"]),
        (
            &["--result", "ok", "--limit", "2"],
            &["token.revoke", "token.create"],
        ),
        (&["--since", "1d", "--limit", "1"], &["token.revoke"]),
        (&["--since", "9000-01-31"], &[]),
    ] {
        assert_eq!(actions(&audit(world, filter)), found, "{filter:?}");
    }
    for wrong in [
        ["--action", "tool.paint"],
        ["--since", "yesterday"],
        ["--limit", "0"],
        ["--result", "40 4"],
        ["--tool", "x"],
    ] {
        world.run(&[&["audit"], &wrong[..]].concat()).code(2);
    }
}

/// More rows than are read at once, with what a terminal would act on.
fn long_logs_are_read_to_their_end(world: &World) {
    let database = match world.var("DATABASE_URL") {
        Some(url) => Database::Postgres(url.to_owned()),
        None => Database::Sqlite(world.path("data/registry.db")),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let catalog = Catalog::open(&database).await.unwrap();
        for n in 0..1_100 {
            let entry = AuditEntry {
                at: SystemClock.now(),
                action: Action::ToolPublish,
                actor: Some("\u{1b}[2Jmallory"),
                via: "token",
                credential: None,
                address: None,
                tool: None,
                version: None,
                target: Some(&n.to_string()),
                detail: None,
                error: None,
                status: None,
                request_id: None,
            };
            catalog.add_audit(&entry).await.unwrap();
        }
        catalog.close().await;
    });
    let rows = audit(world, &["--limit", "1050"]);
    let targets: Vec<_> = rows
        .iter()
        .map(|row| row["target"].as_str().unwrap())
        .collect();
    let expected: Vec<_> = (50..1_100).rev().map(|n| n.to_string()).collect();
    assert_eq!(targets, expected);
    let table = world
        .run(&["audit", "--data", "data", "--limit", "1050"])
        .code(0);
    assert!(!table.stdout.contains('\u{1b}'));
    assert!(
        table.stderr.contains("--limit shows more"),
        "{}",
        table.stderr
    );
    assert_eq!(audit(world, &["--limit", "5000"]).len(), 1_105);
}
