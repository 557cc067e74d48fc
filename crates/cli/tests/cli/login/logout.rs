//! Forgetting a token, and having it revoked.

use serde_json::json;

use super::{FILE, Team};

#[test]
fn logout_forgets_and_says_what_is_left() {
    let team = Team::new();
    let token = team.token();
    let nothing = team.enact(&["logout", "--json"]).success();
    assert_eq!(nothing.json()["forgotten"], false);
    assert!(!team.sandbox.path("home/.enact").exists());

    team.login(&token).success();
    let ended = team.enact(&["logout"]).success();
    assert!(ended.stdout.contains("you were alice"), "{ended:?}");
    assert!(!team.sandbox.read(FILE).contains(&token));
    let ended = team.enact(&["whoami"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    // It was only forgotten.
    let env = [("ENACT_AUTH_TOKEN", &*token)];
    assert_eq!(team.whoami(&env, &[]).0, "alice");
    let vars = [("ENACT_REGISTRY_URL", &*team.server.url), env[0]];
    let ended = team.sandbox.enact_with(&vars, &["logout"]).success();
    assert!(
        ended
            .stderr
            .contains("still the token from ENACT_AUTH_TOKEN"),
        "{ended:?}"
    );
}

#[test]
fn logout_can_have_the_token_revoked() {
    let team = Team::new();
    let (token, other) = (team.token(), team.token());
    team.login(&token).success();
    // The one that was kept, whatever else there is to sign in with.
    let env = [
        ("ENACT_REGISTRY_URL", &*team.server.url),
        ("ENACT_AUTH_TOKEN", &*other),
    ];
    let ended = team
        .sandbox
        .enact_with(&env, &["logout", "--revoke", "--json"]);
    let json = ended.success().json();
    assert_eq!(
        (&json["forgotten"], &json["revoked"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(team.whoami(&env[1..], &[]).0, "alice");
    let ended = team.login(&token);
    assert_eq!(ended.code, 1, "{ended:?}");

    // One that is no good any more is no reason to keep it.
    let made = team.new_token();
    team.login(made["token"].as_str().unwrap()).success();
    team.operator(&["token", "revoke", made["id"].as_str().unwrap()])
        .success();
    let json = team
        .enact(&["logout", "--revoke", "--json"])
        .success()
        .json();
    assert_eq!(
        (&json["forgotten"], &json["revoked"]),
        (&json!(true), &json!(false))
    );

    // A registry that cannot be asked is: the token is still good there.
    team.login(&other).success();
    let Team { sandbox, server } = team;
    let url = server.url.clone();
    assert!(server.stop().unwrap().success());
    let args = ["logout", "--revoke", "--registry", &url];
    assert_eq!(sandbox.enact_with(&[], &args).code, 1);
    assert!(sandbox.read(FILE).contains(&other));
}

#[test]
fn a_key_cannot_be_revoked_but_forgotten() {
    let key = "0123456789abcdef";
    let team = Team::with(&[("ENACT_REGISTRY_API_KEY", key)]);
    team.login(key).success();
    assert_eq!(team.whoami(&[], &[]).0, "admin");
    let ended = team.enact(&["logout", "--revoke"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("cannot revoke"), "{ended:?}");
    assert_eq!(team.whoami(&[], &[]).0, "admin");
    team.enact(&["logout"]).success();
}
