//! Trusted publishing: what a run has to be to publish, and what it may.

use enact_registry::{Caller, ErrorKind, PublisherRule, Refused, Run, Selector};
use enact_types::wire::TokenRequest;
use enact_types::{Pattern, Visibility};

use crate::fixture::{Fixture, bundle};

const ISSUER: &str = "https://actions.example";

/// The rule that these tests are about: `octo/repo`, its `release.yml`, for tags.
fn rule() -> PublisherRule {
    PublisherRule {
        username: "alice".parse().unwrap(),
        issuer: ISSUER.to_owned(),
        repository: "Octo/Repo".parse().unwrap(),
        owner_id: None,
        workflow: Some("release.yml".parse().unwrap()),
        git_ref: Some("refs/tags/*".parse().unwrap()),
        names: vec![Pattern::parse("alice/*").unwrap()],
    }
}

/// A run that the rule is for.
fn run(f: &Fixture) -> Run {
    let workflow = "octo/repo/.github/workflows/release.yml@refs/tags/v1";
    Run {
        issuer: ISSUER.to_owned(),
        repository: "octo/repo".parse().unwrap(),
        owner_id: "42".to_owned(),
        workflow: enact_types::WorkflowRef::parse(workflow).unwrap(),
        git_ref: "refs/tags/v1".to_owned(),
        event: "push".to_owned(),
        run_id: Some("7".to_owned()),
        expires_at: f.now().plus(std::time::Duration::from_mins(5)),
    }
}

async fn with(rules: &[PublisherRule]) -> Fixture {
    let f = Fixture::new().await;
    f.user("alice").await;
    f.user("bob").await;
    for rule in rules {
        f.registry.add_publisher(rule.clone()).await.unwrap();
    }
    f
}

async fn sign_in(f: &Fixture, change: impl Fn(&mut Run)) -> Caller {
    let mut run = run(f);
    change(&mut run);
    f.registry.sign_in_run(&run).await.unwrap()
}

async fn refused(f: &Fixture, change: impl Fn(&mut Run)) -> String {
    match sign_in(f, change).await {
        Caller::Refused(Refused::Because(why)) => why,
        other => panic!("{other:?}"),
    }
}

async fn publish(f: &Fixture, caller: &Caller, tool: &str) -> Result<(), ErrorKind> {
    let bytes = bundle(tool, "1.0.0");
    let done = f
        .publish_as(caller, tool, "1.0.0", &bytes, Visibility::Private)
        .await;
    done.map(drop).map_err(|error| error.kind().clone())
}

