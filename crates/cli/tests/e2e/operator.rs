//! What the operator says beside a running server counts for the very next request.

use enact_testkit::jwt::{KeyServer, SigningKey};
use enact_testkit::skills;
use enact_testkit::{EnactServer, enact_command};
use enact_types::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::world::{World, enact};

const ISSUER: &str = "https://id.example/realms/skills";
const AUDIENCE: &str = "enact.example";

/// A registry that believes an identity provider and workflows, and its operator.
struct Operator {
    world: World,
    server: EnactServer,
    key: SigningKey,
    keys: KeyServer,
}

impl Operator {
    fn new(mut env: Vec<(&'static str, String)>) -> Self {
        let key = SigningKey::p256("key").unwrap();
        let keys = KeyServer::start([&key]).unwrap();
        for (name, value) in [
            ("ENACT_JWT_ISSUER", ISSUER),
            ("ENACT_JWT_AUDIENCE", AUDIENCE),
            ("ENACT_JWT_JWKS_URL", &keys.url()),
            ("ENACT_TRUSTED_PUBLISHING", AUDIENCE),
            ("ENACT_TRUSTED_PUBLISHING_ISSUER", &keys.url()),
        ] {
            env.push((name, value.to_owned()));
        }
        let world = World::new(env);
        let server = world.serve();
        Self {
            world,
            server,
            key,
            keys,
        }
    }

    /// Runs a command of the operator's, with the server's settings, and gives its JSON.
    fn run(&self, args: &[&str]) -> Value {
        let mut command = enact_command(&enact());
        command.args(args).arg("--json").arg("--data");
        command.arg(self.world.data()).envs(self.world.env());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs a command of somebody's who has this token, and gives its exit code and what it says.
    fn as_bearer(&self, token: &str, args: &[&str]) -> (Option<i32>, String) {
        let person = self.world.person("somebody", &self.server);
        let mut command = person.command(&enact(), args);
        let output = command.env("ENACT_AUTH_TOKEN", token).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    }

    fn of_person(&self, subject: &str, name: &str) -> String {
        let claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": subject, "exp": now() + 300,
            "user_metadata": { "username": name },
        });
        self.key.token(&claims).unwrap()
    }

    fn of_run(&self) -> String {
        let claims = json!({
            "iss": self.keys.url(), "aud": AUDIENCE, "exp": now() + 300,
            "repository": "Octo/Skills", "repository_owner_id": "42", "ref": "refs/tags/v1.0.0",
            "event_name": "push", "run_id": "1",
            "workflow_ref": "Octo/Skills/.github/workflows/release.yml@refs/tags/v1.0.0",
        });
        self.key.token(&claims).unwrap()
    }
}

fn now() -> i64 {
    SystemClock.now().as_millis() / 1000
}

/// Links of identities and rules of trusted publishing.
pub(crate) fn decides_who_may_what(env: Vec<(&'static str, String)>) {
    let operator = Operator::new(env);
    operator.run(&["user", "add", "alice"]);
    let token = operator.of_person("8f4c", "alice");
    let whoami = || operator.as_bearer(&token, &["whoami", "--json"]);
    let (code, said) = whoami();
    assert_eq!(code, Some(1), "the name is somebody's already: {said}");
    operator.run(&["identity", "link", "alice", "--subject", "8f4c"]);
    let (code, said) = whoami();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("\"identity\""), "{said}");
    operator.run(&["identity", "unlink", "--subject", "8f4c"]);
    assert_eq!(whoami().0, Some(1));

    let skills = skills::examples().unwrap();
    let mut skills = skills.iter();
    let skill = skills
        .find(|skill| skill.name.starts_with("alice/"))
        .unwrap();
    let run = operator.of_run();
    let folder = skill.path();
    let publish = || operator.as_bearer(&run, &["publish", folder.to_str().unwrap()]);
    let (code, said) = publish();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("no rule"), "{said}");
    let add = [
        "publisher",
        "add",
        "octo/skills",
        "--as",
        "alice",
        "--name",
        "alice/*",
    ];
    let id = operator.run(&add)["id"].as_str().unwrap().to_owned();
    let (code, said) = publish();
    assert_eq!(code, Some(0), "{said}");
    // By the first run it is known whose the repository is.
    let listed = operator.run(&["publisher", "list"]);
    assert_eq!(listed["publishers"][0]["owner_id"], "42");
    operator.run(&["publisher", "remove", &id]);
    let (code, said) = publish();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("no rule"), "{said}");
}
