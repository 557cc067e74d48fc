//! Accounts and the tokens that sign their users in.

use enact_catalog::{NewToken, TokenAdded, UserAdded};
use enact_types::{Digest, Scopes};

use crate::fixture::{Fixture, at, behaviours};

behaviours![
    accounts_are_made_closed_and_opened_again,
    a_token_signs_in_until_it_expires_or_is_revoked,
    the_last_use_is_written_once_in_a_while,
    a_token_makes_others_while_it_is_good,
    a_user_has_so_many_tokens_and_no_more,
    tokens_are_listed_and_revoked_by_whose_they_are,
    tokens_made_at_once_are_counted,
];

fn digest(secret: &str) -> Digest {
    Digest::of(secret.as_bytes())
}

/// Keeps a token of `user_id` from second 0 to second 100; its secret is its id.
async fn token(f: &Fixture, id: &str, user_id: &str, now: i64, most: u64) -> bool {
    added(f, id, user_id, now, most).await == TokenAdded::Done
}

/// As [`token`], and says why not.
async fn added(f: &Fixture, id: &str, user_id: &str, now: i64, most: u64) -> TokenAdded {
    let token = NewToken {
        id,
        user_id,
        asked_by: None,
        name: "ci",
        digest: &digest(id),
        scopes: &Scopes::parse("read publish:alice/*").unwrap(),
        now: at(now),
        expires_at: at(100),
    };
    f.catalog.add_token(&token, most).await.unwrap()
}

async fn signs_in(f: &Fixture, secret: &str, now: i64) -> bool {
    let found = f.catalog.sign_in(&digest(secret), at(now)).await;
    found.unwrap().is_some()
}

async fn accounts_are_made_closed_and_opened_again(f: Fixture) {
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| name.parse().unwrap());
    let add = async |name, id| f.catalog.add_user(name, id, at(1)).await.unwrap();
    assert_eq!(add(&bob, "b").await, UserAdded::Done);
    assert_eq!(add(&bob, "b2").await, UserAdded::Exists);
    assert_eq!(add(&alice, "a2").await, UserAdded::Exists);
    let acme = enact_catalog::NewOrg {
        id: "o".to_owned(),
        name: "acme".parse().unwrap(),
        display_name: None,
        description: None,
    };
    let made = f.catalog.create_org(&acme, &f.alice.id, false, at(1)).await;
    assert!(made.unwrap().is_done());
    assert_eq!(add(&acme.name, "c").await, UserAdded::IsOrg);

    assert!(token(&f, "t", "b", 0, 10).await);
    let disable = async |name, when| f.catalog.set_disabled(name, when).await.unwrap();
    assert!(disable(&bob, Some(at(5))).await);
    assert!(disable(&bob, Some(at(6))).await, "already");
    assert!(!disable(&carol, Some(at(5))).await);
    assert!(!signs_in(&f, "t", 7).await);
    assert_eq!(added(&f, "u", "b", 7, 10).await, TokenAdded::Closed);
    let users = f.catalog.users(at(7)).await.unwrap();
    let shown: Vec<_> = users
        .iter()
        .map(|user| {
            (
                user.profile.username.as_str(),
                user.disabled_at,
                user.live_tokens,
            )
        })
        .collect();
    assert_eq!(shown, [("alice", None, 0), ("bob", Some(at(5)), 1)]);
    assert!(disable(&bob, None).await);
    assert!(signs_in(&f, "t", 7).await);
    assert_eq!(f.catalog.users(at(100)).await.unwrap()[1].live_tokens, 0);
}

async fn a_token_signs_in_until_it_expires_or_is_revoked(f: Fixture) {
    assert!(token(&f, "t", &f.alice.id, 0, 10).await);
    let found = f.catalog.sign_in(&digest("t"), at(99)).await.unwrap();
    let found = found.unwrap();
    assert_eq!(found.profile, f.alice);
    assert_eq!(
        (
            found.token_id.as_str(),
            found.expires_at,
            found.last_used_at
        ),
        ("t", at(100), None)
    );
    assert_eq!(found.scopes.to_string(), "read publish:alice/*");
    assert!(!signs_in(&f, "t", 100).await, "expired");
    assert!(!signs_in(&f, "T", 1).await, "unknown");
    let revoke = async |now| f.catalog.revoke_token("t", None, at(now)).await.unwrap();
    assert!(revoke(50).await);
    assert!(!signs_in(&f, "t", 50).await, "revoked");
    assert!(revoke(60).await, "again");
    let listed = f.catalog.tokens_of(&f.alice.id).await.unwrap();
    assert_eq!(listed[0].revoked_at, Some(at(50)));
}