#[tokio::test]
async fn a_run_publishes_what_its_rule_names_and_does_nothing_else() {
    let f = with(&[rule()]).await;
    let caller = sign_in(&f, |_| ()).await;
    let account = caller.account().unwrap();
    assert_eq!(account.profile.username, "alice");
    assert_eq!(account.scopes.to_string(), "publish:alice/*");
    publish(&f, &caller, "alice/greeter").await.unwrap();
    assert_eq!(
        publish(&f, &caller, "bob/greeter").await,
        Err(ErrorKind::Forbidden)
    );
    // It does not even see what it published, and makes no tokens.
    let name = "alice/greeter".parse().unwrap();
    let seen = f
        .registry
        .bundle(&caller, &name, &Selector::Latest, false)
        .await
        .err()
        .unwrap();
    assert_eq!(*seen.kind(), ErrorKind::NotFound);
    let token = f.registry.create_token(&caller, TokenRequest::default());
    assert_eq!(*token.await.err().unwrap().kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn a_run_of_another_repository_workflow_ref_or_event_publishes_nothing() {
    let f = with(&[rule()]).await;
    let workflow = |text: &str| enact_types::WorkflowRef::parse(text).unwrap();
    for (says, change) in [
        (
            "no rule lets",
            Box::new(|run: &mut Run| run.issuer = "https://other.example".to_owned())
                as Box<dyn Fn(&mut Run)>,
        ),
        (
            "no rule lets",
            Box::new(|run| {
                run.repository = "octo/repo2".parse().unwrap();
                run.workflow = workflow("octo/repo2/.github/workflows/release.yml@refs/tags/v1");
            }),
        ),
        (
            "not of the repository",
            Box::new(|run| {
                run.workflow = workflow("evil/repo/.github/workflows/release.yml@refs/tags/v1");
            }),
        ),
        (
            "fits",
            Box::new(|run| {
                run.workflow = workflow("octo/repo/.github/workflows/test.yml@refs/tags/v1");
            }),
        ),
        (
            "fits",
            Box::new(|run| run.git_ref = "refs/heads/main".to_owned()),
        ),
        (
            "another event",
            Box::new(|run| run.event = "pull_request_target".to_owned()),
        ),
        (
            "another event",
            Box::new(|run| run.event = "workflow_run".to_owned()),
        ),
        ("number", Box::new(|run| run.owner_id = String::new())),
    ] {
        let why = refused(&f, change).await;
        assert!(why.contains(says), "{why}");
    }
    // None of them told whose repository it is.
    assert_eq!(f.registry.publishers().await.unwrap()[0].owner_id, None);
    f.registry
        .disable_user(&"alice".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(sign_in(&f, |_| ()).await, Caller::Anonymous);
}

#[tokio::test]
async fn who_takes_a_repositorys_name_over_publishes_nothing() {
    let f = with(&[rule()]).await;
    sign_in(&f, |_| ()).await.account().unwrap();
    let why = refused(&f, |run| run.owner_id = "43".to_owned()).await;
    assert!(why.contains("another owner"), "{why}");
    // Nor by a further rule, which has not been used yet.
    let wider = PublisherRule {
        git_ref: None,
        ..rule()
    };
    f.registry.add_publisher(wider).await.unwrap();
    let main = |run: &mut Run| run.git_ref = "refs/heads/main".to_owned();
    let why = refused(&f, |run| {
        main(run);
        run.owner_id = "43".to_owned();
    })
    .await;
    assert!(why.contains("another owner"), "{why}");
    sign_in(&f, main).await.account().unwrap();
    let owners = f.rows("SELECT DISTINCT owner_id FROM trusted_publishers");
    assert_eq!(owners.await, ["42"]);

    // Or the operator says beforehand whose it is.
    let known = PublisherRule {
        owner_id: Some("42".to_owned()),
        ..rule()
    };
    let f = with(&[known]).await;
    refused(&f, |run| run.owner_id = "43".to_owned()).await;
    sign_in(&f, |_| ()).await.account().unwrap();
}

#[tokio::test]
async fn rules_add_up() {
    let names = |text: &str| vec![Pattern::parse(text).unwrap()];
    let (greeter, other) = (
        PublisherRule {
            names: names("alice/greeter"),
            ..rule()
        },
        PublisherRule {
            names: names("alice/other"),
            workflow: None,
            git_ref: Some("refs/heads/main".parse().unwrap()),
            ..rule()
        },
    );
    let any = PublisherRule {
        names: names("alice/any"),
        workflow: None,
        git_ref: None,
        ..rule()
    };
    let f = with(&[greeter, other, any]).await;
    let scopes = async |git_ref: &str| {
        let caller = sign_in(&f, |run| run.git_ref = git_ref.to_owned()).await;
        caller.account().unwrap().scopes.to_string()
    };
    assert_eq!(
        scopes("refs/tags/v1").await,
        "publish:alice/any publish:alice/greeter"
    );
    assert_eq!(
        scopes("refs/heads/main").await,
        "publish:alice/any publish:alice/other"
    );
    assert_eq!(scopes("refs/heads/dev").await, "publish:alice/any");
}

#[tokio::test]
async fn a_rule_is_for_what_its_user_may_publish() {
    let f = with(&[]).await;
    let add = async |rule: PublisherRule| {
        let added = f.registry.add_publisher(rule).await;
        added.map_err(|error| error.kind().clone())
    };
    let names = |names: &[&str]| PublisherRule {
        names: names.iter().map(|n| Pattern::parse(n).unwrap()).collect(),
        ..rule()
    };
    assert_eq!(add(names(&["bob/*"])).await, Err(ErrorKind::Invalid));
    assert_eq!(add(names(&[])).await, Err(ErrorKind::Invalid));
    assert_eq!(add(names(&["alice/x"; 6])).await, Err(ErrorKind::Invalid));
    let of = |username: &str| PublisherRule {
        username: username.parse().unwrap(),
        ..rule()
    };
    assert_eq!(add(of("admin")).await, Err(ErrorKind::Forbidden));
    assert_eq!(add(of("carol")).await, Err(ErrorKind::NotFound));
    let owner = PublisherRule {
        owner_id: Some("octo".to_owned()),
        ..rule()
    };
    assert_eq!(add(owner).await, Err(ErrorKind::Invalid));
    let bob = |names: &str| PublisherRule {
        names: vec![Pattern::parse(names).unwrap()],
        ..of("bob")
    };
    let id = add(rule()).await.unwrap();
    assert_eq!(add(bob("bob/*")).await, Err(ErrorKind::Conflict));
    for _ in 1..10 {
        add(rule()).await.unwrap();
    }
    assert_eq!(add(rule()).await, Err(ErrorKind::Conflict));
    let remove = async |id: &str| {
        let removed = f.registry.remove_publisher(id).await;
        removed.map_err(|error| error.kind().clone())
    };
    remove(&id).await.unwrap();
    assert_eq!(remove(&id).await, Err(ErrorKind::NotFound));
    assert_eq!(remove("a\0b").await, Err(ErrorKind::NotFound));
    assert_eq!(f.registry.publishers().await.unwrap().len(), 9);
}
