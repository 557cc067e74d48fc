//! `enact login`, `logout` and `whoami`, against a real server with accounts.

mod keyring;
mod logout;
mod page;
mod stopping;
mod terminal;

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use enact_testkit::EnactServer;
use enact_testkit::jwt::{KeyServer, SigningKey};
use enact_types::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::registry::{Answer, Registry};
use crate::sandbox::{Ended, Sandbox};

const FILE: &str = "home/.enact/credentials.json";

/// A registry with an account, and somebody at a computer.
struct Team {
    sandbox: Sandbox,
    server: EnactServer,
}

impl Team {
    fn new() -> Self {
        Self::with(&[("ENACT_AUTH", "tokens")])
    }

    fn with(vars: &[(&str, &str)]) -> Self {
        let sandbox = Sandbox::new();
        let program = Path::new(env!("CARGO_BIN_EXE_enact"));
        // Each of these tests asks who is signed in more often than a person does in a minute.
        let vars = [vars, &[("ENACT_LIMITS", "off")]].concat();
        let vars = vars
            .into_iter()
            .map(|(name, value)| (name, value.to_owned()));
        let server = EnactServer::start(program, &sandbox.path("data"), vars).unwrap();
        let team = Self { sandbox, server };
        team.operator(&["user", "add", "alice"]).success();
        team
    }

    fn operator(&self, args: &[&str]) -> Ended {
        let data = self.sandbox.path("data");
        let data = ["--data", data.to_str().unwrap()];
        self.sandbox.enact_with(&[], &[args, &data].concat())
    }

    /// A new token of alice's.
    fn token(&self) -> String {
        self.new_token()["token"].as_str().unwrap().to_owned()
    }

    fn new_token(&self) -> Value {
        let args = [
            "token", "create", "--user", "alice", "--scope", "read", "--json",
        ];
        self.operator(&args).success().json()
    }

    /// Runs `enact` for the registry, with what is kept.
    fn enact(&self, args: &[&str]) -> Ended {
        self.enact_told(args, "")
    }

    fn enact_told(&self, args: &[&str], input: &str) -> Ended {
        let vars = [("ENACT_REGISTRY_URL", &*self.server.url)];
        self.sandbox.enact_told(&vars, args, input)
    }

    fn login(&self, token: &str) -> Ended {
        self.enact_told(&["login", "--with-token"], token)
    }