async fn the_last_use_is_written_once_in_a_while(f: Fixture) {
    token(&f, "t", &f.alice.id, 0, 10).await;
    for (now, not_since, written) in [(1, -59, 1), (2, -58, 1), (60, 0, 1), (61, 1, 61)] {
        f.catalog
            .note_use("t", at(now), at(not_since))
            .await
            .unwrap();
        let found = f.catalog.sign_in(&digest("t"), at(now)).await.unwrap();
        assert_eq!(found.unwrap().last_used_at, Some(at(written)), "{now}");
    }
}

async fn a_token_makes_others_while_it_is_good(f: Fixture) {
    f.catalog.ensure_profile("bob", "b", at(0)).await.unwrap();
    assert!(token(&f, "first", &f.alice.id, 0, 10).await);
    let ask = async |id: &str, user_id: &str, asked_by: &str, now| {
        let token = NewToken {
            id,
            user_id,
            asked_by: Some(asked_by),
            name: "",
            digest: &digest(id),
            scopes: &Scopes::ALL,
            now: at(now),
            expires_at: at(200),
        };
        f.catalog.add_token(&token, 10).await.unwrap()
    };
    let alice = f.alice.id.as_str();
    assert_eq!(ask("second", alice, "first", 1).await, TokenAdded::Done);
    for (user_id, asked_by, now) in [(alice, "none", 1), ("b", "first", 1), (alice, "first", 100)] {
        let refused = ask("third", user_id, asked_by, now).await;
        assert_eq!(refused, TokenAdded::Revoked, "{user_id} {asked_by} {now}");
    }
    assert!(f.catalog.revoke_token("second", None, at(2)).await.unwrap());
    assert_eq!(ask("third", alice, "second", 3).await, TokenAdded::Revoked);
    assert!(!signs_in(&f, "third", 3).await);
}

async fn a_user_has_so_many_tokens_and_no_more(f: Fixture) {
    f.catalog.ensure_profile("bob", "b", at(0)).await.unwrap();
    let nobody = added(&f, "0", "nobody", 0, 2).await;
    assert_eq!(nobody, TokenAdded::Closed);
    assert!(token(&f, "1", &f.alice.id, 0, 2).await);
    assert!(token(&f, "2", &f.alice.id, 0, 2).await);
    let third = added(&f, "3", &f.alice.id, 0, 2).await;
    assert_eq!(third, TokenAdded::TooMany);
    assert!(!signs_in(&f, "3", 0).await);
    assert!(token(&f, "b", "b", 0, 2).await, "of another user");
    f.catalog.revoke_token("1", None, at(1)).await.unwrap();
    assert_eq!(f.catalog.tokens_of(&f.alice.id).await.unwrap().len(), 2);
    assert!(token(&f, "3", &f.alice.id, 1, 2).await);
    let kept = f.catalog.tokens_of(&f.alice.id).await.unwrap();
    let ids: Vec<_> = kept.iter().map(|token| token.id.as_str()).collect();
    assert_eq!(ids, ["3", "2"], "the dead one made room");
    // All have expired by then.
    assert!(token(&f, "4", &f.alice.id, 100, 2).await);
    assert_eq!(f.catalog.tokens_of(&f.alice.id).await.unwrap().len(), 1);
}

async fn tokens_are_listed_and_revoked_by_whose_they_are(f: Fixture) {
    f.catalog.ensure_profile("bob", "b", at(0)).await.unwrap();
    token(&f, "a1", &f.alice.id, 1, 10).await;
    token(&f, "b1", "b", 2, 10).await;
    token(&f, "a2", &f.alice.id, 3, 10).await;
    let all = f.catalog.all_tokens().await.unwrap();
    let all: Vec<_> = all.iter().map(|t| (&*t.username, &*t.id)).collect();
    assert_eq!(all, [("alice", "a2"), ("alice", "a1"), ("bob", "b1")]);
    assert_eq!(f.catalog.tokens_of("b").await.unwrap().len(), 1);
    let revoke = async |id, user| f.catalog.revoke_token(id, user, at(5)).await.unwrap();
    assert!(!revoke("a1", Some("b")).await);
    assert!(!revoke("a1", Some("")).await);
    assert!(!revoke("x", None).await);
    assert!(signs_in(&f, "a1", 5).await);
    assert!(revoke("a1", Some(&f.alice.id)).await);
    assert!(!signs_in(&f, "a1", 5).await && signs_in(&f, "b1", 5).await);
}

async fn tokens_made_at_once_are_counted(f: Fixture) {
    let made = tokio::join!(
        token(&f, "1", &f.alice.id, 0, 2),
        token(&f, "2", &f.alice.id, 0, 2),
        token(&f, "3", &f.alice.id, 0, 2),
        token(&f, "4", &f.alice.id, 0, 2),
    );
    let made = [made.0, made.1, made.2, made.3];
    assert_eq!(made.iter().filter(|made| **made).count(), 2);
}
