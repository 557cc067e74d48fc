//! Reading a tool, its versions, one version, its texts and its attestations, revoking one of these,
//! and searching: none of the statements that these run reads a whole table, on either database. A
//! program of its own, since it listens to what the database library logs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../seed/src/plan.rs"]
mod plan;
#[path = "../../../seed/src/statements.rs"]
mod statements;

use std::collections::BTreeSet;
use std::process::ExitCode;

use enact_catalog::seeding::{SeedTool, SeedVersion};
use enact_catalog::{
    AttestationRecord, AuditEntry, AuditFilter, AuditResult, Catalog, FirstSight, Identity,
    NewAttestation, NewPublisher, NewToken, PublisherAdded, Revocation, SearchQuery, Sees,
    ToolVersions,
};
use enact_testkit::Postgres;
use enact_types::{Action, Digest, Manifest, Scopes, Timestamp, Visibility};
use libtest_mimic::{Arguments, Trial};
use plan::{plan, scans};
use serde_json::json;
use sqlx::{AnyConnection, Connection as _};
use statements::{Statements, is_setting};

/// Enough for several blocks of the index.
const TOOLS: usize = 5_000;

/// How many attestations a version has.
const AUDITORS: u64 = 100;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // They share what they listen to.
    arguments.test_threads = Some(1);
    let statements = Statements::listen().expect("nobody else listens");
    let postgres = Postgres::start().expect("PostgreSQL starts");
    let url = postgres.as_ref().map(|postgres| postgres.url.clone());
    let (missing, for_sqlite) = (url.is_none(), statements.clone());
    let trials = vec![
        Trial::test("sqlite::no_route_scans_a_table", move || {
            run(async {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("registry.db");
                let catalog = Catalog::open_sqlite(&path).await.unwrap();
                let url = format!("sqlite://{}", path.display());
                no_route_scans_a_table(&catalog, &url, &for_sqlite).await;
            });
            Ok(())
        }),
        Trial::test("postgres::no_route_scans_a_table", move || {
            let url = url.ok_or("the backend is missing")?;
            run(async {
                let catalog = Catalog::connect_postgres(&url).await.unwrap();
                no_route_scans_a_table(&catalog, &url, &statements).await;
            });
            Ok(())
        })
        .with_ignored_flag(missing),
    ];
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(postgres);
    conclusion.exit_code()
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(test);
}

