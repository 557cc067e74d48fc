//! Signing in where there is a keyring, and through the registry's page in a real browser.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use enact_testkit::{EnactServer, Keyring, enact_command};
use serde_json::Value;

use crate::world::{Person, World, enact};

/// A registry with an account of alice's, who signs in.
struct Team {
    world: World,
    server: EnactServer,
    alice: Person,
}

impl Team {
    fn new() -> Self {
        let world = World::new(vec![("ENACT_AUTH", "tokens".to_owned())]);
        let server = world.serve();
        let alice = world.person("alice", &server);
        let team = Self {
            world,
            server,
            alice,
        };
        team.operator(&["user", "add", "alice"]);
        team
    }

    fn operator(&self, args: &[&str]) -> Value {
        let mut command = enact_command(&enact());
        command.args(args).arg("--json").arg("--data");
        let output = command.arg(self.world.data()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn token(&self) -> String {
        let made = self.operator(&["token", "create", "--user", "alice"]);
        made["token"].as_str().unwrap().to_owned()
    }

    /// A command of alice's that has no token but what is kept.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.alice.command(&enact(), args);
        command.env_remove("ENACT_AUTH_TOKEN");
        command
    }
}

fn run(mut command: Command, input: &str) -> Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

/// A token is kept in the keyring, and nowhere else.
pub(crate) fn with_a_keyring() {
    let keyring = Keyring::start().unwrap().unwrap();
    let team = Team::new();
    let enact = |args: &[&str], input: &str| {
        let mut command = team.command(args);
        command.env("DBUS_SESSION_BUS_ADDRESS", &keyring.bus);
        let output = run(command, input);
        let said = [&output.stdout[..], &output.stderr].concat();
        (output, String::from_utf8(said).unwrap())
    };
    let expect = |args: &[&str], input: &str| {
        let (output, said) = enact(args, input);
        assert!(output.status.success(), "{args:?}: {said}");
        said
    };
    let kept = || {
        let attributes = [
            "service",
            "enact-registry-token",
            "registry",
            &team.server.url,
        ];
        keyring.lookup(&attributes).unwrap()
    };
    let file = team.alice.home.join(".enact/credentials.json");

    let (first, second) = (team.token(), team.token());
    let said = expect(&["login", "--with-token"], &first);
    assert!(
        said.contains("the keyring") && !said.contains(&first),
        "{said}"
    );
    assert_eq!(kept().as_ref(), Some(&first));
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains(&first), "{text}");
    let whoami = expect(&["whoami", "--json"], "");
    assert!(whoami.contains("\"tokenSource\": \"keyring\""), "{whoami}");
    // The latest login counts.
    expect(&["login", "--with-token"], &second);
    assert_eq!(kept().as_ref(), Some(&second));

    // Out of reach, as over a line from elsewhere: what is public is read all the same.
    let elsewhere = run(team.command(&["whoami"]), "");
    let said = String::from_utf8_lossy(&elsewhere.stderr);
    assert_eq!(elsewhere.status.code(), Some(1), "{said}");
    assert!(
        said.contains("the keyring does not give the token"),
        "{said}"
    );
    assert!(run(team.command(&["search", "x"]), "").status.success());
    let logout = run(team.command(&["logout"]), "");
    assert_eq!(logout.status.code(), Some(1), "{logout:?}");

    // From one place to the other, and not into both.
    expect(&["login", "--with-token", "--no-keyring"], &first);
    assert_eq!(kept(), None);
    assert!(fs::read_to_string(&file).unwrap().contains(&first));
    expect(&["login", "--with-token"], &first);
    assert_eq!(kept().as_ref(), Some(&first));
    assert!(!fs::read_to_string(&file).unwrap().contains(&first));

    expect(&["logout", "--revoke"], "");
    assert_eq!(kept(), None);
    let (again, said) = enact(&["login", "--with-token"], &first);
    assert_eq!(again.status.code(), Some(1), "{said}");
}
