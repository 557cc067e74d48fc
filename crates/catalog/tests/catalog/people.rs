//! Users, organisations, members, and the one name space that they share.

use enact_catalog::{Commit, Listed, MemberChange, NewOrg, Sees};
use enact_types::{Namespace, Role, Visibility};
use serde_json::json;

use crate::fixture::{Fixture, at, behaviours, name};

behaviours![
    users_and_organisations_share_one_name_space,
    a_tool_belongs_to_the_name_it_stands_under,
    an_organisation_always_has_an_owner,
    two_owners_who_leave_at_once_leave_one,
    private_tools_are_seen_by_those_they_belong_to,
    tools_are_listed_by_owner,
    trust_lists_are_replaced_and_keep_their_times,
];

fn org(id: &str, org_name: &str) -> NewOrg {
    NewOrg {
        id: id.to_owned(),
        name: org_name.parse().unwrap(),
        display_name: Some("An organisation".to_owned()),
        description: None,
    }
}

async fn user(f: &Fixture, username: &str) -> String {
    let id = format!("id-of-{username}");
    let profile = f.catalog.ensure_profile(username, &id, at(0)).await;
    profile.unwrap().unwrap().id
}

async fn users_and_organisations_share_one_name_space(f: Fixture) {
    let alice = f.alice.id.as_str();
    assert!(
        !f.catalog
            .create_org(&org("o1", "alice"), alice, false, at(1))
            .await
            .unwrap()
            .is_done()
    );
    assert!(
        f.catalog
            .create_org(&org("o2", "acme"), alice, false, at(1))
            .await
            .unwrap()
            .is_done()
    );
    assert!(
        !f.catalog
            .create_org(&org("o3", "acme"), alice, false, at(1))
            .await
            .unwrap()
            .is_done()
    );
    assert_eq!(
        f.catalog.ensure_profile("acme", "x", at(1)).await.unwrap(),
        None
    );
    assert_eq!(f.catalog.profile("acme").await.unwrap(), None);
    // The same rule holds for names that come into being with a publish.
    for tool in ["acme/x", "@alice/x"] {
        let reservation = f.granted(tool, "1.0.0", tool, 1).await;
        let commit = f
            .try_commit(&reservation, Visibility::Public, json!({}), 1)
            .await;
        assert_eq!(commit, Commit::NameTaken, "{tool}");
        assert_eq!(f.catalog.tool(&name(tool), Sees::All).await.unwrap(), None);
    }
    let acme = f
        .catalog
        .org(&"acme".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((acme.member_count, acme.created_by.as_str()), (1, alice));
}

async fn a_tool_belongs_to_the_name_it_stands_under(f: Fixture) {
    f.publish("bob/x", "1.0.0", "by alice, for bob").await;
    let bob = f.catalog.profile("bob").await.unwrap().unwrap();
    let tool = f
        .catalog
        .tool(&name("bob/x"), Sees::All)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((tool.owner_id, tool.org_id), (bob.id, None));
}

async fn an_organisation_always_has_an_owner(f: Fixture) {
    let (alice, bob) = (f.alice.id.clone(), user(&f, "bob").await);
    assert!(
        f.catalog
            .create_org(&org("o", "acme"), &alice, false, at(1))
            .await
            .unwrap()
            .is_done()
    );
    for change in [
        f.catalog.set_role("o", &alice, Role::Member).await.unwrap(),
        f.catalog.remove_member("o", &alice).await.unwrap(),
    ] {
        assert_eq!(change, MemberChange::LastOwner);
    }
    assert_eq!(
        f.catalog.set_role("o", &bob, Role::Owner).await.unwrap(),
        MemberChange::NotAMember
    );
    assert_eq!(
        f.catalog.remove_member("o", &bob).await.unwrap(),
        MemberChange::NotAMember
    );
    assert!(
        f.catalog
            .add_member("o", &bob, Role::Member, &alice, at(2))
            .await
            .unwrap()
    );
    assert!(
        !f.catalog
            .add_member("o", &bob, Role::Owner, &alice, at(3))
            .await
            .unwrap()
    );
    assert_eq!(f.catalog.role("o", &bob).await.unwrap(), Some(Role::Member));
    assert_eq!(
        f.catalog.set_role("o", &bob, Role::Owner).await.unwrap(),
        MemberChange::Done
    );
    assert_eq!(
        f.catalog.remove_member("o", &alice).await.unwrap(),
        MemberChange::Done
    );
    let members = f.catalog.members("o").await.unwrap();
    let members: Vec<_> = members
        .iter()
        .map(|m| (m.username.as_str(), m.role, m.added_at))
        .collect();
    assert_eq!(members, [("bob", Role::Owner, at(2))]);
    assert_eq!(f.catalog.org_names_of(&bob).await.unwrap(), ["acme"]);
}

async fn two_owners_who_leave_at_once_leave_one(f: Fixture) {
    let (alice, bob) = (f.alice.id.clone(), user(&f, "bob").await);
    for round in 0..10 {
        let (id, org_name) = (format!("o{round}"), format!("acme{round}"));
        assert!(
            f.catalog
                .create_org(&org(&id, &org_name), &alice, false, at(1))
                .await
                .unwrap()
                .is_done()
        );
        assert!(
            f.catalog
                .add_member(&id, &bob, Role::Owner, &alice, at(1))
                .await
                .unwrap()
        );
        let (one, other) = tokio::join!(
            f.catalog.remove_member(&id, &alice),
            f.catalog.set_role(&id, &bob, Role::Member),
        );
        let mut changes = [one.unwrap(), other.unwrap()];
        changes.sort_by_key(|change| *change == MemberChange::LastOwner);
        assert_eq!(changes, [MemberChange::Done, MemberChange::LastOwner]);
    }
}

async fn private_tools_are_seen_by_those_they_belong_to(f: Fixture) {
    let (bob, carol) = (user(&f, "bob").await, user(&f, "carol").await);
    for tool in ["bob/secret", "@acme/secret"] {
        f.publish_as(tool, "1.0.0", Visibility::Private, json!({}))
            .await;
    }
    let acme = f
        .catalog
        .org(&"acme".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    f.catalog
        .add_member(&acme.id, &carol, Role::Member, &f.alice.id, at(2))
        .await
        .unwrap();
    let alice = f.alice.id.as_str();
    for (tool, sees, expected) in [
        ("bob/secret", Sees::NotPrivate, false),
        ("bob/secret", Sees::AlsoOf(&bob), true),
        ("bob/secret", Sees::AlsoOf(&carol), false),
        // Who published a tool does not own it: the name does.
        ("bob/secret", Sees::AlsoOf(alice), false),
        ("bob/secret", Sees::AlsoOf(""), false),
        ("@acme/secret", Sees::AlsoOf(alice), true),
        ("@acme/secret", Sees::AlsoOf(&carol), true),
        ("@acme/secret", Sees::AlsoOf(&bob), false),
        ("@acme/secret", Sees::NotPrivate, false),
        ("@acme/secret", Sees::All, true),
    ] {
        let found = f.catalog.tool(&name(tool), sees).await.unwrap();
        assert_eq!(found.is_some(), expected, "{tool} {sees:?}");
    }
    f.catalog.remove_member(&acme.id, &carol).await.unwrap();
    let gone = f
        .catalog
        .tool(&name("@acme/secret"), Sees::AlsoOf(&carol))
        .await;
    assert_eq!(gone.unwrap(), None);
}

async fn tools_are_listed_by_owner(f: Fixture) {
    for tool in [
        "bob/b", "bob/a", "bob/c/d", "bobby/x", "bo/x", "@bo_b/x", "bob-/x",
    ] {
        f.publish(tool, "1.0.0", "x").await;
    }
    f.publish_as("bob/secret", "1.0.0", Visibility::Private, json!({}))
        .await;
    f.publish_as("bob/hidden", "1.0.0", Visibility::Unlisted, json!({}))
        .await;
    let bob = Namespace::User("bob");
    let listed = async |listed, limit, offset| {
        let (tools, total) = f
            .catalog
            .tools_of(bob, listed, limit, offset)
            .await
            .unwrap();
        let names: Vec<_> = tools.iter().map(|tool| tool.name.to_string()).collect();
        (names.join(" "), total)
    };
    assert_eq!(
        listed(Listed::Public, 10, 0).await,
        ("bob/a bob/b bob/c/d".to_owned(), 3)
    );
    assert_eq!(listed(Listed::Public, 1, 1).await, ("bob/b".to_owned(), 3));
    assert_eq!(
        listed(Listed::All, 10, 3).await,
        ("bob/hidden bob/secret".to_owned(), 5)
    );
    let (tools, total) = f
        .catalog
        .tools_of(Namespace::Org("bo_b"), Listed::Public, 9, 0)
        .await
        .unwrap();
    assert_eq!((tools.len(), total), (1, 1));
}

async fn trust_lists_are_replaced_and_keep_their_times(f: Fixture) {
    let alice = f.alice.id.as_str();
    let set = async |list: &[&str], seconds| {
        let list: Vec<_> = list.iter().map(ToString::to_string).collect();
        f.catalog
            .set_trusted_auditors(alice, &list, at(seconds))
            .await
            .unwrap();
        f.catalog.trusted_auditors(alice).await.unwrap()
    };
    let entry = |identity: &str, seconds| (identity.to_owned(), at(seconds));
    assert_eq!(
        set(&["github:b", "github:a"], 1).await,
        [entry("github:a", 1), entry("github:b", 1)]
    );
    assert_eq!(
        set(&["github:c", "github:b"], 2).await,
        [entry("github:b", 1), entry("github:c", 2)]
    );
    assert_eq!(set(&[], 3).await, []);
}