async fn no_route_scans_a_table(catalog: &Catalog, url: &str, statements: &Statements) {
    seed(catalog).await;
    let mut database = AnyConnection::connect(url).await.unwrap();
    // With the statistics of a server that has run for a while.
    sqlx::raw_sql("ANALYZE")
        .execute(&mut database)
        .await
        .unwrap();
    statements.take();

    let name = "alice/tool-7".parse().unwrap();
    let tool = catalog.tool(&name, Sees::NotPrivate).await.unwrap();
    let tool = tool.unwrap();
    let whole = catalog.tool_with_versions(&name, Sees::NotPrivate).await;
    let ToolVersions {
        tool: same,
        versions,
    } = whole.unwrap().unwrap();
    assert_eq!(same, tool);
    let version = catalog
        .version(&tool.id, &versions[0].version)
        .await
        .unwrap();
    let version = version.unwrap();
    catalog.texts(&version.summary.id).await.unwrap().unwrap();
    let number = Some(&version.summary.version);
    let resolved = catalog.resolve(&name, Sees::AlsoOf("alice"), number).await;
    assert_eq!(resolved.unwrap().unwrap().version, Some(version.clone()));
    let described = catalog.describe(&name, Sees::NotPrivate, None).await;
    assert!(described.unwrap().unwrap().texts.is_some());
    for (offset, signed) in [(0, 20), (1_000, 0)] {
        let page = catalog.attestations(&version.summary.id, 20, offset);
        let (records, total) = page.await.unwrap();
        assert_eq!((records.len(), total), (signed, AUDITORS));
    }
    let revoke = catalog.revoke_attestation(&version.summary.id, "auditor-7", None, now());
    assert_eq!(revoke.await.unwrap(), Revocation::Done);
    sign_in(catalog).await;
    audit(catalog).await;
    let tags = ["even".to_owned(), "odd".to_owned()];
    for (text, tags, author, total) in [
        ("", &[][..], None, TOOLS),
        ("*", &tags[..], Some("alice"), TOOLS),
        ("common", &[], None, TOOLS),
        ("common words", &tags[..1], None, TOOLS / 2),
        ("c", &[], Some("alice"), TOOLS),
        ("alice/tool-77", &[], None, 11),
        ("commmon", &[], None, TOOLS),
        ("nothing", &[], None, 0),
    ] {
        let query = SearchQuery {
            text,
            tags,
            author,
            limit: 100,
            offset: 10,
        };
        let page = catalog.search(&query).await.unwrap();
        assert_eq!(page.total, total as u64, "{text}");
        assert_eq!(page.hits.len(), total.saturating_sub(10).min(100), "{text}");
    }

    let used: BTreeSet<_> = statements.take().into_iter().map(|(sql, _)| sql).collect();
    let tables = [
        "tools t",
        "tool_versions",
        "profiles",
        "tokens t",
        "identities i",
        "trusted_publishers t",
        "attestations",
        "audit_log",
        "search_lists",
        "search_documents",
        "search_words",
    ];
    for table in tables {
        assert!(
            used.iter().any(|sql| sql.contains(table)),
            "{table} is not in {used:#?}"
        );
    }
    if database.backend_name() == "PostgreSQL" {
        // Of a table as small as here, reading all of it can be cheaper than using an index; like
        // this, it is read whole only where no index helps.
        let without = "SET enable_seqscan = off";
        sqlx::raw_sql(without).execute(&mut database).await.unwrap();
    }
    for statement in used.iter().filter(|statement| !is_setting(statement)) {
        let plan = plan(&mut database, statement).await.unwrap();
        assert!(!plan.is_empty(), "{statement}");
        assert!(!scans(&plan), "{statement}\n{plan}");
    }
    // What is looked for would be seen.
    let whole = plan(&mut database, "SELECT id FROM tools WHERE license = 'MIT'")
        .await
        .unwrap();
    assert!(scans(&whole), "{whole}");
    database.close().await.unwrap();
    catalog.close().await;
}

/// What signing in asks of the database, by a token, by an identity and as a workflow.
async fn sign_in(catalog: &Catalog) {
    let digest = Digest::of(b"user-7");
    let signed_in = catalog.sign_in(&digest, now()).await.unwrap().unwrap();
    assert_eq!(signed_in.profile.username, "user-7");
    let (used, since) = (now(), now());
    catalog.note_use("user-7", used, since).await.unwrap();
    assert_eq!(catalog.tokens_of("user-7").await.unwrap().len(), 1);
    let another = NewToken {
        id: "another",
        user_id: "user-7",
        asked_by: Some("none"),
        name: "",
        digest: &Digest::of(b"another"),
        scopes: &Scopes::ALL,
        now: now(),
        expires_at: now(),
    };
    let added = catalog.add_token(&another, 10).await;
    assert_eq!(added.unwrap(), enact_catalog::TokenAdded::Revoked);
    let revoked = catalog.revoke_token("user-7", Some("user-7"), now()).await;
    assert!(revoked.unwrap());
    let who = Identity {
        issuer: "https://id.example",
        subject: "user-7",
    };
    let bound = catalog.identity(who).await.unwrap().unwrap();
    assert_eq!(bound.profile.username, "user-7");
    let other = "user-8".parse().unwrap();
    let taken = catalog.bind_new(who, &other, "x", now());
    assert_eq!(taken.await.unwrap(), FirstSight::NameTaken);
    let repository = "octo/repo-7".parse().unwrap();
    let rules = catalog.publishers_of(who.issuer, &repository).await;
    assert_eq!(rules.unwrap().len(), 1);
    let pinned = catalog.pin_owner(who.issuer, &repository, "42").await;
    assert!(pinned.unwrap());
}

/// What the operator asks of the audit log, and asks for the next page of.
async fn audit(catalog: &Catalog) {
    let all = AuditFilter::default;
    let error = AuditResult::Error("FORBIDDEN".to_owned());
    for (filter, rows) in [
        (all(), 100),
        (
            AuditFilter {
                since: Some(now()),
                ..all()
            },
            100,
        ),
        (
            AuditFilter {
                actor: Some("user-7".to_owned()),
                ..all()
            },
            40,
        ),
        (
            AuditFilter {
                tool: Some("alice/tool-7".parse().unwrap()),
                ..all()
            },
            40,
        ),
        (
            AuditFilter {
                action: Some(Action::ToolYank),
                ..all()
            },
            100,
        ),
        (
            AuditFilter {
                result: Some(error),
                ..all()
            },
            100,
        ),
    ] {
        let page = catalog.audit(&filter, None, 100).await.unwrap();
        assert_eq!(page.len(), rows, "{filter:?}");
        catalog.audit(&filter, page.last(), 100).await.unwrap();
    }
}

