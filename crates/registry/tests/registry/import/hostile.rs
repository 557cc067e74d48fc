//! Source folders that are wrong, by accident or on purpose.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;

use enact_registry::{ImportError, RowKind};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tokio_util::sync::CancellationToken;

use super::source::Source;
use super::{import, import_with, tally};
use crate::bundle::bundle_with;
use crate::fixture::{Fixture, bundle};

fn make_pipe(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap();
}

/// Imports a folder with one version that `change` spoils, and expects that it alone is refused,
/// with a reason that holds `reason`.
async fn expect_refused(change: &'static str, reason: &str) {
    let f = Fixture::new().await;
    let mut source = Source::new().await;
    source.publish("a/good", "1.0.0").await;
    source.publish("a/bad", "1.0.0").await;
    source.sql(change).await;
    source.close().await;
    let report = import(&f, source.path()).await.unwrap();
    assert_eq!(report.versions, tally(1, 0, 1), "{change}: {report:?}");
    let found = &report.refused[0].reason;
    assert!(found.contains(reason), "{change}: {found}");
    assert!(found.len() < 1000, "{change}: {found}");
    assert_eq!(f.objects(), ["bundles/a/good/1.0.0.tar.gz"], "{change}");
}

macro_rules! bad {
    ($set:literal) => {
        concat!(
            "UPDATE tool_versions SET ",
            $set,
            " WHERE tool_id = 'a/bad'"
        )
    };
}

#[tokio::test]
async fn every_value_that_breaks_a_rule_is_refused_alone() {
    for (change, reason) in [
        (bad!("version = '../../../x'"), "a version is written like"),
        (bad!("version = NULL"), "version is missing"),
        (bad!("manifest = '{'"), "not JSON"),
        (bad!("manifest = '[]'"), "must be an object"),
        (
            bad!("manifest = '{\"name\": \"a/other\"}'"),
            "is of \"a/other\"",
        ),
        (
            bad!("manifest = '{\"version\": \"2.0.0\"}'"),
            "is of version",
        ),
        (bad!("manifest = '{\"tags\": 5}'"), "\"tags\""),
        (bad!("manifest = NULL"), "manifest is missing"),
        (bad!("manifest = CAST(x'ff' AS TEXT)"), "not UTF-8"),
        (bad!("manifest = zeroblob(50000000)"), "too long: manifest"),
        (
            bad!("raw_manifest = zeroblob(1048577)"),
            "too long: raw_manifest",
        ),
        (bad!("raw_manifest = 'a' || char(0) || 'b'"), "NUL"),
        (bad!("bundle_hash = 'sha256:x'"), "bundle_hash"),
        (
            bad!("bundle_hash = 'sha256:' || printf('%064d', 0)"),
            "was published",
        ),
        (bad!("bundle_size = 1"), "but 1 were published"),
        (bad!("bundle_size = 99999999999"), "bundle_size"),
        (bad!("bundle_size = 'many'"), "bundle_size"),
        (bad!("downloads = -1"), "downloads"),
        (bad!("downloads = 9223372036854775807"), "downloads"),
        (bad!("yanked = 1"), "yanked_at is missing"),
        (
            bad!("yanked = 1, yanked_at = '2025-01-01 00:00:00', yank_replacement = 'x'"),
            "yank it again",
        ),
        (bad!("published_at = 'yesterday'"), "published_at"),
        (
            bad!("published_at = '-004713-11-24T12:00:00Z'"),
            "published_at",
        ),
        (bad!("published_by = 'nobody'"), "published_by names nobody"),
        (bad!("tool_id = 'gone'"), "is missing"),
        (
            "UPDATE tools SET name = 'A/Bad' WHERE id = 'a/bad'",
            "segment",
        ),
        (
            "UPDATE tools SET name = '../bad' WHERE id = 'a/bad'",
            "segment",
        ),
        (
            "UPDATE tools SET visibility = NULL WHERE id = 'a/bad'",
            "visibility",
        ),
        (
            "UPDATE tools SET visibility = 'secret' WHERE id = 'a/bad'",
            "\"secret\"",
        ),
        (
            "UPDATE tools SET owner_id = NULL WHERE id = 'a/bad'",
            "owner names nobody",
        ),
        (
            "UPDATE tools SET created_at = NULL WHERE id = 'a/bad'",
            "created_at is missing",
        ),
    ] {
        expect_refused(change, reason).await;
    }
}

