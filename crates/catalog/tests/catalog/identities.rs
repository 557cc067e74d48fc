//! Identities of other providers, and the workflows that publish without a stored secret.

use enact_catalog::{FirstSight, Identity, NewOrg, NewPublisher, PublisherAdded};
use enact_types::{Repository, Scopes};

use crate::fixture::{Fixture, at, behaviours};

behaviours![
    the_first_sight_of_an_identity_makes_an_account_and_no_other_gets_it,
    a_name_that_is_taken_is_not_given_to_an_identity,
    an_identity_that_is_seen_twice_at_once_makes_one_account,
    the_operator_binds_an_identity_and_takes_it_back,
    rules_are_found_by_their_repository,
    a_repository_publishes_as_one_user_and_has_so_many_rules,
    rules_made_at_once_are_for_one_user,
    rules_of_a_repository_are_for_one_owner,
    the_owner_of_a_repository_is_kept_once,
];

const ISSUER: &str = "https://id.example/auth";

fn who(subject: &str) -> Identity<'_> {
    Identity {
        issuer: ISSUER,
        subject,
    }
}

async fn the_first_sight_of_an_identity_makes_an_account_and_no_other_gets_it(f: Fixture) {
    let bob = "bob".parse().unwrap();
    assert_eq!(f.catalog.identity(who("1")).await.unwrap(), None);
    let made = f.catalog.bind_new(who("1"), &bob, "b", at(1)).await;
    let FirstSight::Done(profile) = made.unwrap() else {
        panic!("not made");
    };
    let bound = f.catalog.identity(who("1")).await.unwrap().unwrap();
    assert_eq!((&bound.profile, bound.disabled), (&profile, false));
    assert_eq!(
        f.catalog.profile("bob").await.unwrap().as_ref(),
        Some(&profile)
    );
    // The same number at another provider is somebody else.
    let other = Identity {
        issuer: "https://other.example",
        subject: "1",
    };
    assert_eq!(f.catalog.identity(other).await.unwrap(), None);
    let taken = f.catalog.bind_new(other, &bob, "b2", at(2)).await.unwrap();
    assert_eq!(taken, FirstSight::NameTaken);
    // One who has an account does not get a second one.
    let carol = "carol".parse().unwrap();
    let again = f.catalog.bind_new(who("1"), &carol, "c", at(2)).await;
    assert_eq!(again.unwrap(), FirstSight::Bound);
    assert_eq!(f.catalog.profile("carol").await.unwrap(), None);
    f.catalog.set_disabled(&bob, Some(at(3))).await.unwrap();
    assert!(
        f.catalog
            .identity(who("1"))
            .await
            .unwrap()
            .unwrap()
            .disabled
    );
}

async fn a_name_that_is_taken_is_not_given_to_an_identity(f: Fixture) {
    let acme = NewOrg {
        id: "o".to_owned(),
        name: "acme".parse().unwrap(),
        display_name: None,
        description: None,
    };
    let made = f.catalog.create_org(&acme, &f.alice.id, false, at(1)).await;
    assert!(made.unwrap().is_done());
    let bind = async |name: &str| {
        let name = name.parse().unwrap();
        f.catalog.bind_new(who("1"), &name, "x", at(1)).await
    };
    assert_eq!(bind("acme").await.unwrap(), FirstSight::IsOrg);
    assert_eq!(bind("alice").await.unwrap(), FirstSight::NameTaken);
    assert_eq!(f.catalog.identity(who("1")).await.unwrap(), None);
    assert_eq!(f.catalog.identities().await.unwrap(), []);
}

async fn an_identity_that_is_seen_twice_at_once_makes_one_account(f: Fixture) {
    let name = "bob".parse().unwrap();
    let (one, two) = tokio::join!(
        f.catalog.bind_new(who("1"), &name, "b1", at(1)),
        f.catalog.bind_new(who("1"), &name, "b2", at(1)),
    );
    let made = [one.unwrap(), two.unwrap()];
    let done = |made: &&FirstSight| matches!(made, FirstSight::Done(_));
    assert_eq!(made.iter().filter(done).count(), 1, "{made:?}");
    assert!(made.contains(&FirstSight::NameTaken), "{made:?}");
    assert_eq!(f.catalog.identities().await.unwrap().len(), 1);
}

async fn the_operator_binds_an_identity_and_takes_it_back(f: Fixture) {
    let bind = async |user_id: &str| {
        let done = f.catalog.bind_identity(who("1"), user_id, at(4)).await;
        done.unwrap()
    };
    assert!(bind(&f.alice.id).await);
    assert!(!bind(&f.alice.id).await, "twice");
    let listed = f.catalog.identities().await.unwrap();
    let [listed] = &listed[..] else {
        panic!("{listed:?}");
    };
    assert_eq!(
        (
            listed.username.as_str(),
            listed.subject.as_str(),
            listed.bound_at
        ),
        ("alice", "1", at(4))
    );
    let bound = f.catalog.identity(who("1")).await.unwrap().unwrap();
    assert_eq!(bound.profile, f.alice);
    assert!(f.catalog.unbind_identity(who("1")).await.unwrap());
    assert!(!f.catalog.unbind_identity(who("1")).await.unwrap());
    assert_eq!(f.catalog.identity(who("1")).await.unwrap(), None);
}

