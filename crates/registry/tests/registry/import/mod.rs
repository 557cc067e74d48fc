//! Taking over the data folder of the existing server.

mod hostile;
mod source;

use enact_catalog::{Reserve, Sees};
use enact_registry::{Import, ImportError, Report, RowKind, Tally};
use enact_types::{Timestamp, Visibility};
use source::Source;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use crate::fixture::{Fixture, bundle, name, version};

/// Takes over what is in `folder`, without waiting for anybody.
async fn import(f: &Fixture, folder: &Path) -> Result<Report, ImportError> {
    import_with(f, folder, false, &CancellationToken::new(), &|_, _| ()).await
}

async fn import_with(
    f: &Fixture,
    folder: &Path,
    dry_run: bool,
    stop: &CancellationToken,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, ImportError> {
    let import = Import {
        folder,
        dry_run,
        patience: Duration::ZERO,
        stop: stop.clone(),
        progress,
    };
    let mut report = Report::default();
    f.registry.import(&import, &mut report).await?;
    Ok(report)
}

/// So many taken over, there already, and refused.
fn tally(taken: u64, already: u64, refused: u64) -> Tally {
    Tally {
        taken,
        already,
        refused,
    }
}

#[tokio::test]
async fn what_is_good_is_taken_over_with_its_past_and_the_source_stays_as_it_was() {
    let f = Fixture::new().await;
    let mut source = Source::new().await;
    // In the order of publishing: a back-port and a pre-release come last.
    for number in ["1.0.0", "2.0.0", "1.9.0", "3.0.0-rc.1"] {
        source.publish("alice/utils/greeter", number).await;
    }
    source.publish("@acme/hammer", "1.0.0").await;
    source
        .sql(
            "UPDATE tool_versions SET downloads = 7 WHERE version = '2.0.0';
             UPDATE tool_versions SET downloads = 3, yanked = 1, yank_reason = 'rude', yank_replacement = '1.9.0',
                 yanked_at = '2025-01-04T05:06:07.890+01:00' WHERE version = '1.0.0' AND tool_id LIKE 'alice%';
             UPDATE tools SET visibility = 'unlisted' WHERE name LIKE 'alice%';
             INSERT INTO profiles VALUES ('p2', 'bob', NULL, NULL, '2025-01-01T00:00:00.000Z');
             INSERT INTO organizations VALUES ('o1', 'acme', 'Acme', 'Tools', NULL, 'p1', '2025-01-01 00:00:01');
             INSERT INTO org_members VALUES ('o1', 'p1', 'owner', '2025-01-01 00:00:01', 'p1');
             INSERT INTO org_members VALUES ('o1', 'p2', 'member', '2025-01-01 00:00:02', 'p1');
             INSERT INTO attestations VALUES ('a1', 'x');",
        )
        .await;
    source.close().await;
    let before = source.state();
    let report = import(&f, source.path()).await.unwrap();
    assert_eq!(report.refused, []);
    assert_eq!(report.versions, tally(5, 0, 0));
    assert_eq!(report.people, tally(2, 0, 0));
    assert_eq!(report.organizations, tally(1, 0, 0));
    assert_eq!(report.attestations, 1);
    assert_eq!(source.state(), before);

    let greeter = name("alice/utils/greeter");
    let tool = f.catalog.tool(&greeter, Sees::All).await;
    let tool = tool.unwrap().unwrap();
    assert_eq!(tool.latest_version, version("2.0.0"));
    assert_eq!(tool.description, "alice/utils/greeter 2.0.0");
    assert_eq!(tool.license.as_deref(), Some("MIT"));
    assert_eq!(tool.visibility, Visibility::Unlisted);
    assert_eq!(tool.downloads, 10);
    assert_eq!(tool.created_at.to_string(), "2025-01-02T00:00:00.000Z");
    assert_eq!(tool.updated_at.to_string(), "2025-01-09T00:00:00.000Z");
    let old = f.catalog.version(&tool.id, &version("1.0.0")).await;
    let old = old.unwrap().unwrap();
    assert_eq!(
        (
            old.summary.yanked,
            old.summary.downloads,
            &*old.published_by
        ),
        (true, 3, "admin")
    );
    assert_eq!(old.yank_reason.as_deref(), Some("rude"));
    assert_eq!(old.yank_replacement.as_deref(), Some("1.9.0"));
    assert_eq!(old.yanked_at, Timestamp::parse("2025-01-04T04:06:07.890Z"));
    let published = old.summary.published_at.to_string();
    assert_eq!(published, "2025-01-03T04:05:06.000Z");
    for number in ["2.0.0", "1.9.0", "3.0.0-rc.1"] {
        let bytes = f.download("alice/utils/greeter", number).await;
        assert_eq!(bytes, bundle("alice/utils/greeter", number));
    }
    let members = f.rows(
        "SELECT o.name || ' ' || o.display_name || ' ' || p.username || ' ' || m.role || ' ' || m.added_at \
         FROM org_members m JOIN organizations o ON o.id = m.org_id JOIN profiles p ON p.id = m.user_id \
         ORDER BY m.added_at",
    );
    assert_eq!(
        members.await,
        [
            "acme Acme admin owner 2025-01-01T00:00:01.000Z",
            "acme Acme bob member 2025-01-01T00:00:02.000Z"
        ]
    );
    let recorded = f.rows("SELECT action || ' ' || result || ': ' || detail FROM audit_log");
    assert_eq!(
        recorded.await,
        ["db.import ok: 5 versions, 2 people, 1 organisations taken over; 0 rows refused"]
    );
}

#[tokio::test]
async fn a_second_run_passes_by_what_is_there_and_a_conflict_is_told() {
    let f = Fixture::new().await;
    let mut source = Source::new().await;
    source.publish("a/b", "1.0.0").await;
    source.publish("a/b", "1.1.0").await;
    source.close().await;
    // Published here before, and meanwhile seen by everybody.
    f.publish_bytes("a/b", "1.1.0", &bundle("a/b", "1.1.0"))
        .await
        .unwrap();
    f.publish("x/y", "1.0.0").await.unwrap();
    assert_eq!(
        import(&f, source.path()).await.unwrap().versions,
        tally(1, 1, 0)
    );
    assert_eq!(
        import(&f, source.path()).await.unwrap().versions,
        tally(0, 2, 0)
    );

    let mut other = Source::new().await;
    other
        .publish_bytes("x/y", "1.0.0", &bundle("x/y", "1.0.1"))
        .await;
    other.close().await;
    let report = import(&f, other.path()).await.unwrap();
    assert_eq!(report.versions, tally(0, 0, 1));
    assert!(
        report.refused[0].reason.starts_with("conflict: "),
        "{report:?}"
    );
    assert_eq!(f.download("x/y", "1.0.0").await, bundle("x/y", "1.0.0"));
}

#[tokio::test]
async fn a_tool_that_is_here_keeps_its_visibility() {
    let f = Fixture::new().await;
    f.publish("a/b", "1.0.0").await.unwrap();
    let hidden = f.catalog.tool(&name("a/b"), Sees::All).await.unwrap();
    let id = hidden.unwrap().id;
    f.catalog
        .set_visibility(&id, Visibility::Private, f.now())
        .await
        .unwrap();
    let mut source = Source::new().await;
    source.publish("a/b", "0.9.0").await;
    source.close().await;
    assert_eq!(
        import(&f, source.path()).await.unwrap().versions,
        tally(1, 0, 0)
    );
    let tool = f.catalog.tool(&name("a/b"), Sees::All).await.unwrap();
    let tool = tool.unwrap();
    assert_eq!(tool.visibility, Visibility::Private);
    assert_eq!(tool.latest_version, version("1.0.0"));
    assert_eq!(tool.updated_at, f.now());
}

#[tokio::test]
async fn a_run_that_was_stopped_goes_on_where_it_ended() {
    let f = Fixture::new().await;
    let mut source = Source::new().await;
    for patch in 0..5 {
        source.publish("a/b", &format!("1.0.{patch}")).await;
    }
    source.close().await;
    let stop = CancellationToken::new();
    let stopping = |done, all| {
        assert_eq!(all, 5);
        if done == 2 {
            stop.cancel();
        }
    };
    let report = import_with(&f, source.path(), false, &stop, &stopping).await;
    let report = report.unwrap();
    assert!(report.stopped);
    assert_eq!(report.versions, tally(2, 0, 0));
    let report = import(&f, source.path()).await.unwrap();
    assert!(!report.stopped);
    assert_eq!(report.versions, tally(3, 2, 0));
}

#[tokio::test]
async fn what_a_killed_run_reserved_is_tried_again_when_it_has_expired() {
    let f = Fixture::new().await;
    let mut source = Source::new().await;
    source.publish("a/b", "1.0.0").await;
    source.publish("a/b", "1.1.0").await;
    source.close().await;
    let now = f.now();
    let expires = now.plus(Duration::from_mins(1));
    let dead = f
        .catalog
        .reserve(&name("a/b"), &version("1.0.0"), "dead", now, expires)
        .await;
    assert!(matches!(dead.unwrap(), Reserve::Granted(_)));

    // Nobody waits: it stays reserved.
    let report = import(&f, source.path()).await.unwrap();
    assert_eq!(report.versions, tally(1, 0, 1));
    assert!(report.refused[0].reason.contains("right now"), "{report:?}");

    let seen = AtomicU64::new(0);
    let waiting = |done, _| {
        seen.store(done, Ordering::SeqCst);
        if done == 2 {
            f.clock.advance_secs(61);
        }
    };
    let never = CancellationToken::new();
    let report = import_with(&f, source.path(), false, &never, &waiting).await;
    assert_eq!(report.unwrap().versions, tally(1, 1, 0));
    assert_eq!(seen.load(Ordering::SeqCst), 2);
    assert_eq!(f.download("a/b", "1.0.0").await, bundle("a/b", "1.0.0"));
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_changes_nothing() {
    let f = Fixture::new().await;
    let mut source = Source::new().await;
    source.publish("a/b", "1.0.0").await;
    source.publish("a/b", "not-a-version").await;
    source.close().await;
    let stop = CancellationToken::new();
    let dry = import_with(&f, source.path(), true, &stop, &|_, _| ()).await;
    let dry = dry.unwrap();
    assert!(f.catalog.profile("admin").await.unwrap().is_none());
    assert!(
        f.catalog
            .tool(&name("a/b"), Sees::All)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(f.objects(), Vec::<String>::new());
    assert_eq!(import(&f, source.path()).await.unwrap(), dry);
}

#[tokio::test]
async fn what_stands_in_the_log_of_a_killed_server_is_read() {
    let f = Fixture::new().await;
    let mut source = Source::new().await;
    source.publish("a/b", "1.0.0").await;
    let killed = source.killed();
    let report = import(&f, killed.path()).await.unwrap();
    let refused = &report.refused[0];
    assert_eq!(
        (refused.kind, &*refused.what),
        (RowKind::Version, "a/b@1.0.0")
    );
    assert!(refused.reason.contains("missing"), "{report:?}");
    assert!(!killed.path().join("registry.db-shm").exists());
}

#[tokio::test]
async fn one_import_at_a_time_and_what_a_killed_one_left_is_removed() {
    let f = Fixture::new().await;
    let mut source = Source::new().await;
    source.publish("a/b", "1.0.0").await;
    source.close().await;
    let left = f.spool().join("import-left");
    std::fs::create_dir(&left).unwrap();
    let lock = std::fs::File::create(f.spool().join("import.lock")).unwrap();
    lock.lock().unwrap();
    let refused = import(&f, source.path()).await.unwrap_err();
    assert!(matches!(refused, ImportError::Busy), "{refused:?}");
    assert!(left.exists());
    drop(lock);
    import(&f, source.path()).await.unwrap();
    let names: Vec<_> = std::fs::read_dir(f.spool())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["import.lock"]);
}
