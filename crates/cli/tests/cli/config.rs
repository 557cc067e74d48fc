//! `enact config`: the file is changed with care, and nothing secret is shown.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use crate::sandbox::{Ended, Sandbox};

const FILE: &str = "home/.enact/config.yaml";

const WRITTEN_BY_HAND: &str = "\
# mine
version: 1.0.0
registry:
  url: https://old.example   # the one at work
  authToken: s3cret-token
future: {clientSecret: s3cret-client, kept: [1, 2]}
";

fn written_by_hand() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(FILE, WRITTEN_BY_HAND);
    sandbox
}

fn enact(sandbox: &Sandbox, args: &[&str]) -> Ended {
    sandbox.enact_with(&[], args)
}

fn mode(sandbox: &Sandbox, path: &str) -> u32 {
    let metadata = fs::metadata(sandbox.path(path)).unwrap();
    metadata.permissions().mode() & 0o777
}

#[test]
fn a_new_file_is_for_its_user_alone() {
    let sandbox = Sandbox::new();
    enact(
        &sandbox,
        &["config", "set", "registry.url", "https://new.example"],
    )
    .success();
    assert_eq!(
        sandbox.read(FILE),
        "registry:\n  url: https://new.example\n"
    );
    assert_eq!(mode(&sandbox, FILE), 0o600);
    assert_eq!(mode(&sandbox, "home/.enact"), 0o700);
    let get = enact(&sandbox, &["config", "get", "registry.url"]).success();
    assert_eq!(get.stdout, "https://new.example\n");
}

#[test]
fn a_change_keeps_the_rest_of_the_file_and_its_mode() {
    let sandbox = written_by_hand();
    fs::set_permissions(sandbox.path(FILE), fs::Permissions::from_mode(0o640)).unwrap();
    enact(
        &sandbox,
        &["config", "set", "registry.url", "https://new.example"],
    )
    .success();
    enact(&sandbox, &["config", "set", "cache.maxSizeMb", "7"]).success();
    let expected = WRITTEN_BY_HAND.replace("old.example", "new.example");
    assert_eq!(
        sandbox.read(FILE),
        format!("{expected}cache:\n  maxSizeMb: 7\n")
    );
    assert_eq!(mode(&sandbox, FILE), 0o640);
    assert!(!sandbox.path("home/.enact/config.yaml.bak").exists());
}

#[test]
fn what_is_more_than_a_line_is_written_anew_and_the_old_file_kept() {
    let sandbox = written_by_hand();
    let set = ["config", "set", "future.kept", "[3]", "--json"];
    let ended = enact(&sandbox, &set).success();
    let backup = sandbox.path("home/.enact/config.yaml.bak");
    assert_eq!(ended.json()["backup"], json!(backup));
    assert_eq!(fs::read_to_string(&backup).unwrap(), WRITTEN_BY_HAND);
    assert_eq!(mode(&sandbox, "home/.enact/config.yaml.bak"), 0o600);
    let kept = enact(&sandbox, &["config", "get", "future.kept", "--json"]).success();
    assert_eq!(kept.json(), json!({"key": "future.kept", "value": [3]}));
    let url = enact(&sandbox, &["config", "get", "registry.url"]).success();
    assert_eq!(url.stdout, "https://old.example\n");
}

#[test]
fn a_link_stays_a_link() {
    let sandbox = Sandbox::new();
    sandbox.write("dotfiles/enact.yaml", "trust:\n  policy: prompt\n");
    fs::create_dir(sandbox.path("home/.enact")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("dotfiles/enact.yaml"), sandbox.path(FILE)).unwrap();
    enact(&sandbox, &["config", "set", "trust.policy", "allow"]).success();
    assert_eq!(
        sandbox.read("dotfiles/enact.yaml"),
        "trust:\n  policy: allow\n"
    );
    assert!(
        fs::symlink_metadata(sandbox.path(FILE))
            .unwrap()
            .is_symlink()
    );
}

