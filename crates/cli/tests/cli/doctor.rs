//! `enact doctor`: finds what is wrong, and only that.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use enact_testkit::{Certificate, EnactServer, enact_command};
use serde_json::Value;

use crate::registry::{Answer, Registry};
use crate::sandbox::{Ended, Sandbox};
use crate::served::Served;

/// How a check went, what was found, and what mends it.
pub(crate) fn check(ended: &Ended, name: &str) -> (String, String, String) {
    let value = ended.json();
    let checks = value["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["name"] == name);
    let check = found.unwrap_or_else(|| panic!("{name}: {value:#}"));
    let text = |field: &str| check[field].as_str().unwrap_or_default().to_owned();
    (text("status"), text("detail"), text("fix"))
}

#[test]
fn everything_works_in_a_new_home() {
    let served = Served::new();
    let ended = served.enact(&["doctor", "--json"]).success();
    assert_eq!(ended.json()["ok"], true, "{ended:?}");
    assert_eq!(ended.json()["storage"], Value::Null);
    for name in [
        "DNS", "TCP", "registry", "clock", "ready", "sign-in", "cache",
    ] {
        let (status, detail, _) = check(&ended, name);
        assert_eq!(status, "ok", "{name}: {detail}");
    }
    assert!(!served.sandbox.path("home/.enact").exists());
}

#[test]
fn a_registry_that_is_not_there_is_told_and_what_needs_it_left_out() {
    let sandbox = Sandbox::new();
    let ended = sandbox.enact("http://127.0.0.1:9", &["doctor", "--json"]);
    assert_eq!(ended.code, 1);
    let (status, detail, fix) = check(&ended, "TCP");
    assert_eq!(status, "failed");
    assert!(detail.contains("port 9"), "{detail}");
    assert!(
        fix.contains("enact serve") && fix.contains("ENACT_REGISTRY_URL"),
        "{fix}"
    );
    let (status, detail, _) = check(&ended, "sign-in");
    assert_eq!(
        (&*status, &*detail),
        ("skipped", "not looked at: TCP comes first")
    );
    assert_eq!(check(&ended, "cache").0, "ok");
}

#[test]
fn a_server_that_is_no_registry_is_told() {
    let sandbox = Sandbox::new();
    let website = Registry::start(|_| Answer::bytes(200, b"<!doctype html>"));
    let ended = sandbox.enact(&website.url, &["doctor", "--json"]);
    assert_eq!(ended.code, 1);
    assert_eq!(check(&ended, "registry").0, "failed");
    assert_eq!(check(&ended, "TCP").0, "ok");
}

#[test]
fn a_registry_that_is_not_ready_a_wrong_clock_and_a_refused_token_are_told() {
    let sandbox = Sandbox::new();
    let registry = Registry::start(|request| match &*request.path {
        "/health" => {
            let body = serde_json::json!({"status": "ok", "version": "9.9.9"});
            Answer::json(200, &body).with_header("Date", "Mon, 23 Nov 2020 21:10:33 GMT")
        }
        "/ready" => Answer::error(503, "NOT_READY", "the store cannot be reached"),
        _ => Answer::error(401, "UNAUTHORIZED", "who is that?"),
    });
    let ended = sandbox.enact(&registry.url, &["doctor", "--json"]);
    assert_eq!(ended.code, 1);
    assert_eq!(check(&ended, "registry").0, "ok");
    assert!(check(&ended, "registry").1.contains("9.9.9"));
    assert_eq!(check(&ended, "clock").0, "warning");
    assert!(
        check(&ended, "ready")
            .1
            .contains("the store cannot be reached")
    );
    let (status, detail, fix) = check(&ended, "sign-in");
    assert_eq!(status, "failed");
    assert!(
        detail.contains("ENACT_AUTH_TOKEN") && fix.contains("enact login"),
        "{detail}"
    );
    // Nothing is asked twice.
    assert_eq!(
        registry.log(),
        ["GET /health", "GET /ready", "GET /auth/me"]
    );
    let anonymous = sandbox.enact_with(
        &[("ENACT_REGISTRY_URL", &*registry.url)],
        &["doctor", "--json"],
    );
    assert_eq!(check(&anonymous, "sign-in").0, "warning");
}

#[test]
fn damage_on_this_machine_is_found() {
    let (served, _) = Served::with_example("greeter");
    served.enact(&["install", "alice/utils/greeter"]).success();
    let fine = served.enact(&["doctor", "--json"]).success();
    assert_eq!(check(&fine, "project's skills").1, "1 as locked");
    assert!(
        check(&fine, "cache").1.contains("1 of them read"),
        "{fine:?}"
    );

    let skill = served
        .sandbox
        .path("home/.agents/skills/alice/utils/greeter/SKILL.md");
    fs::write(skill, "changed").unwrap();
    for entry in fs::read_dir(served.sandbox.path("home/.enact/cache/bundles")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "gz") {
            fs::write(path, "damaged").unwrap();
        }
    }
    let ended = served.enact(&["doctor", "--json"]);
    assert_eq!(ended.code, 1);
    for (name, mends) in [
        ("project's skills", "enact verify"),
        ("cache", "enact cache clean"),
    ] {
        let (status, detail, fix) = check(&ended, name);
        assert_eq!(status, "failed", "{name}: {detail}");
        assert!(fix.contains(mends), "{fix}");
    }
}

