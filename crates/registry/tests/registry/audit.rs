//! What the operator does beside the server, and what signing in brings about, in the audit log.

use enact_catalog::{AuditFilter, AuditRecord, Identity};
use enact_registry::{Grant, Operator, PublisherRule, Registry, Run, SignedIdentity};
use enact_types::{Pattern, Scopes, WorkflowRef};

use crate::fixture::Fixture;

/// The fixture's registry, as root operates it on a machine called ops.
fn operated(f: &Fixture) -> Registry {
    f.registry.clone().operated_by(Operator {
        name: "root".to_owned(),
        account: "uid 0".to_owned(),
        machine: Some("ops".to_owned()),
    })
}

/// All rows, the oldest first.
async fn rows(f: &Fixture) -> Vec<AuditRecord> {
    let page = f.registry.audit(&AuditFilter::default(), None, 100).await;
    let mut rows = page.unwrap();
    rows.reverse();
    rows
}

/// Action, target, detail and result.
fn said(row: &AuditRecord) -> (&str, &str, &str, &str) {
    let of_a_request = (&row.tool, &row.version, row.status);
    assert_eq!(of_a_request, (&None, &None, None), "{row:?}");
    (
        &row.action,
        row.target.as_deref().unwrap_or_default(),
        row.detail.as_deref().unwrap_or_default(),
        &row.result,
    )
}

fn grant() -> Grant {
    Grant {
        name: None,
        scopes: Scopes::ALL,
        lifetime: None,
    }
}

#[tokio::test]
async fn what_the_operator_changes_is_recorded_and_what_is_refused_too() {
    let f = Fixture::new().await;
    let (registry, alice) = (operated(&f), "alice".parse().unwrap());
    let who = Identity {
        issuer: "https://id.example",
        subject: "7",
    };
    registry.add_user(&alice).await.unwrap();
    registry.add_user(&alice).await.unwrap_err();
    registry.disable_user(&alice).await.unwrap();
    registry.enable_user(&alice).await.unwrap();
    let token = registry.grant_token(&alice, grant()).await.unwrap();
    registry.revoke_token(&token.info.id).await.unwrap();
    registry.bind_identity(&alice, who).await.unwrap();
    registry.unbind_identity(who).await.unwrap();
    let rule = PublisherRule {
        username: alice.clone(),
        issuer: "https://actions.example".to_owned(),
        repository: "octo/repo".parse().unwrap(),
        owner_id: None,
        workflow: None,
        git_ref: None,
        names: vec![Pattern::parse("alice/*").unwrap()],
    };
    let rule = registry.add_publisher(rule).await.unwrap();
    registry.remove_publisher(&rule).await.unwrap();
    let nobody = "carol".parse().unwrap();
    assert!(registry.grant_token(&nobody, grant()).await.is_err());

    let rows = rows(&f).await;
    let told: Vec<_> = rows.iter().map(said).collect();
    let identity = "https://id.example 7";
    let expected = [
        ("user.add", "alice", "", "ok"),
        ("user.add", "alice", "", "CONFLICT"),
        ("user.disable", "alice", "", "ok"),
        ("user.enable", "alice", "", "ok"),
        ("token.create", &token.info.id, "alice", "ok"),
        ("token.revoke", &token.info.id, "", "ok"),
        ("identity.bind", "alice", identity, "ok"),
        ("identity.unbind", "", identity, "ok"),
        ("publisher.add", &rule, "alice octo/repo", "ok"),
        ("publisher.remove", &rule, "", "ok"),
        ("token.create", "", "carol", "NOT_FOUND"),
    ];
    assert_eq!(told, expected);
    for row in &rows {
        let [actor, credential, address] = [&row.actor, &row.credential, &row.address]
            .map(|text| text.as_deref().unwrap_or_default());
        let who = (actor, &*row.via, credential, address);
        assert_eq!(who, ("root", "operator", "uid 0", "ops"));
        assert_eq!(row.at, f.now());
    }
}

#[tokio::test]
async fn what_signing_in_brings_about_is_recorded_once() {
    let f = Fixture::new().await;
    let expires_at = f.now().plus(std::time::Duration::from_hours(1));
    let signed = SignedIdentity {
        issuer: "https://id.example".to_owned(),
        subject: "7".to_owned(),
        username: Some("alice".to_owned()),
        expires_at,
    };
    for _ in 0..2 {
        let caller = f.registry.sign_in_identity(&signed).await.unwrap();
        assert!(caller.account().is_some());
    }
    let stranger = SignedIdentity {
        subject: "8".to_owned(),
        ..signed
    };
    let refused = f.registry.sign_in_identity(&stranger).await.unwrap();
    assert!(refused.account().is_none(), "the name is alice's");

    let rule = PublisherRule {
        username: "alice".parse().unwrap(),
        issuer: "https://actions.example".to_owned(),
        repository: "octo/repo".parse().unwrap(),
        owner_id: None,
        workflow: None,
        git_ref: None,
        names: vec![Pattern::parse("alice/*").unwrap()],
    };
    operated(&f).add_publisher(rule).await.unwrap();
    let workflow = "octo/repo/.github/workflows/release.yml@refs/heads/main";
    let run = Run {
        issuer: "https://actions.example".to_owned(),
        repository: "octo/repo".parse().unwrap(),
        owner_id: "42".to_owned(),
        workflow: WorkflowRef::parse(workflow).unwrap(),
        git_ref: "refs/heads/main".to_owned(),
        event: "push".to_owned(),
        run_id: Some("99".to_owned()),
        expires_at,
    };
    for _ in 0..2 {
        let caller = f.registry.sign_in_run(&run).await.unwrap();
        assert!(caller.account().is_some());
    }

    let mut rows = rows(&f).await;
    rows.retain(|row| row.via != "operator");
    let told: Vec<_> = rows
        .iter()
        .map(|row| (&*row.via, row.actor.as_deref(), said(row)))
        .collect();
    let (identity, alice) = ("https://id.example 7", Some("alice"));
    let pinned = "octo/repo of owner 42";
    let expected = [
        ("identity", alice, ("user.add", "alice", "", "ok")),
        (
            "identity",
            alice,
            ("identity.bind", "alice", identity, "ok"),
        ),
        ("workflow", alice, ("publisher.pin", "", pinned, "ok")),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_token_that_is_taken_for_its_id_is_not_kept() {
    let f = Fixture::new().await;
    let alice = "alice".parse().unwrap();
    operated(&f).add_user(&alice).await.unwrap();
    let token = operated(&f).grant_token(&alice, grant()).await.unwrap();
    let refused = operated(&f).revoke_token(&token.token).await;
    assert!(refused.is_err());
    // It is a good name too.
    let name = token.token.parse().unwrap();
    assert!(operated(&f).disable_user(&name).await.is_err());

    let rows = rows(&f).await;
    assert!(!format!("{rows:?}").contains(&token.token));
    let told: Vec<_> = rows[2..].iter().map(said).collect();
    let expected = [
        ("token.revoke", "", "", "NOT_FOUND"),
        ("user.disable", "enact_…", "", "NOT_FOUND"),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_called_done() {
    let f = Fixture::new().await;
    f.rows("DROP TABLE audit_log").await;
    let error = operated(&f)
        .add_user(&"alice".parse().unwrap())
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("could not be recorded"),
        "{error}"
    );
    // What was refused anyway is told as ever.
    let error = operated(&f)
        .add_user(&"alice".parse().unwrap())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("already"), "{error}");
}