async fn seed(catalog: &Catalog) {
    let now = now();
    for n in 0..2_000_usize {
        let entry = AuditEntry {
            at: now,
            action: [Action::ToolPublish, Action::ToolYank][n / 50 % 2],
            actor: Some(&format!("user-{}", n % 50)),
            via: "token",
            credential: None,
            address: None,
            tool: Some(&format!("alice/tool-{}", n % 50)),
            version: None,
            target: None,
            detail: None,
            error: (n % 3 == 0).then_some("FORBIDDEN"),
            status: None,
            request_id: None,
        };
        catalog.add_audit(&entry).await.unwrap();
    }
    // A table of one row is read whole, and rightly.
    for n in 0..100 {
        let name = format!("user-{n}");
        catalog.ensure_profile(&name, &name, now).await.unwrap();
        let token = NewToken {
            id: &name,
            user_id: &name,
            asked_by: None,
            name: "",
            digest: &Digest::of(name.as_bytes()),
            scopes: &Scopes::ALL,
            now,
            expires_at: now.plus(std::time::Duration::from_hours(1)),
        };
        let added = catalog.add_token(&token, 10).await;
        assert_eq!(added.unwrap(), enact_catalog::TokenAdded::Done);
        let who = Identity {
            issuer: "https://id.example",
            subject: &name,
        };
        assert!(catalog.bind_identity(who, &name, now).await.unwrap());
        let rule = NewPublisher {
            id: &name,
            user_id: &name,
            issuer: who.issuer,
            repository: &format!("octo/repo-{n}").parse().unwrap(),
            owner_id: None,
            workflow: None,
            git_ref: None,
            scopes: &Scopes::ALL,
            now,
        };
        let added = catalog.add_publisher(&rule, 10).await.unwrap();
        assert_eq!(added, PublisherAdded::Done);
    }
    let alice = catalog.ensure_profile("alice", "alice", now).await.unwrap();
    let alice = alice.unwrap();
    let tools: Vec<_> = (0..TOOLS)
        .map(|n| SeedTool {
            name: format!("alice/tool-{n}").parse().unwrap(),
            visibility: Visibility::Public,
            versions: ["1.0.0", "1.1.0"]
                .map(|number| SeedVersion {
                    version: number.parse().unwrap(),
                    manifest: Manifest::from_value(json!({
                        "description": "common words",
                        "tags": [if n % 2 == 0 { "even" } else { "odd" }],
                    }))
                    .unwrap(),
                    text: format!("# Tool {n}"),
                    downloads: n as u64,
                })
                .into(),
        })
        .collect();
    catalog.seed(&alice, &tools, now).await.unwrap();
    for n in 7..50 {
        // Were all of few versions, an index by version would be passed by, and rightly.
        let auditors = if n < 9 { AUDITORS } else { 1 };
        sign(catalog, &format!("alice/tool-{n}"), &alice.id, auditors).await;
    }
}

/// The newest version of a tool has attestations; those of the other are to be passed by.
async fn sign(catalog: &Catalog, tool: &str, by: &str, auditors: u64) {
    let name = tool.parse().unwrap();
    let found = catalog.tool_with_versions(&name, Sees::NotPrivate).await;
    let versions = found.unwrap().unwrap().versions;
    for n in 0..auditors {
        let record = AttestationRecord {
            auditor: format!("auditor-{n}"),
            auditor_provider: "github".to_owned(),
            signed_at: now(),
            rekor_log_id: String::new(),
            rekor_log_index: None,
        };
        let new = NewAttestation {
            id: &format!("{}-{n}", versions[0].id),
            record: &record,
            bundle: "{}",
            submitted_by: by,
        };
        let added = catalog.add_attestation(&versions[0].id, &new).await;
        assert!(added.unwrap());
    }
}

fn now() -> Timestamp {
    Timestamp::from_millis(1_764_000_000_000).unwrap()
}
