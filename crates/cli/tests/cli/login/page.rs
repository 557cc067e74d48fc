//! The token that the registry's page hands over.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use enact_testkit::http::{Response, request};
use enact_testkit::until;
use serde_json::{Value, json};

use super::Team;
use crate::sandbox::Ended;

/// `enact login --web`, waiting.
struct Waiting {
    child: Child,
    /// What it listens on.
    url: String,
    state: String,
    origin: String,
}

impl Waiting {
    fn start(team: &Team) -> Self {
        let vars = [("ENACT_REGISTRY_URL", &*team.server.url)];
        let args = ["login", "--web", "--no-browser", "--json"];
        let mut command = team.sandbox.command(&vars, &args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let page = page(&mut child);
        let (address, query) = page.split_once('?').unwrap();
        assert_eq!(address, format!("{}/auth/cli", team.server.url));
        let (port, state) = query.split_once('&').unwrap();
        let port = port.strip_prefix("port=").unwrap();
        Self {
            child,
            url: format!("http://127.0.0.1:{port}/callback"),
            state: state.strip_prefix("state=").unwrap().to_owned(),
            origin: team.server.url.clone(),
        }
    }

    fn send(&self, body: &Value) -> Response {
        self.post(&[("Origin", &self.origin)], body.to_string().as_bytes())
    }

    fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> Response {
        let headers = [headers, &[("Content-Type", "application/json")]].concat();
        request("POST", &self.url, &headers, body).unwrap()
    }

    fn body(&self, token: &str) -> Value {
        json!({
            "access_token": token, "refresh_token": token, "state": self.state,
            "user": { "id": "1", "user_metadata": { "username": "mallory" } },
        })
    }

    fn end(self) -> Ended {
        self.child.wait_with_output().unwrap().into()
    }
}

/// The address that `program` shows. What it says later is left to be read.
pub(super) fn page(program: &mut Child) -> String {
    // Nothing beyond the line is taken out of the pipe.
    let stderr = program.stderr.as_mut().unwrap();
    let mut stderr = BufReader::with_capacity(1, stderr);
    loop {
        let mut line = String::new();
        assert!(
            stderr.read_line(&mut line).unwrap() > 0,
            "it shows no address"
        );
        let line = line.trim();
        if line.contains("/auth/cli?") {
            return line.to_owned();
        }
    }
}

#[test]
fn the_page_hands_over_a_token_and_hears_what_became_of_it() {
    let team = Team::new();
    let token = team.token();
    let waiting = Waiting::start(&team);
    let refused = waiting.send(&waiting.body("wrong"));
    assert_eq!(refused.status, 422);
    assert!(refused.text().unwrap().contains("error"));
    let accepted = waiting.send(&waiting.body(&token));
    assert_eq!(accepted.status, 200);
    assert_eq!(
        accepted.header("access-control-allow-origin"),
        Some(&*team.server.url)
    );
    assert_eq!(accepted.text().unwrap(), r#"{"success":true}"#);
    let ended = waiting.end().success();
    assert!(!format!("{ended:?}").contains(&token), "{ended:?}");
    let json = ended.json();
    assert_eq!(
        (&json["username"], &json["keptIn"]),
        (&json!("alice"), &json!("file"))
    );
    assert_eq!(team.whoami(&[], &[]).0, "alice");
}

#[test]
fn the_page_does_not_say_that_it_worked_when_the_token_cannot_be_kept() {
    let team = Team::new();
    let token = team.token();
    // Where there should be a file.
    team.sandbox.write("home/.enact/credentials.lock/x", "");
    let waiting = Waiting::start(&team);
    let refused = waiting.send(&waiting.body(&token));
    assert_eq!(refused.status, 422);
    assert!(refused.text().unwrap().contains("cannot lock"));
    let ended = waiting.end();
    assert_eq!(ended.code, 1, "{ended:?}");
}

#[test]
fn connections_that_say_nothing_do_not_keep_the_page_away() {
    let team = Team::new();
    let waiting = Waiting::start(&team);
    let address = waiting.url.strip_prefix("http://").unwrap();
    let address = address.strip_suffix("/callback").unwrap();
    let silent: Vec<_> = (0..20)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    // It comes after all of them, while they stay open.
    let answer = waiting.send(&waiting.body(&team.token()));
    assert_eq!(answer.status, 200);
    drop(silent);
    waiting.end().success();
}

#[test]
fn no_other_page_or_program_can_plant_a_token() {
    let team = Team::new();
    let token = team.token();
    let waiting = Waiting::start(&team);
    let good = waiting.body(&token);
    let mut stateless = good.clone();
    stateless["state"] = json!("0".repeat(32));
    assert_eq!(waiting.send(&stateless).status, 403);
    stateless.as_object_mut().unwrap().remove("state");
    assert_eq!(waiting.send(&stateless).status, 400);

    let (good, origin) = (good.to_string(), &*waiting.origin);
    let other = origin.replace("127.0.0.1", "localhost");
    for headers in [
        &[][..],
        &[("Origin", "null")],
        &[("Origin", "https://evil.example")],
        &[("Origin", &other)],
        &[("Origin", origin), ("Host", "evil.example")],
    ] {
        let refused = waiting.post(headers, good.as_bytes());
        assert_eq!(refused.status, 403, "{headers:?}");
        assert_eq!(refused.header("access-control-allow-origin"), None);
    }
    let send = |method: &str, path: &str, headers: &[(&str, &str)]| {
        let url = waiting.url.replace("/callback", path);
        request(method, &url, headers, b"").unwrap()
    };
    assert_eq!(send("GET", "/", &[("Origin", origin)]).status, 404);
    assert_eq!(send("GET", "/callback", &[("Origin", origin)]).status, 405);
    let too_large = format!("{good}{}", " ".repeat(1024 * 1024));
    let origin_alone = [("Origin", origin)];
    // It is not read to its end, which may break the connection.
    let refused = request("POST", &waiting.url, &origin_alone, too_large.as_bytes());
    assert!(refused.is_err() || refused.unwrap().status == 400);

    let preflight = [
        ("Origin", origin),
        ("Access-Control-Request-Private-Network", "true"),
    ];
    let allowed = send("OPTIONS", "/callback", &preflight);
    assert_eq!(allowed.status, 204);
    for (name, value) in [
        ("access-control-allow-origin", origin),
        ("access-control-allow-headers", "content-type"),
        ("access-control-allow-private-network", "true"),
    ] {
        assert_eq!(allowed.header(name), Some(value));
    }
    let refused = send(
        "OPTIONS",
        "/callback",
        &[("Origin", "https://evil.example")],
    );
    assert_eq!(refused.status, 403);
    assert_eq!(refused.header("access-control-allow-origin"), None);

    // All that was no reason to give up.
    assert_eq!(waiting.post(&origin_alone, good.as_bytes()).status, 200);
    waiting.end().success();
}

#[test]
fn a_browser_is_given_a_file_and_not_the_address() {
    let team = Team::new();
    let token = team.token();
    let browser = "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$HOME/arguments\"\ncp \"$1\" \"$HOME/copy\"\n\
                   ls -l \"$1\" > \"$HOME/modes\"\n: > \"$HOME/done\"\n";
    team.sandbox.write("home/browser", browser);
    let path = team.sandbox.path("home/browser");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&path, executable).unwrap();
    let vars = [
        ("ENACT_REGISTRY_URL", &*team.server.url),
        ("BROWSER", path.to_str().unwrap()),
    ];
    let mut command = team.sandbox.command(&vars, &["login", "--web"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let page = page(&mut child);
    let (port, state) = page
        .split_once("port=")
        .unwrap()
        .1
        .split_once("&state=")
        .unwrap();
    // Soon: nobody waits for a browser.
    until(&mut child, || team.sandbox.path("home/done").exists());
    let arguments = team.sandbox.read("home/arguments");
    assert!(
        !arguments.contains(state) && !arguments.contains(port),
        "{arguments}"
    );
    let copy = team.sandbox.read("home/copy");
    assert!(copy.contains(&page.replace('&', "&amp;")), "{copy}");
    let modes = team.sandbox.read("home/modes");
    assert!(modes.starts_with("-rw-------"), "{modes}");

    let body = json!({ "access_token": token, "state": state }).to_string();
    let url = format!("http://127.0.0.1:{port}/callback");
    let headers = [("Origin", &*team.server.url)];
    assert_eq!(
        request("POST", &url, &headers, body.as_bytes())
            .unwrap()
            .status,
        200
    );
    assert!(child.wait().unwrap().success());
    let file = arguments.trim();
    assert!(!std::path::Path::new(file).exists(), "the file is removed");
}