#[test]
fn what_is_known_has_to_be_right() {
    let sandbox = written_by_hand();
    for (key, value) in [
        ("registry.url", "not a url"),
        ("registry.url", "https://user:s3cret@x.example"),
        ("registry.url", "7"),
        ("registry", "7"),
        ("trust.policy", "never"),
        ("cache.maxSizeMb", "-1"),
        ("cache.maxSizeMb", "many"),
        ("version.major", "1"),
    ] {
        let ended = enact(&sandbox, &["config", "set", key, value]);
        assert_eq!(ended.code, 1, "{key}: {ended:?}");
        assert!(!ended.stderr.contains("s3cret"), "{ended:?}");
        assert_eq!(sandbox.read(FILE), WRITTEN_BY_HAND, "{key}");
    }
    for key in ["", "a..b", ".a", "a b"] {
        assert_eq!(
            enact(&sandbox, &["config", "set", key, "1"]).code,
            2,
            "{key:?}"
        );
    }
}

#[test]
fn secrets_are_taken_from_stdin_alone() {
    let sandbox = Sandbox::new();
    for (key, value) in [
        ("registry.authToken", "s3cret"),
        ("registry", r#"{"authToken": "s3cret"}"#),
        ("some.name", "enact_s3cret"),
    ] {
        let ended = enact(&sandbox, &["config", "set", key, value]);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.stderr.contains("enact login"), "{ended:?}");
        assert!(!sandbox.path("home/.enact").exists());
    }
    let set = ["config", "set", "registry.authToken", "-"];
    let ended = sandbox.enact_told(&[], &set, "s3cret-7\n").success();
    assert!(!ended.stdout.contains("s3cret"), "{ended:?}");
    assert_eq!(sandbox.read(FILE), "registry:\n  authToken: s3cret-7\n");
}

#[test]
fn a_broken_file_is_not_made_worse() {
    let sandbox = Sandbox::new();
    sandbox.write(FILE, "registry: {authToken: s3cret");
    for args in [&["set", "a", "1"][..], &["get", "a"], &["list"]] {
        let ended = enact(&sandbox, &[&["config"], args].concat());
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(!ended.stderr.contains("s3cret"), "{ended:?}");
    }
    assert_eq!(sandbox.read(FILE), "registry: {authToken: s3cret");
    enact(&sandbox, &["config", "path"]).success();
    let shown = enact(&sandbox, &["config", "show", "--json"]).success();
    assert_eq!(shown.json()["problems"][0]["of"], "client");
}

#[test]
fn changes_at_once_are_all_kept() {
    let sandbox = Sandbox::new();
    let keys: Vec<String> = (0..8).map(|number| format!("some.key{number}x")).collect();
    let running: Vec<_> = keys
        .iter()
        .map(|key| sandbox.start("http://127.0.0.1:9", &["config", "set", key, "1"]))
        .collect();
    for one in running {
        one.wait().success();
    }
    let listed = enact(&sandbox, &["config", "list", "--json"]).success();
    let settings = listed.json()["settings"].clone();
    assert!(keys.iter().all(|key| settings[key] == 1), "{settings}");
}

/// Every variable with a secret in it, and some that may hold one.
const SECRETS: [(&str, &str); 9] = [
    ("ENACT_AUTH_TOKEN", "s3cret-auth"),
    ("ENACT_REGISTRY_API_KEY", "s3cret-0123456789abcdef"),
    (
        "ENACT_JWT_SECRET",
        "s3cret-0123456789abcdef0123456789abcdef",
    ),
    (
        "DATABASE_URL",
        "postgres://enact:s3cret@db.example/enact?password=s3cret",
    ),
    ("R2_ACCESS_KEY_ID", "an-id"),
    ("R2_SECRET_ACCESS_KEY", "s3cret-key"),
    ("R2_ENDPOINT", "https://user:s3cret@store.example"),
    ("HTTPS_PROXY", "http://user:s3cret@proxy.example:3128"),
    ("all_proxy", "user:s3cret@proxy.example:3128"),
];

