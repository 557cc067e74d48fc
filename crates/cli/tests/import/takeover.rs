//! From the existing server to this one, whole.

use std::collections::BTreeMap;
use std::fs;

use enact_testkit::skills::{self, Skill};
use enact_testkit::{EnactServer, enact_command, existing_server, find_official_client};
use reqwest::Method;
use serde_json::{Value, json};

use crate::existing::{Api, bundle, bundle_with_link, bundle_with_traversal};
use crate::world::{World, state};

/// What is good, in the order of publishing.
const GOOD: [(&str, &str, &str); 8] = [
    ("alice/greeter", "1.0.0", "public"),
    ("alice/greeter", "2.0.0", "public"),
    // A back-port and a pre-release, which the existing server calls the latest.
    ("alice/greeter", "1.9.0", "public"),
    ("alice/greeter", "3.0.0-rc.1", "public"),
    ("alice/utils/deep", "1.0.0", "public"),
    ("bob/hidden", "1.0.0", "unlisted"),
    ("bob/secret", "1.0.0", "private"),
    ("@acme/hammer", "1.0.0", "public"),
];

/// What is refused, and why.
const REFUSED: [(&str, &str); 8] = [
    ("evil/path@../../../x", "a version is written like"),
    ("evil/v@v1", "a version is written like"),
    ("Evil/Upper@1.0.0", "segment"),
    ("evil/link@1.0.0", "symbolic link"),
    ("evil/up@1.0.0", "\"..\""),
    ("evil/changed@1.0.0", "was published"),
    ("evil/missing@1.0.0", "is missing"),
    ("evil/visible@1.0.0", "\"everybody\""),
];

pub(crate) fn whole(world: &World) {
    let server = start(world);
    fill(&Api::of(&server));
    let skills = publish_examples(world, &server);
    let good = GOOD.len() + skills.len();
    assert!(server.stop().unwrap().success());
    spoil(world);
    let before = state(&world.path("old"));

    let dry = world.db(&["import", "--from", "old", "--dry-run", "--json"]);
    let dry = dry.code(3).json();
    assert_eq!(dry["versions"]["imported"], good, "{dry}");
    assert!(!world.path("data").exists(), "a dry run made something");

    let told = world.db(&["import", "--from", "old"]).code(3);
    for (what, reason) in REFUSED {
        let row = told.stdout.lines().find(|line| line.contains(what));
        assert!(
            row.is_some_and(|row| row.contains(reason)),
            "{what}: {told:?}"
        );
    }
    let again = world.db(&["import", "--from", "old", "--json"]).code(3);
    let again = again.json();
    assert_eq!(
        again["versions"],
        json!({"imported": 0, "alreadyThere": good, "refused": REFUSED.len()})
    );
    assert_eq!(again["refused"], dry["refused"]);
    assert_eq!(again["error"]["code"], "REFUSED");
    assert_eq!(again["attestationsLeftOut"], 1);
    assert_eq!(state(&world.path("old")), before, "the source was changed");

    let server = world.serve();
    check(&Api::of(&server));
    install(world, &server);
    for skill in skills {
        world
            .run(&["install", &skill.name, "--registry", &server.url])
            .code(0);
        let installed = world.path("home/.agents/skills").join(&skill.name);
        skills::compare(&skill.path(), &installed).unwrap();
    }
    assert!(server.stop().unwrap().success());
}

/// A server that still runs is noticed, and one that was killed has its last words read.
pub(crate) fn in_use_and_killed(world: &World) {
    let server = start(world);
    Api::of(&server).publish(
        "alice/greeter",
        "1.0.0",
        "public",
        bundle("alice/greeter", "1.0.0"),
    );
    let refused = world.db(&["import", "--from", "old"]).code(1);
    assert!(refused.stderr.contains("in use by process"), "{refused:?}");
    assert!(
        refused.stderr.contains("stop the existing server"),
        "{refused:?}"
    );
    // Dropping kills it.
    drop(server);
    let log = fs::metadata(world.path("old/registry.db-wal")).unwrap();
    assert!(log.len() > 0);
    let before = state(&world.path("old"));
    let taken = world
        .db(&["import", "--from", "old", "--json"])
        .code(0)
        .json();
    assert_eq!(
        taken["versions"],
        json!({"imported": 1, "alreadyThere": 0, "refused": 0})
    );
    assert_eq!(state(&world.path("old")), before, "the source was changed");

    // Who mistakes one folder for the other.
    let same = world
        .run(&["db", "import", "--from", "old", "--data", "old"])
        .code(2);
    assert!(same.stderr.contains("same folder"), "{same:?}");
    let ours = world
        .run(&["db", "import", "--from", "data", "--data", "new"])
        .code(1);
    assert!(ours.stderr.contains("made by this program"), "{ours:?}");
    let status = world
        .run(&["db", "status", "--data", "old", "--json"])
        .code(1);
    assert_eq!(status.json()["state"], "foreign");
    let serve = world
        .run(&["serve", "--port", "0", "--data", "old"])
        .code(1);
    assert!(serve.stderr.contains("enact db import"), "{serve:?}");
    let nothing = world.run(&["db", "import", "--from", "nowhere"]).code(1);
    assert!(nothing.stderr.contains("nowhere"), "{nothing:?}");
}

