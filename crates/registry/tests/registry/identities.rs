//! Signing in by what an identity provider says, on a clock that stands still.

use enact_catalog::Identity;
use enact_registry::{Caller, ErrorKind, Refused, SignedIdentity, Via};
use enact_types::OwnerName;
use enact_types::wire::{OrgRequest, TokenRequest};

use crate::fixture::Fixture;

const ISSUER: &str = "https://id.example";

fn who(subject: &str) -> Identity<'_> {
    Identity {
        issuer: ISSUER,
        subject,
    }
}

fn signed(f: &Fixture, subject: &str, username: Option<&str>) -> SignedIdentity {
    SignedIdentity {
        issuer: ISSUER.to_owned(),
        subject: subject.to_owned(),
        username: username.map(ToOwned::to_owned),
        expires_at: f.now().plus(std::time::Duration::from_hours(1)),
    }
}

async fn sign_in(f: &Fixture, subject: &str, username: Option<&str>) -> Caller {
    let signed = signed(f, subject, username);
    f.registry.sign_in_identity(&signed).await.unwrap()
}

fn name(caller: &Caller) -> &str {
    &caller.account().unwrap().profile.username
}

fn why(caller: &Caller) -> &str {
    match caller {
        Caller::Refused(Refused::Because(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn owner(text: &str) -> OwnerName {
    text.parse().unwrap()
}

#[tokio::test]
async fn the_first_sign_in_takes_the_name_and_from_then_on_the_binding_counts() {
    let f = Fixture::new().await;
    let alice = sign_in(&f, "1", Some("alice")).await;
    assert_eq!(name(&alice), "alice");
    assert!(matches!(
        &alice.account().unwrap().via,
        Via::Identity { issuer, subject, .. } if issuer == ISSUER && subject == "1"
    ));
    // Whatever name the token states later, or none.
    for stated in [Some("bob"), Some("admin"), Some("NO NAME"), None] {
        assert_eq!(name(&sign_in(&f, "1", stated).await), "alice");
    }
    let mallory = sign_in(&f, "2", Some("alice")).await;
    assert!(why(&mallory).contains("somebody's here already"));
    let error = f.registry.me(&mallory).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Unauthorized);
    assert!(error.to_string().contains("alice"), "{error}");
}

#[tokio::test]
async fn a_name_that_nobody_may_have_is_refused_and_makes_nothing() {
    let f = Fixture::new().await;
    f.user("bob").await;
    let request = OrgRequest {
        name: "acme".to_owned(),
        display_name: None,
        description: None,
    };
    let bob = f.user("bob").await;
    f.registry.create_org(&bob, request).await.unwrap();
    f.registry.admin().await.unwrap();
    let before = f.rows("SELECT username FROM profiles ORDER BY 1").await;
    let long = "a".repeat(65);
    for (subject, stated) in [
        ("1", Some("admin")),
        ("1", Some("acme")),
        ("1", Some("bob")),
        ("1", Some("Alice")),
        ("1", Some("a/b")),
        ("1", Some("")),
        ("1", Some(&*long)),
        ("1", Some("a\0b")),
        ("1", None),
        ("", Some("alice")),
        ("a\0b", Some("alice")),
        (&*"x".repeat(513), Some("alice")),
    ] {
        let caller = sign_in(&f, subject, stated).await;
        assert!(!why(&caller).is_empty(), "{stated:?}");
    }
    let after = f.rows("SELECT username FROM profiles ORDER BY 1").await;
    assert_eq!(before, after);
    assert_eq!(f.registry.identities().await.unwrap(), []);
}

#[tokio::test]
async fn the_operator_binds_a_name_that_is_there_to_whose_it_is() {
    let f = Fixture::new().await;
    f.registry.add_user(&owner("alice")).await.unwrap();
    let bind = async |username: &str, subject: &str| {
        let name = owner(username);
        let done = f.registry.bind_identity(&name, who(subject)).await;
        done.map_err(|error| error.kind().clone())
    };
    bind("alice", "1").await.unwrap();
    assert_eq!(name(&sign_in(&f, "1", Some("other")).await), "alice");
    assert_eq!(bind("alice", "1").await, Err(ErrorKind::Conflict));
    assert_eq!(bind("nobody", "2").await, Err(ErrorKind::NotFound));
    assert_eq!(bind("admin", "2").await, Err(ErrorKind::Forbidden));
    for subject in ["", "a\0", "a\n"] {
        assert_eq!(bind("alice", subject).await, Err(ErrorKind::Invalid));
    }
    // Somebody may have two ways in.
    bind("alice", "2").await.unwrap();
    assert_eq!(name(&sign_in(&f, "2", None).await), "alice");
    f.registry.unbind_identity(who("2")).await.unwrap();
    let error = f.registry.unbind_identity(who("2")).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::NotFound);
    assert!(!why(&sign_in(&f, "2", Some("alice")).await).is_empty());
    assert_eq!(f.registry.identities().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_closed_account_signs_nobody_in() {
    let f = Fixture::new().await;
    sign_in(&f, "1", Some("alice")).await;
    f.registry.disable_user(&owner("alice")).await.unwrap();
    assert_eq!(sign_in(&f, "1", Some("alice")).await, Caller::Anonymous);
    assert_eq!(sign_in(&f, "1", Some("alice2")).await, Caller::Anonymous);
    f.registry.enable_user(&owner("alice")).await.unwrap();
    assert_eq!(name(&sign_in(&f, "1", Some("alice")).await), "alice");
}

#[tokio::test]
async fn a_token_that_is_made_with_one_lives_as_long_as_tokens_do_and_no_longer() {
    let f = Fixture::new().await;
    let alice = sign_in(&f, "1", Some("alice")).await;
    let make = async |life: Option<&str>| {
        let request = TokenRequest {
            expires_in: life.map(ToOwned::to_owned),
            ..TokenRequest::default()
        };
        f.registry.create_token(&alice, request).await
    };
    let days = |days: u64| f.now().plus(std::time::Duration::from_hours(24 * days));
    for (life, ends) in [(None, 90), (Some("90d"), 90), (Some("1d"), 1)] {
        assert_eq!(make(life).await.unwrap().info.expires_at, days(ends));
    }
    let error = make(Some("91d")).await.err().unwrap();
    assert_eq!(*error.kind(), ErrorKind::Forbidden);
}