#[tokio::test]
async fn people_and_organisations_that_break_a_rule_are_refused_alone() {
    let f = Fixture::new().await;
    let mut source = Source::new().await;
    source
        .sql(
            "INSERT INTO profiles VALUES ('p2', 'Not A Name', NULL, NULL, '2025-01-01 00:00:00');
             INSERT INTO profiles VALUES ('p3', 'timeless', NULL, NULL, NULL);
             INSERT INTO organizations VALUES ('o1', 'acme', NULL, NULL, NULL, 'p1', '2025-01-01 00:00:00');
             INSERT INTO org_members VALUES ('o1', 'p1', 'owner', '2025-01-01 00:00:00', NULL);
             INSERT INTO org_members VALUES ('o1', 'p2', 'member', '2025-01-01 00:00:00', NULL);
             INSERT INTO org_members VALUES ('o1', 'p3', 'member', '2025-01-01 00:00:00', NULL);
             INSERT INTO org_members VALUES ('o1', 'p1', 'emperor', '2025-01-01 00:00:00', NULL);
             INSERT INTO organizations VALUES ('o2', 'empty', NULL, NULL, NULL, 'p1', '2025-01-01 00:00:00');
             INSERT INTO organizations VALUES ('o3', 'admin', NULL, NULL, NULL, 'p1', '2025-01-01 00:00:00');
             INSERT INTO org_members VALUES ('o3', 'p1', 'owner', '2025-01-01 00:00:00', NULL);
             INSERT INTO tools VALUES ('t', 'p3', NULL, 'timeless/x', 'public', '2025-01-01 00:00:00', '2025-01-01 00:00:00');
             INSERT INTO organizations VALUES ('o4', 'orphan', NULL, NULL, NULL, 'p9', '2025-01-01 00:00:00');",
        )
        .await;
    source.publish("a/b", "1.0.0").await;
    source.publish("timeless/x", "1.0.0").await;
    source
        .sql("UPDATE tool_versions SET tool_id = 't' WHERE tool_id = 'timeless/x'")
        .await;
    source.close().await;
    let never = CancellationToken::new();
    let dry = import_with(&f, source.path(), true, &never, &|_, _| ()).await;
    let report = import(&f, source.path()).await.unwrap();
    assert_eq!(dry.unwrap(), report);
    assert_eq!(report.versions, tally(1, 0, 1));
    let refused: Vec<_> = report
        .refused
        .iter()
        .map(|row| (row.kind, &*row.what))
        .collect();
    assert_eq!(
        refused,
        [
            (RowKind::Person, "Not A Name"),
            (RowKind::Person, "timeless"),
            (RowKind::Member, "Not A Name of @acme"),
            (RowKind::Member, "admin of @acme"),
            (RowKind::Member, "timeless of @acme"),
            (RowKind::Organization, "@empty"),
            (RowKind::Organization, "@admin"),
            (RowKind::Organization, "@orphan"),
            (RowKind::Version, "timeless/x@1.0.0"),
        ]
    );
    assert_eq!(report.organizations, tally(1, 0, 3));
}