    /// Who is signed in, and where the token is from.
    fn whoami(&self, vars: &[(&str, &str)], args: &[&str]) -> (String, String) {
        let vars = [&[("ENACT_REGISTRY_URL", &*self.server.url)], vars].concat();
        let ended = self
            .sandbox
            .enact_with(&vars, &[args, &["whoami", "--json"]].concat());
        let json = ended.success().json();
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        (text("username"), text("tokenSource"))
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_token_is_kept_for_its_registry_alone_where_nobody_else_reads_it() {
    let team = Team::new();
    let made = team.new_token();
    let token = made["token"].as_str().unwrap();
    let ended = team.login(&format!("{token}\n")).success();
    assert!(ended.stdout.contains("as alice"), "{ended:?}");
    assert!(ended.stdout.contains("credentials.json"), "{ended:?}");
    assert!(!format!("{ended:?}").contains(token), "{ended:?}");
    assert_eq!(mode(&team.sandbox.path(FILE)), 0o600);
    assert_eq!(mode(&team.sandbox.path("home/.enact")), 0o700);

    let whoami = team.enact(&["whoami"]).success();
    let id = made["id"].as_str().unwrap();
    for word in [
        "alice",
        &team.server.url,
        "~/.enact/credentials.json",
        "read",
        id,
    ] {
        assert!(whoami.stdout.contains(word), "{word}: {whoami:?}");
    }
    let whoami = team.enact(&["whoami", "--json"]).success();
    assert!(!whoami.stdout.contains(token));
    let json = whoami.json();
    assert_eq!(json["namespaces"], json!(["alice"]));
    assert_eq!(json["tokenSource"], "file");
    let by = &json["signedInBy"];
    assert_eq!(
        (&by["kind"], &by["id"], &by["scopes"], &by["expiresAt"]),
        (
            &json!("token"),
            &made["id"],
            &json!(["read"]),
            &made["expires_at"]
        )
    );

    let other = Registry::start(|_| Answer::error(401, "UNAUTHORIZED", "Unauthorized"));
    for url in [other.url.clone(), format!("{}/path", other.url)] {
        let ended = team
            .sandbox
            .enact_with(&[], &["whoami", "--registry", &url]);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.stderr.contains("enact login"), "{ended:?}");
        let sent = other.requests().pop().unwrap();
        assert_eq!(sent.header("authorization"), None);
    }
    // Neither to another registry at the same origin.
    let url = format!("{}/functions/v1", team.server.url);
    let ended = team
        .sandbox
        .enact_with(&[], &["whoami", "--registry", &url]);
    assert_eq!(ended.code, 1, "{ended:?}");
}

#[test]
fn a_token_that_is_no_good_is_not_kept() {
    let team = Team::new();
    let good = team.token();
    let revoked = team.new_token();
    let id = revoked["id"].as_str().unwrap();
    team.operator(&["token", "revoke", id]).success();
    for token in [
        revoked["token"].as_str().unwrap(),
        &good[1..],
        "two words",
        "",
    ] {
        let ended = team.login(token);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(token.is_empty() || !format!("{ended:?}").contains(token));
    }
    assert!(!team.sandbox.path("home/.enact").exists());

    // Nor does it take the place of a good one.
    team.login(&good).success();
    let kept = team.sandbox.read(FILE);
    assert_eq!(team.login("wrong").code, 1);
    assert_eq!(team.sandbox.read(FILE), kept);
}

#[test]
fn who_misses_something_private_is_told_about_the_token() {
    let team = Team::new();
    let told = |token: &str, args: &[&str]| {
        let vars = [
            ("ENACT_REGISTRY_URL", &*team.server.url),
            ("ENACT_AUTH_TOKEN", token),
        ];
        let set = if token.is_empty() { &vars[..1] } else { &vars };
        team.sandbox.enact_with(set, args).stderr
    };
    let info = ["info", "alice/secret"];
    let nobody = told("", &info);
    assert!(
        nobody.contains("if it is private") && nobody.contains("enact login"),
        "{nobody}"
    );
    let wrong = told("wrong", &info);
    let why = "the token from ENACT_AUTH_TOKEN may be wrong, expired or revoked";
    assert!(
        wrong.contains("if it is private") && wrong.contains(why),
        "{wrong}"
    );
    let good = told(&team.token(), &info);
    assert!(
        good.contains("enact whoami") && !good.contains("expired"),
        "{good}"
    );

    let whoami = told("wrong", &["whoami"]);
    assert!(
        whoami.contains(why) && !whoami.contains("enact whoami"),
        "{whoami}"
    );
    let narrow = told(&team.token(), &["org", "create", "acme"]);
    assert!(
        narrow.contains("enact whoami") && !narrow.contains("expired"),
        "{narrow}"
    );
}

#[test]
fn flag_wins_over_environment_over_login_over_the_existing_clients_file() {
    let team = Team::new();
    let token = team.token();
    let config = format!(
        "registry:\n  url: {}\n  authToken: {}\n",
        team.server.url,
        team.token()
    );
    team.sandbox.write("home/.enact/config.yaml", &config);
    let source = |vars: &[(&str, &str)], args: &[&str]| team.whoami(vars, args).1;
    assert_eq!(source(&[], &[]), "config");
    team.login(&token).success();
    assert_eq!(source(&[], &[]), "file");
    let env = [("ENACT_AUTH_TOKEN", &*token)];
    assert_eq!(source(&env, &[]), "env");
    assert_eq!(source(&env, &["--token", &token]), "flag");
    assert_eq!(team.sandbox.read("home/.enact/config.yaml"), config);

    let vars = [("ENACT_REGISTRY_URL", &*team.server.url), env[0]];
    let ended = team
        .sandbox
        .enact_told(&vars, &["login", "--with-token"], &token);
    assert!(ended.success().stderr.contains("ENACT_AUTH_TOKEN is set"));
}

#[test]
fn a_token_that_ends_with_a_session_is_exchanged() {
    let key = SigningKey::p256("key").unwrap();
    let provider = KeyServer::start([&key]).unwrap();
    let issuer = "https://id.example";
    let team = Team::with(&[
        ("ENACT_JWT_ISSUER", issuer),
        ("ENACT_JWT_AUDIENCE", "enact"),
        ("ENACT_JWT_JWKS_URL", &provider.url()),
    ]);
    let exp = SystemClock.now().as_millis() / 1000 + 300;
    let claims = json!({
        "iss": issuer, "aud": "enact", "exp": exp, "sub": "1",
        "user_metadata": { "username": "bob" },
    });
    let session = key.token(&claims).unwrap();
    team.login(&session).success();
    let kept = team.sandbox.read(FILE);
    assert!(
        kept.contains("enact_") && !kept.contains(&session),
        "{kept}"
    );
    let json = team.enact(&["whoami", "--json"]).success().json();
    assert_eq!(
        (&json["username"], &json["signedInBy"]["kind"]),
        (&json!("bob"), &json!("token"))
    );
}

#[test]
fn an_open_registry_needs_no_token() {
    let team = Team::with(&[]);
    let ended = team.login("anything").success();
    assert!(ended.stdout.contains("needs no token"), "{ended:?}");
    assert!(!team.sandbox.path("home/.enact").exists());
    assert_eq!(team.whoami(&[], &[]), ("admin".to_owned(), String::new()));
}

#[test]
fn a_file_that_others_can_read_or_that_is_broken_is_refused_without_showing_it() {
    let team = Team::new();
    let token = team.token();
    team.login(&token).success();
    let path = team.sandbox.path(FILE);
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let ended = team.enact(&["whoami"]);
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("chmod 600"), "{ended:?}");
    // Who brings a token does not need the file.
    let env = [("ENACT_AUTH_TOKEN", &*token)];
    assert_eq!(team.whoami(&env, &[]).0, "alice");

    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, format!("{{\"version\": \"{token}\"")).unwrap();
    for args in [&["whoami"][..], &["login", "--with-token"], &["logout"]] {
        let ended = team.enact_told(args, &token);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.stderr.contains("line 1"), "{ended:?}");
        assert!(!format!("{ended:?}").contains(&token), "{ended:?}");
    }
}