fn start(world: &World) -> EnactServer {
    existing_server(&world.path("old"), &world.path("home"))
        .unwrap()
        .unwrap()
}

fn fill(api: &Api) {
    api.call(
        Method::POST,
        "/orgs",
        Some(json!({"name": "acme", "display_name": "Acme Inc."})),
    );
    for (name, version, visibility) in GOOD {
        api.publish(name, version, visibility, bundle(name, version));
    }
    for (path, body) in [
        (
            "1.0.0/yank",
            json!({"reason": "rude", "replacement_version": "1.9.0"}),
        ),
        ("2.0.0/attestations", json!({"bundle": {"mediaType": "x"}})),
    ] {
        let path = format!("/tools/alice/greeter/versions/{path}");
        api.call(Method::POST, &path, Some(body));
    }
    for _ in 0..3 {
        api.download("alice/greeter", "2.0.0");
    }

    for (name, version, bytes) in [
        ("evil/path", "../../../x", bundle("evil/path", "1.0.0")),
        ("evil/v", "v1", bundle("evil/v", "1.0.0")),
        ("Evil/Upper", "1.0.0", bundle("evil/upper", "1.0.0")),
        ("evil/link", "1.0.0", bundle_with_link()),
        ("evil/up", "1.0.0", bundle_with_traversal()),
        ("evil/changed", "1.0.0", bundle("evil/changed", "1.0.0")),
        ("evil/missing", "1.0.0", bundle("evil/missing", "1.0.0")),
        ("evil/visible", "1.0.0", bundle("evil/visible", "1.0.0")),
    ] {
        api.publish(name, version, "public", bytes);
    }
    let body = json!({"visibility": "everybody"});
    api.call(Method::PATCH, "/tools/evil/visible/visibility", Some(body));
}

/// Publishes the examples that the existing client takes, with that client.
fn publish_examples(world: &World, server: &EnactServer) -> Vec<Skill> {
    let client = find_official_client().unwrap().unwrap();
    let mut skills = skills::examples().unwrap();
    skills.retain(|skill| skill.name.matches('/').count() == 1);
    for skill in &skills {
        let output = enact_command(&client)
            .args(["publish", skill.path().to_str().unwrap(), "--unlisted"])
            .env("HOME", world.path("home"))
            .env("ENACT_REGISTRY_URL", &server.url)
            .env("ENACT_AUTH_TOKEN", "a-token")
            .env("SUPABASE_URL", &server.url)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    skills
}

/// What happens to a folder in the years.
fn spoil(world: &World) {
    let bundles = world.path("old/bundles/evil");
    fs::remove_file(bundles.join("missing/1.0.0/bundle.tar.gz")).unwrap();
    let changed = bundles.join("changed/1.0.0/bundle.tar.gz");
    let mut bytes = fs::read(&changed).unwrap();
    bytes[20] ^= 1;
    fs::write(changed, bytes).unwrap();
}

fn check(api: &Api) {
    let greeter = api.get("/tools/alice/greeter");
    assert_eq!(greeter["latest_version"], "2.0.0");
    assert_eq!(greeter["description"], "alice/greeter 2.0.0");
    assert_eq!(greeter["license"], "MIT");
    assert_eq!(greeter["total_downloads"], 3);
    let versions: BTreeMap<&str, &Value> = greeter["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| (version["version"].as_str().unwrap(), version))
        .collect();
    assert_eq!(versions.len(), 4);
    assert_eq!(versions["2.0.0"]["downloads"], 3);
    assert_eq!(versions["1.0.0"]["yanked"], true);
    // Published now, by another clock than this test's: with a zone is all that can be said.
    assert!(
        versions["1.0.0"]["published_at"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
    let yanked = api.get("/tools/alice/greeter/versions/1.0.0");
    assert_eq!(yanked["yank_reason"], "rude");
    assert_eq!(yanked["yank_replacement"], "1.9.0");
    assert_eq!(yanked["published_by"]["username"], "admin");
    assert_eq!(yanked["rawManifest"], "# alice/greeter 1.0.0\n");

    let found = api.get("/tools/search?q=imported&limit=100");
    let names: Vec<&str> = found["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    for name in ["alice/greeter", "alice/utils/deep", "@acme/hammer"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(api.get("/tools/bob/secret")["visibility"], "private");
    assert_eq!(api.get("/tools/bob/hidden")["visibility"], "unlisted");
    for (name, version, _) in GOOD {
        assert_eq!(
            api.download(name, version),
            bundle(name, version),
            "{name}@{version}"
        );
    }
}

fn install(world: &World, server: &EnactServer) {
    for name in ["alice/greeter", "alice/utils/deep", "@acme/hammer"] {
        world
            .run(&["install", name, "--registry", &server.url])
            .code(0);
        let skill = world
            .path("home/.agents/skills")
            .join(name)
            .join("SKILL.md");
        assert!(fs::read_to_string(skill).unwrap().contains(name));
    }
}