#[tokio::test]
async fn bundles_are_read_from_regular_files_below_their_folder_alone() {
    let f = Fixture::new().await;
    let mut source = Source::new().await;
    let names = [
        "link",
        "folder-link",
        "pipe",
        "sparse",
        "missing",
        "folder",
        "cut",
    ];
    for name in names {
        source.publish(&format!("a/{name}"), "1.0.0").await;
    }
    let traversal = {
        let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(
            Vec::new(),
            flate2::Compression::fast(),
        ));
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_mode(0o777);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(0);
        tar.append_link(&mut header, "SKILL.md", "/etc/passwd")
            .unwrap();
        tar.into_inner().unwrap().finish().unwrap()
    };
    source.publish_bytes("a/links", "1.0.0", &traversal).await;
    let settings = bundle_with("a/settings", "1.0.0", &[("lib/.git/config", "[core]\n")]);
    source.publish_bytes("a/settings", "1.0.0", &settings).await;
    source.close().await;

    // Each has the bytes that were published: it is the way there that is wrong.
    let elsewhere = tempfile::tempdir().unwrap();
    let good = elsewhere.path().join("1.0.0");
    fs::create_dir(&good).unwrap();
    let at = |name: &str| source.bundle(&format!("a/{name}"), "1.0.0");
    fs::write(good.join("bundle.tar.gz"), bundle("a/folder-link", "1.0.0")).unwrap();
    fs::remove_dir_all(at("folder-link").parent().unwrap()).unwrap();
    symlink(&good, at("folder-link").parent().unwrap()).unwrap();
    let target = elsewhere.path().join("link.tar.gz");
    fs::rename(at("link"), &target).unwrap();
    symlink(&target, at("link")).unwrap();
    for name in ["pipe", "missing", "folder"] {
        fs::remove_file(at(name)).unwrap();
    }
    make_pipe(&at("pipe"));
    fs::create_dir(at("folder")).unwrap();
    let sparse = File::options().write(true).open(at("sparse")).unwrap();
    sparse.set_len(10 << 30).unwrap();
    fs::write(at("cut"), &bundle("a/cut", "1.0.0")[1..]).unwrap();

    let report = import(&f, source.path()).await.unwrap();
    let reasons: Vec<_> = report.refused.iter().map(|row| &*row.reason).collect();
    for (reason, expected) in reasons.iter().zip([
        "is a link",
        "is a link",
        "not a regular file",
        "its bundle has 10737418240 bytes",
        "its bundle is missing",
        "not a regular file",
        "but 1",
        "symbolic link",
        "a component like .git",
    ]) {
        assert!(reason.contains(expected), "{expected}: {reason}");
    }
    assert_eq!(report.versions, tally(0, 0, 9), "{report:?}");
    assert_eq!(f.objects(), Vec::<String>::new());
}

#[tokio::test]
async fn a_database_that_is_not_the_existing_servers_is_refused_whole() {
    type Spoil = fn(&Path);
    let cases: [(Spoil, &str); 5] = [
        (|at| fs::remove_file(at).unwrap(), "there is no database"),
        (
            |at| fs::write(at, "hello").unwrap(),
            "not a SQLite database",
        ),
        (
            |at| {
                fs::remove_file(at).unwrap();
                make_pipe(at);
            },
            "not a regular file",
        ),
        (
            |at| {
                let half = fs::metadata(at).unwrap().len() / 2;
                File::options()
                    .write(true)
                    .open(at)
                    .unwrap()
                    .set_len(half)
                    .unwrap();
            },
            "damaged",
        ),
        (
            |at| {
                let mut bytes = fs::read(at).unwrap();
                let start = bytes.len() / 3;
                bytes[start..start * 2].fill(0xA5);
                fs::write(at, bytes).unwrap();
            },
            "damaged",
        ),
    ];
    for (spoil, expected) in cases {
        let mut source = Source::new().await;
        source.publish("a/b", "1.0.0").await;
        source.close().await;
        spoil(&source.path().join("registry.db"));
        expect_unusable(&source, expected).await;
    }
}

#[tokio::test]
async fn a_schema_that_could_do_more_than_hold_rows_is_refused_whole() {
    for (change, expected) in [
        (
            "ALTER TABLE tool_versions DROP COLUMN bundle_hash",
            "has no column \"bundle_hash\"",
        ),
        ("DROP TABLE org_members", "no table \"org_members\""),
        (
            "DROP TABLE tool_versions; CREATE VIEW tool_versions AS WITH RECURSIVE n(x) AS \
             (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT * FROM n",
            "not an ordinary table",
        ),
        (
            "ALTER TABLE tools ADD COLUMN big GENERATED ALWAYS AS (zeroblob(1000000000))",
            "computed columns",
        ),
        (
            "DROP TABLE attestations; CREATE VIRTUAL TABLE attestations USING fts5(id)",
            "not an ordinary table",
        ),
        (
            "DROP TABLE profiles; CREATE TABLE schema_migrations (version BIGINT)",
            "made by this program",
        ),
    ] {
        let mut source = Source::new().await;
        source.sql(change).await;
        source.close().await;
        expect_unusable(&source, expected).await;
    }
}

async fn expect_unusable(source: &Source, expected: &str) {
    let f = Fixture::new().await;
    let error = import(&f, source.path()).await.unwrap_err();
    let ImportError::Source(error) = error else {
        panic!("{expected}: {error:?}");
    };
    let message = error.to_string();
    assert!(message.contains(expected), "{expected}: {message}");
}