#[test]
fn several_logins_at_once_are_all_kept() {
    let team = Team::new();
    let token = team.token();
    let local = team.server.url.replace("127.0.0.1", "localhost");
    let urls = [&team.server.url, &local].map(|url| [url.clone(), format!("{url}/functions/v1")]);
    let urls = urls.concat();
    let running: Vec<_> = urls
        .iter()
        .map(|url| {
            let args = ["login", "--with-token", "--registry", url];
            let mut command = team.sandbox.command(&[], &args);
            command.args(["--quiet"]).stdin(Stdio::piped());
            let mut child = command.spawn().unwrap();
            let mut stdin = child.stdin.take().unwrap();
            stdin.write_all(token.as_bytes()).unwrap();
            child
        })
        .collect();
    for mut child in running {
        assert!(child.wait().unwrap().success());
    }
    for url in &urls {
        let args = ["whoami", "--registry", url];
        team.sandbox.enact_with(&[], &args).success();
    }
}

#[test]
fn what_login_cannot_do_is_wrong_usage() {
    let team = Team::new();
    for args in [
        &["login"][..],
        &["login", "--with-token", "--web"],
        &["login", "--with-token", "--no-browser"],
        &["login", "--token", "x"],
        &["logout", "--token", "x"],
    ] {
        let ended = team.enact(args);
        assert_eq!(ended.code, 2, "{args:?}: {ended:?}");
    }
    let ended = team.enact(&["login"]);
    assert!(ended.stderr.contains("--with-token"), "{ended:?}");
}
