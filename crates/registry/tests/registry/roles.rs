//! Who may do what with a tool, by what they are in the name that it stands under.

use std::fmt::Write as _;

use enact_registry::{Caller, ErrorKind, Page, RegistryError, Selector};
use enact_types::wire::{MemberRequest, OrgRequest, RoleRequest, YankRequest};
use enact_types::{OwnerName, Visibility};

use crate::fixture::{Fixture, bundle, name};

/// How an attempt ended, in a letter: `y` done, `4` as if it did not exist, `n` not allowed, `a`
/// needs an account.
fn letter<T>(result: &Result<T, RegistryError>) -> char {
    match result.as_ref().map_err(RegistryError::kind) {
        Ok(_) => 'y',
        Err(ErrorKind::NotFound) => '4',
        Err(
            ErrorKind::Forbidden
            | ErrorKind::NamespaceMismatch { .. }
            | ErrorKind::OrgPermissionDenied,
        ) => 'n',
        Err(ErrorKind::Unauthorized) => 'a',
        Err(other) => panic!("{other:?}"),
    }
}

fn acme() -> OwnerName {
    "acme".parse().unwrap()
}

/// `acme` with a user in each role, and callers of every kind.
async fn callers(f: &Fixture) -> Vec<(&'static str, Caller)> {
    let owner = f.user("olga").await;
    let request = OrgRequest {
        name: "@Acme ".to_owned(),
        display_name: None,
        description: None,
    };
    f.registry.create_org(&owner, request).await.unwrap();
    for (username, role) in [("mia", None), ("adam", Some("admin"))] {
        f.user(username).await;
        let request = MemberRequest {
            username: username.to_owned(),
            role: role.map(str::to_owned),
        };
        f.registry
            .add_member(&owner, &acme(), &request)
            .await
            .unwrap();
    }
    vec![
        ("anonymous", Caller::Anonymous),
        ("stranger", f.user("sam").await),
        ("member", f.user("mia").await),
        ("admin", f.user("adam").await),
        ("owner", owner),
        ("operator", f.operator().await),
    ]
}

#[tokio::test]
async fn the_rights_of_every_role_on_a_tool_of_an_organisation() {
    let f = Fixture::new().await;
    let callers = callers(&f).await;
    for visibility in [Visibility::Public, Visibility::Private] {
        let mut table = String::new();
        for (n, (who, caller)) in callers.iter().enumerate() {
            let tool = format!("@acme/{who}-{}", visibility.as_str());
            let operator = &callers[5].1;
            let bytes = bundle(&tool, "1.0.0");
            f.publish_as(operator, &tool, "1.0.0", &bytes, visibility)
                .await
                .unwrap();
            let (tool, latest) = (name(&tool), Selector::Latest);
            let registry = &f.registry;
            let next = format!("1.0.{}", n + 1);
            let bytes = bundle(tool.as_str(), &next);
            let rights = [
                letter(&registry.bundle(caller, &tool, &latest, false).await),
                letter(
                    &f.publish_as(caller, tool.as_str(), &next, &bytes, visibility)
                        .await,
                ),
                letter(
                    &registry
                        .yank(caller, &tool, &latest, YankRequest::default())
                        .await,
                ),
                letter(&registry.set_visibility(caller, &tool, visibility).await),
                letter(&registry.delete_tool(caller, &tool).await),
            ];
            writeln!(table, "{who} {}", rights.iter().collect::<String>()).unwrap();
        }
        let expected = match visibility {
            Visibility::Public => {
                "anonymous yaaaa\nstranger ynnnn\nmember yyynn\nadmin yyyyn\nowner yyyyy\noperator yyyyy\n"
            }
            _ => {
                "anonymous 4aaaa\nstranger 4n444\nmember yyynn\nadmin yyyyn\nowner yyyyy\noperator yyyyy\n"
            }
        };
        assert_eq!(
            table, expected,
            "{visibility:?}: download publish yank visibility delete"
        );
    }
}

#[tokio::test]
async fn users_own_what_stands_under_their_name_and_nothing_else() {
    let f = Fixture::new().await;
    let (alice, bob) = (f.user("alice").await, f.user("bob").await);
    let bytes = bundle("alice/x", "1.0.0");
    let published = f
        .publish_as(&bob, "alice/x", "1.0.0", &bytes, Visibility::Private)
        .await;
    assert_eq!(
        *published.unwrap_err().kind(),
        ErrorKind::NamespaceMismatch {
            tool: "alice".to_owned(),
            user: "bob".to_owned()
        }
    );
    f.publish_as(&alice, "alice/x", "1.0.0", &bytes, Visibility::Private)
        .await
        .unwrap();
    assert_eq!(
        letter(&f.registry.delete_tool(&bob, &name("alice/x")).await),
        '4'
    );
    // What is private is in nobody's listing but the owner's own.
    let own = "alice".parse().unwrap();
    for (caller, include, total) in [(&bob, true, 0), (&alice, false, 0), (&alice, true, 1)] {
        let tools = f
            .registry
            .user_tools(caller, &own, include, Page::default())
            .await
            .unwrap();
        assert_eq!(
            (tools.total, tools.is_own_profile),
            (total, caller == &alice)
        );
    }
    let of_nobody = f
        .publish_as(&bob, "@nobody/x", "1.0.0", &bytes, Visibility::Public)
        .await;
    assert!(matches!(
        of_nobody.unwrap_err().kind(),
        ErrorKind::OrgNotFound { .. }
    ));
    f.registry
        .delete_tool(&alice, &name("alice/x"))
        .await
        .unwrap();
    assert_eq!(f.objects(), Vec::<String>::new());
    let again = f
        .publish_as(&alice, "alice/x", "2.0.0", &bytes, Visibility::Public)
        .await;
    assert_eq!(*again.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn who_may_change_the_members_of_an_organisation() {
    let f = Fixture::new().await;
    let callers = callers(&f).await;
    f.user("nina").await;
    let registry = &f.registry;
    let add = |role: &str| MemberRequest {
        username: "nina".to_owned(),
        role: Some(role.to_owned()),
    };
    let set = |role: &str| RoleRequest {
        role: role.to_owned(),
    };
    let nina = || "nina".parse::<OwnerName>().unwrap();
    let operator = &callers[5].1;
    let mut table = String::new();
    for (who, caller) in &callers {
        let mut rights = String::new();
        for role in ["member", "admin", "owner"] {
            let added = registry.add_member(caller, &acme(), &add(role)).await;
            rights.push(letter(&added));
            if added.is_ok() {
                registry
                    .remove_member(operator, &acme(), nina())
                    .await
                    .unwrap();
            }
        }
        registry
            .add_member(operator, &acme(), &add("member"))
            .await
            .unwrap();
        rights.push(letter(
            &registry
                .set_role(caller, &acme(), nina(), &set("admin"))
                .await,
        ));
        let removed = registry.remove_member(caller, &acme(), nina()).await;
        rights.push(letter(&removed));
        if removed.is_err() {
            registry
                .remove_member(&f.user("nina").await, &acme(), nina())
                .await
                .unwrap();
        }
        writeln!(table, "{who} {rights}").unwrap();
    }
    assert_eq!(
        table,
        "anonymous aaaaa\nstranger nnnnn\nmember nnnnn\nadmin yynnn\nowner yyyyy\noperator yyyyy\n",
        "add a member, an admin, an owner; change a role; remove"
    );
    let leaves = registry
        .remove_member(&callers[4].1, &acme(), "olga".parse().unwrap())
        .await;
    assert_eq!(*leaves.unwrap_err().kind(), ErrorKind::Conflict);
}