fn repository(text: &str) -> Repository {
    text.parse().unwrap()
}

async fn add(f: &Fixture, id: &str, user_id: &str, repository: &str) -> PublisherAdded {
    add_for(f, id, user_id, repository, None).await
}

async fn add_for(
    f: &Fixture,
    id: &str,
    user_id: &str,
    repository: &str,
    owner_id: Option<&str>,
) -> PublisherAdded {
    let new = NewPublisher {
        id,
        user_id,
        issuer: ISSUER,
        repository: &repository.parse().unwrap(),
        owner_id,
        workflow: Some(&"release.yml".parse().unwrap()),
        git_ref: None,
        scopes: &Scopes::parse("publish:alice/*").unwrap(),
        now: at(1),
    };
    f.catalog.add_publisher(&new, 2).await.unwrap()
}

async fn rules_are_found_by_their_repository(f: Fixture) {
    assert_eq!(
        add(&f, "1", &f.alice.id, "Octo/Repo").await,
        PublisherAdded::Done
    );
    assert_eq!(
        add(&f, "2", &f.alice.id, "octo/other").await,
        PublisherAdded::Done
    );
    let find = async |issuer: &str, name: &str| {
        let found = f.catalog.publishers_of(issuer, &repository(name)).await;
        found.unwrap()
    };
    let found = find(ISSUER, "octo/repo").await;
    let [rule] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(rule.profile, f.alice);
    assert_eq!(rule.workflow, Some("release.yml".parse().unwrap()));
    assert_eq!((&rule.git_ref, &rule.owner_id), (&None, &None));
    assert_eq!(rule.scopes.to_string(), "publish:alice/*");
    assert_eq!(rule.created_at, at(1));
    assert_eq!(find("https://other.example", "octo/repo").await, []);
    assert_eq!(find(ISSUER, "octo/rep").await, []);
    assert_eq!(f.catalog.publishers().await.unwrap().len(), 2);
    assert!(f.catalog.remove_publisher("1").await.unwrap());
    assert!(!f.catalog.remove_publisher("1").await.unwrap());
    assert_eq!(find(ISSUER, "octo/repo").await, []);
}

async fn a_repository_publishes_as_one_user_and_has_so_many_rules(f: Fixture) {
    f.catalog.ensure_profile("bob", "b", at(0)).await.unwrap();
    let alice = f.alice.id.as_str();
    assert_eq!(add(&f, "1", alice, "octo/repo").await, PublisherAdded::Done);
    assert_eq!(
        add(&f, "2", "b", "octo/repo").await,
        PublisherAdded::OtherUser("alice".to_owned())
    );
    assert_eq!(add(&f, "2", alice, "octo/repo").await, PublisherAdded::Done);
    assert_eq!(
        add(&f, "3", alice, "octo/repo").await,
        PublisherAdded::TooMany
    );
    assert_eq!(add(&f, "3", "b", "octo/other").await, PublisherAdded::Done);
}

async fn rules_made_at_once_are_for_one_user(f: Fixture) {
    f.catalog.ensure_profile("bob", "b", at(0)).await.unwrap();
    for n in 0..8 {
        let (repository, [one, other]) = (format!("octo/r{n}"), [0, 1].map(|m| format!("{n}-{m}")));
        let (one, other) = tokio::join!(
            add(&f, &one, &f.alice.id, &repository),
            add(&f, &other, "b", &repository),
        );
        let done = [&one, &other].map(|added| *added == PublisherAdded::Done);
        assert_ne!(done[0], done[1], "{one:?} {other:?}");
    }
}

async fn rules_of_a_repository_are_for_one_owner(f: Fixture) {
    let alice = f.alice.id.as_str();
    let add = async |id, owner| add_for(&f, id, alice, "octo/repo", owner).await;
    assert_eq!(add("1", Some("42")).await, PublisherAdded::Done);
    assert_eq!(
        add("2", Some("43")).await,
        PublisherAdded::OtherOwner("42".to_owned())
    );
    assert_eq!(add("3", Some("42")).await, PublisherAdded::Done);
}

async fn the_owner_of_a_repository_is_kept_once(f: Fixture) {
    let name = repository("octo/repo");
    for id in ["1", "2"] {
        add(&f, id, &f.alice.id, "octo/repo").await;
    }
    add(&f, "3", &f.alice.id, "octo/other").await;
    let pin = async |owner| f.catalog.pin_owner(ISSUER, &name, owner).await.unwrap();
    assert!(pin("42").await);
    assert!(!pin("43").await, "kept already");
    let rules = f.catalog.publishers().await.unwrap();
    let owners = |repository: &str| {
        let of = rules
            .iter()
            .filter(|rule| rule.repository.as_str() == repository);
        of.map(|rule| rule.owner_id.as_deref()).collect::<Vec<_>>()
    };
    assert_eq!(owners("octo/repo"), [Some("42"), Some("42")]);
    assert_eq!(owners("octo/other"), [None]);
}
