//! Who did what: rows that are added, found again, and never changed.

use enact_catalog::{AuditEntry, AuditFilter, AuditRecord, AuditResult, Catalog};
use enact_types::Action;

use crate::fixture::{Fixture, Place, at, behaviours, name};

behaviours![
    a_row_says_what_was_recorded,
    rows_are_found_by_what_they_say,
    pages_give_each_row_once_the_newest_first,
    the_log_is_only_added_to,
];

/// A row of second `now`, of which only the action is said.
fn entry(now: i64, action: Action) -> AuditEntry<'static> {
    AuditEntry {
        at: at(now),
        action,
        actor: None,
        via: "none",
        credential: None,
        address: None,
        tool: None,
        version: None,
        target: None,
        detail: None,
        error: None,
        status: None,
        request_id: None,
    }
}

async fn add(catalog: &Catalog, entry: AuditEntry<'_>) {
    catalog.add_audit(&entry).await.unwrap();
}

async fn found(f: &Fixture, filter: AuditFilter) -> Vec<AuditRecord> {
    f.catalog.audit(&filter, None, 100).await.unwrap()
}

async fn a_row_says_what_was_recorded(f: Fixture) {
    let whole = AuditEntry {
        actor: Some("alice"),
        via: "token",
        credential: Some("t1"),
        address: Some("192.0.2.1"),
        tool: Some("alice/greeter"),
        version: Some("1.0.0"),
        target: Some("@acme"),
        detail: Some("bob admin"),
        error: Some("FORBIDDEN"),
        status: Some(403),
        request_id: Some("r-1"),
        ..entry(1, Action::ToolYank)
    };
    add(&f.catalog, whole).await;
    add(&f.catalog, entry(2, Action::SignIn)).await;
    let rows = found(&f, AuditFilter::default()).await;
    let [bare, whole] = rows.as_slice() else {
        panic!("{rows:?}");
    };
    let text = |text: &str| Some(text.to_owned());
    let expected = AuditRecord {
        number: whole.number,
        at: at(1),
        action: "tool.yank".to_owned(),
        actor: text("alice"),
        via: "token".to_owned(),
        credential: text("t1"),
        address: text("192.0.2.1"),
        tool: text("alice/greeter"),
        version: text("1.0.0"),
        target: text("@acme"),
        detail: text("bob admin"),
        result: "FORBIDDEN".to_owned(),
        status: Some(403),
        request_id: text("r-1"),
    };
    assert_eq!(*whole, expected);
    let said = (&*bare.action, &*bare.via, &*bare.result, bare.status);
    assert_eq!(said, ("sign-in", "none", "ok", None));
    assert_eq!(
        (&bare.actor, &bare.tool, &bare.address),
        (&None, &None, &None)
    );
}

async fn rows_are_found_by_what_they_say(f: Fixture) {
    for (now, actor, tool, action, error) in [
        (1, "alice", "a/b", Action::ToolPublish, None),
        (2, "bob", "a/b", Action::ToolYank, Some("FORBIDDEN")),
        (3, "alice", "a/c", Action::ToolYank, None),
        (4, "bob", "a/c", Action::ToolYank, Some("NOT_FOUND")),
    ] {
        let (actor, tool) = (Some(actor), Some(tool));
        let entry = entry(now, action);
        add(
            &f.catalog,
            AuditEntry {
                actor,
                tool,
                error,
                ..entry
            },
        )
        .await;
    }
    let all = AuditFilter::default();
    let actor = |actor: &str| AuditFilter {
        actor: Some(actor.to_owned()),
        ..AuditFilter::default()
    };
    let result = |result| AuditFilter {
        result: Some(result),
        ..AuditFilter::default()
    };
    let cases = [
        (all.clone(), vec![4, 3, 2, 1]),
        (
            AuditFilter {
                since: Some(at(3)),
                ..all.clone()
            },
            vec![4, 3],
        ),
        (actor("alice"), vec![3, 1]),
        (actor("carol"), vec![]),
        (
            AuditFilter {
                tool: Some(name("a/b")),
                ..all.clone()
            },
            vec![2, 1],
        ),
        (
            AuditFilter {
                action: Some(Action::ToolYank),
                ..all.clone()
            },
            vec![4, 3, 2],
        ),
        (result(AuditResult::Done), vec![3, 1]),
        (result(AuditResult::Refused), vec![4, 2]),
        (result(AuditResult::Error("NOT_FOUND".to_owned())), vec![4]),
        (
            AuditFilter {
                tool: Some(name("a/c")),
                action: Some(Action::ToolYank),
                since: Some(at(4)),
                ..actor("bob")
            },
            vec![4],
        ),
    ];
    for (filter, seconds) in cases {
        let rows = found(&f, filter.clone()).await;
        let times: Vec<_> = rows.iter().map(|row| row.at).collect();
        let expected: Vec<_> = seconds.into_iter().map(at).collect();
        assert_eq!(times, expected, "{filter:?}");
    }
}

async fn pages_give_each_row_once_the_newest_first(f: Fixture) {
    // Many of one time, and one whose clock was behind.
    for (n, now) in [5, 5, 5, 5, 1, 6].into_iter().enumerate() {
        let id = n.to_string();
        let entry = entry(now, Action::ToolPublish);
        add(
            &f.catalog,
            AuditEntry {
                request_id: Some(&id),
                ..entry
            },
        )
        .await;
    }
    let filter = AuditFilter {
        action: Some(Action::ToolPublish),
        ..AuditFilter::default()
    };
    for size in 1..=7 {
        let mut rows: Vec<AuditRecord> = Vec::new();
        loop {
            let page = f.catalog.audit(&filter, rows.last(), size).await.unwrap();
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= size as usize);
            rows.extend(page);
        }
        let ids: Vec<_> = rows
            .iter()
            .filter_map(|row| row.request_id.as_deref())
            .collect();
        assert_eq!(ids, ["5", "3", "2", "1", "0", "4"], "{size}");
    }
}

async fn the_log_is_only_added_to(f: Fixture) {
    let catalog = f.fresh_place.open().await;
    add(&catalog, entry(1, Action::ToolPublish)).await;
    let before = catalog
        .audit(&AuditFilter::default(), None, 9)
        .await
        .unwrap();
    let row = before[0].number;
    let values = format!("VALUES ({row}, '', '', '', '')");
    let columns = "audit_log (number, at, action, via, result)";
    // Ways past the two plain ones, of which each database has its own.
    let [remove, replace] = match f.fresh_place {
        Place::File(_) => [
            "DELETE FROM audit_log WHERE rowid > 0".to_owned(),
            format!("REPLACE INTO {columns} {values}"),
        ],
        Place::Url(_) => [
            "TRUNCATE audit_log".to_owned(),
            format!(
                "INSERT INTO {columns} OVERRIDING SYSTEM VALUE {values} \
                 ON CONFLICT (number) DO UPDATE SET actor = 'x'"
            ),
        ],
    };
    for sql in [
        "UPDATE audit_log SET actor = 'nobody'",
        "DELETE FROM audit_log",
        &remove,
        &replace,
    ] {
        let refused = f.fresh_place.try_execute(sql).await.unwrap_err();
        let refused = refused.to_string();
        assert!(refused.contains("only added to"), "{sql}: {refused}");
    }
    let after = catalog
        .audit(&AuditFilter::default(), None, 9)
        .await
        .unwrap();
    assert_eq!(after, before);
    catalog.close().await;
}