#[test]
fn no_secret_is_shown() {
    let sandbox = written_by_hand();
    for args in [
        &["show"][..],
        &["list"],
        &["get", "registry"],
        &["get", "registry.authToken"],
        &["get", "future"],
    ] {
        for json in [&[][..], &["--json"]] {
            let args = [&["config"], args, json].concat();
            let ended = sandbox.enact_with(&SECRETS, &args).success();
            let said = format!("{}{}", ended.stdout, ended.stderr);
            assert!(!said.contains("s3cret"), "{args:?}: {said}");
        }
    }
    let flag = ["config", "show", "--token", "s3cret-flag", "--json"];
    let ended = sandbox.enact_with(&SECRETS, &flag).success();
    assert!(!format!("{ended:?}").contains("s3cret"), "{ended:?}");
    let token = &ended.json()["client"][1];
    assert_eq!(
        (&token["source"], &token["from"]),
        (&json!("flag"), &json!("--token"))
    );
}

#[test]
fn secrets_in_the_wrong_place_are_not_shown_either() {
    let sandbox = Sandbox::new();
    for (name, value) in [
        ("DATABASE_URL", "host=db.example password=s3cret"),
        ("DATABASE_URL", "postgres:enact:s3cret"),
        ("ENACT_AUTH", "s3cret-0123456789abcdef"),
        ("ENACT_REGISTRY_URL", "enact_s3cret"),
    ] {
        let ended = sandbox.enact_with(&[(name, value)], &["config", "show"]);
        assert!(!format!("{ended:?}").contains("s3cret"), "{ended:?}");
    }
}

#[test]
fn a_file_with_several_mistakes_can_be_mended_one_by_one() {
    let sandbox = Sandbox::new();
    sandbox.write(
        FILE,
        "cache: {maxSizeMb: many}\ntrust:\n  policy: newer\nregistry:\n  url: 7\n",
    );
    enact(
        &sandbox,
        &["config", "set", "registry.url", "https://new.example"],
    )
    .success();
    enact(&sandbox, &["config", "set", "cache.maxSizeMb", "7"]).success();
    let listed = enact(&sandbox, &["config", "list", "--json"]).success();
    let expected = json!({
        "cache.maxSizeMb": 7,
        "trust.policy": "newer",
        "registry.url": "https://new.example",
    });
    assert_eq!(listed.json()["settings"], expected);
}

#[test]
fn show_tells_where_each_setting_comes_from() {
    let sandbox = written_by_hand();
    let vars = [("ENACT_LIMIT_READ", "7"), ("ENACT_CACHE_MAX_SIZE_MB", "5")];
    let ended = sandbox
        .enact_with(&vars, &["config", "show", "--json"])
        .success();
    let shown = ended.json();
    let find = |part: &str, name: &str| {
        let settings = shown[part].as_array().unwrap().iter();
        let mut found = settings.filter(|setting| setting["name"] == name);
        let found = found.next().unwrap();
        [
            found["value"].clone(),
            found["source"].clone(),
            found["from"].clone(),
        ]
    };
    let file = json!("~/.enact/config.yaml");
    let url = find("client", "registry.url");
    assert_eq!(url, [json!("https://old.example"), json!("file"), file]);
    let size = find("client", "cache.maxSizeMb");
    assert_eq!(
        size,
        [json!("5"), json!("env"), json!("ENACT_CACHE_MAX_SIZE_MB")]
    );
    let read = find("server", "ENACT_LIMIT_READ");
    assert_eq!(read, [json!("7"), json!("env"), json!("ENACT_LIMIT_READ")]);
    assert_eq!(
        find("server", "--port"),
        [json!("3000"), json!("default"), json!(null)]
    );
    assert_eq!(
        find("server", "R2_ENDPOINT"),
        [json!(null), json!("unset"), json!(null)]
    );
    assert_eq!(shown["problems"], json!([]));
}
