//! `enact org`, against a real registry.

use crate::served::Served;

#[test]
fn an_organisation_is_made_filled_and_shown() {
    let served = Served::new();
    let made = served.enact(&["org", "create", "acme", "--description", "Makes things"]);
    assert!(made.success().stdout.contains("acme"));
    let data = served.sandbox.path("data");
    let user = ["user", "add", "bob", "--data", data.to_str().unwrap()];
    served.enact(&user).success();
    served
        .enact(&["org", "add-member", "@acme", "bob"])
        .success();
    let ended = served.enact(&["org", "set-role", "acme", "bob", "admin"]);
    let said = ended.success().stdout;
    assert!(said.contains("bob is now an admin of acme"), "{said}");
    let info = served.enact(&["org", "info", "acme"]).success().stdout;
    assert!(info.contains("bob     admin"), "{info}");
    let json = served.enact(&["org", "info", "acme", "--json"]).success();
    assert_eq!(json.json()["org"]["member_count"], 2);
    served
        .enact(&["org", "remove-member", "acme", "bob"])
        .success();
    let json = served.enact(&["org", "info", "acme", "--json"]).success();
    assert_eq!(json.json()["members"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_wrong_is_said() {
    let served = Served::new();
    served.enact(&["org", "create", "acme"]).success();
    for (args, code, word) in [
        (&["org", "create", "acme"][..], 1, "taken"),
        (&["org", "info", "nobody"], 1, "nobody"),
        (&["org", "create", "A b"], 2, "a-z"),
        (&["org", "set-role", "acme", "admin", "king"], 2, "owner"),
        (&["org", "remove-member", "acme", "admin"], 1, "owner"),
    ] {
        let ended = served.enact(args);
        assert_eq!(ended.code, code, "{args:?}: {ended:?}");
        assert!(ended.stderr.contains(word), "{args:?}: {ended:?}");
    }
}