#[test]
fn settings_that_do_not_work_are_told_first() {
    let sandbox = Sandbox::new();
    sandbox.write("home/.enact/config.yaml", "registry: {authToken: s3cret");
    let ended = sandbox.enact_with(&[], &["doctor", "--json"]);
    assert_eq!(ended.code, 1);
    assert_eq!(check(&ended, "settings").0, "failed");
    assert_eq!(check(&ended, "registry").0, "skipped");
    assert!(!format!("{ended:?}").contains("s3cret"));

    sandbox.write("home/.enact/config.yaml", "registry: {authToken: s3cret}");
    let path = sandbox.path("home/.enact/config.yaml");
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    let vars = [
        ("ENACT_CA_CERT", "/gone.pem"),
        ("HTTP_PROXY", "http://u:s3cret@127.0.0.1:9"),
    ];
    let ended = sandbox.enact_with(&vars, &["doctor", "--json"]);
    assert_eq!(check(&ended, "home folder").0, "warning");
    assert_eq!(check(&ended, "certificates").0, "failed");
    assert!(
        check(&ended, "proxies")
            .1
            .contains("HTTP_PROXY=http://••••@127.0.0.1:9")
    );
    assert!(!format!("{ended:?}").contains("s3cret"));
}

#[test]
fn operators_have_their_store_looked_at() {
    let served = Served::new();
    let data = served.sandbox.path("data");
    let args = ["doctor", "--data", data.to_str().unwrap(), "--json"];
    let ended = served.enact(&args).success();
    assert_eq!(ended.json()["storage"]["ok"], true, "{ended:?}");

    let broken = [
        ("ENACT_REGISTRY_URL", &*served.server.url),
        ("R2_ACCESS_KEY_ID", "id"),
    ];
    let ended = served.sandbox.enact_with(&broken, &["doctor", "--json"]);
    assert_eq!(ended.code, 1);
    assert_eq!(ended.json()["storage"]["ok"], false);
    assert!(
        ended.stderr.contains("not everything works: settings"),
        "{ended:?}"
    );
}

#[test]
fn a_certificate_that_is_not_known_is_told_from_other_mistakes() {
    let sandbox = Sandbox::new();
    let certificate = Certificate::new().unwrap();
    let mut command = enact_command(Path::new(env!("CARGO_BIN_EXE_enact")));
    command
        .args(["serve", "--port", "0", "--data"])
        .arg(sandbox.path("data"))
        .arg("--tls-cert")
        .arg(certificate.path())
        .arg("--tls-key")
        .arg(certificate.key());
    let server = EnactServer::spawn(command).unwrap();
    let doctor = |vars: &[(&str, &str)]| {
        let url = [("ENACT_REGISTRY_URL", &*server.url)];
        sandbox.enact_with(&[&url, vars].concat(), &["doctor", "--json"])
    };
    let ended = doctor(&[]);
    assert_eq!(ended.code, 1);
    let (status, detail, fix) = check(&ended, "TLS");
    assert_eq!(status, "failed", "{detail}");
    assert!(fix.contains("ENACT_CA_CERT"), "{fix}");
    assert_eq!(check(&ended, "registry").0, "skipped");

    let known = doctor(&[("ENACT_CA_CERT", certificate.path().to_str().unwrap())]).success();
    assert_eq!(check(&known, "TLS").0, "ok");
    assert!(check(&known, "certificates").1.contains("ENACT_CA_CERT="));
}

#[test]
fn a_token_that_ends_soon_is_told() {
    let sandbox = Sandbox::new();
    let data = sandbox.path("data");
    let closed = [("ENACT_AUTH", "tokens".to_owned())];
    let program = Path::new(env!("CARGO_BIN_EXE_enact"));
    let server = EnactServer::start(program, &data, closed).unwrap();
    let operate = |args: &[&str]| {
        let args = [args, &["--data", data.to_str().unwrap()]].concat();
        sandbox.enact_with(&[], &args).success().stdout
    };
    operate(&["user", "add", "alice"]);
    for (expires, expected) in [("1d", "warning"), ("30d", "ok")] {
        let token = operate(&["token", "create", "--user", "alice", "--expires", expires]);
        let vars = [
            ("ENACT_REGISTRY_URL", &*server.url),
            ("ENACT_AUTH_TOKEN", token.trim()),
        ];
        let ended = sandbox.enact_with(&vars, &["doctor", "--json"]).success();
        let (status, detail, _) = check(&ended, "sign-in");
        assert_eq!(status, expected, "{detail}");
        assert!(
            detail.contains("alice, by the token from ENACT_AUTH_TOKEN"),
            "{detail}"
        );
        assert!(!format!("{ended:?}").contains(token.trim()));
    }
}
