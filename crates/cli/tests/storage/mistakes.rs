//! Mistakes that need no store: the settings, the way to it, and what answers instead of it.

use std::collections::BTreeMap;

use crate::doctor::check;
use crate::fake::{Fake, answer};
use crate::stores::{Ended, Kind, World};

type Mistake = fn();

pub(crate) const ALL: [(&str, Mistake); 12] = [
    ("no_store_at_all", no_store),
    ("no_credentials", no_credentials),
    ("half_a_key_pair", half_a_key_pair),
    ("a_setting_that_breaks_a_rule", broken_setting),
    ("nothing_listens", nothing_listens),
    ("a_name_that_only_containers_know", container_only_name),
    ("the_name_of_a_compose_service", service_name),
    ("a_website_instead_of_the_api", website),
    ("a_clock_that_is_off", wrong_clock),
    ("a_store_that_loses_objects", lossy_store),
    ("no_permission_to_write", read_only),
    ("a_store_that_ignores_conditions", no_conditions),
];

const KEYS: [(&str, &str); 2] = [
    ("R2_ACCESS_KEY_ID", "enact"),
    ("R2_SECRET_ACCESS_KEY", "enact123456"),
];

fn world(env: &[(&'static str, &str)]) -> World {
    let env: BTreeMap<_, _> = env
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    World::new(Kind::InProcess, env)
}

fn at(endpoint: &str) -> World {
    world(&[KEYS[0], KEYS[1], ("R2_ENDPOINT", endpoint)])
}

/// The doctor finds exactly this.
#[track_caller]
fn finds(world: &World, failed: &str, cause: &str, fix: &str) {
    let report = world.json(1, &["doctor"]);
    let check = check(&report, failed);
    assert_eq!(check["status"], "failed", "{report:#}");
    let detail = check["detail"].as_str().unwrap();
    assert!(detail.contains(cause), "{detail}");
    let remedy = check["fix"].as_str().unwrap();
    assert!(remedy.contains(fix), "{remedy}");
    let checks = report["checks"].as_array().unwrap().iter();
    let failures = checks.filter(|check| check["status"] == "failed").count();
    assert_eq!(failures, 1, "{report:#}");
}

/// Every other command fails too, and does not store anything anywhere.
#[track_caller]
fn refused(world: &World, message: &str) -> Ended {
    let ended = world.run(&["ls"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains(message), "{ended:?}");
    let entries = world.folder.path().read_dir().unwrap();
    assert_eq!(entries.count(), 0);
    ended
}

fn no_store() {
    let world = world(&[]);
    let message = "Missing required storage credentials";
    finds(&world, "settings", message, "--data FOLDER");
    refused(&world, message);
}

fn no_credentials() {
    let world = world(&[("R2_ENDPOINT", "http://localhost:9000")]);
    let message = "Missing required storage credentials";
    let fix = "export R2_ACCESS_KEY_ID=… R2_SECRET_ACCESS_KEY=…";
    finds(&world, "settings", message, fix);
    refused(&world, "export R2_ACCESS_KEY_ID=");
}

fn half_a_key_pair() {
    let mut world = world(&[KEYS[0]]);
    let message = "R2_SECRET_ACCESS_KEY is not set";
    finds(&world, "settings", message, "export R2_SECRET_ACCESS_KEY=…");
    // Set for other programs.
    world
        .env
        .insert("AWS_SECRET_ACCESS_KEY", "other".to_owned());
    let fix = "export R2_SECRET_ACCESS_KEY=\"$AWS_SECRET_ACCESS_KEY\"";
    finds(&world, "settings", message, fix);
}

fn broken_setting() {
    let endpoint = at("localhost:9000");
    finds(
        &endpoint,
        "settings",
        "R2_ENDPOINT is not valid",
        "export R2_ENDPOINT=",
    );
    let aws = world(&KEYS);
    finds(
        &aws,
        "settings",
        "which has no region \"auto\"",
        "R2_REGION",
    );
    let password = at("http://user:hunter2@localhost:9000");
    let ended = password.run(&["doctor"]);
    assert!(!format!("{ended:?}").contains("hunter2"), "{ended:?}");
}

fn nothing_listens() {
    // Bound and given back: nothing is behind it.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let world = at(&format!("http://127.0.0.1:{port}"));
    let cause = format!("nothing listens on port {port} of this machine");
    finds(&world, "TCP", &cause, "start the store");
    // From inside a container.
    let fix = format!("R2_ENDPOINT=http://host.docker.internal:{port}");
    finds(&world, "TCP", &cause, &fix);
    refused(&world, "enact storage doctor");
}

fn container_only_name() {
    // The usual one, host.docker.internal, is known on some people's machines.
    let world = at("http://no-such-host.docker.internal:9000");
    let fix = "export R2_ENDPOINT=http://localhost:9000";
    finds(&world, "DNS", "a name that only containers know", fix);
}

fn service_name() {
    let world = at("http://enact-no-such-minio:9000");
    let fix = "export R2_ENDPOINT=http://localhost:9000";
    finds(&world, "DNS", "a container or a compose service", fix);
}

fn website() {
    let site = Fake::start(|_, _| answer("200 OK", "Server: nginx\r\n", "<!doctype html>"));
    finds(&at(&site.url), "S3 API", "is no S3 API", "R2_ENDPOINT");
    let console = Fake::start(|_, _| answer("200 OK", "Server: MinIO Console\r\n", "<html>"));
    finds(&at(&console.url), "S3 API", "web console", "127.0.0.1:9000");
}

const DENIED: &str = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";

fn wrong_clock() {
    let store = Fake::start(|_, _| {
        answer(
            "403 Forbidden",
            "Date: Wed, 01 Jan 2020 00:00:00 GMT\r\n",
            DENIED,
        )
    });
    finds(
        &at(&store.url),
        "clock",
        "ahead of the store",
        "timedatectl",
    );
}

fn lossy_store() {
    let store = Fake::start(|method, target| match method {
        "PUT" => answer("200 OK", "ETag: \"x\"\r\n", ""),
        "DELETE" => answer("204 No Content", "", ""),
        "HEAD" => answer("404 Not Found", "", ""),
        _ if target.contains("list-type") => answer("200 OK", "", "<ListBucketResult/>"),
        _ => answer("404 Not Found", "", "<Error><Code>NoSuchKey</Code></Error>"),
    });
    let world = at(&store.url);
    let ended = world.run(&["test"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stdout.contains("✓ 1. Upload"), "{ended:?}");
    assert!(
        ended.stdout.contains("✗ 2. Verify file exists"),
        "{ended:?}"
    );
    assert!(ended.stderr.contains("is not there"), "{ended:?}");
    let requests = store.requests();
    let last = requests.last().unwrap();
    assert!(last.starts_with("DELETE "), "it cleans up: {requests:?}");
    let report = world.json(1, &["doctor"]);
    assert_eq!(check(&report, "head")["status"], "failed");
    let report = world.json(1, &["test"]);
    assert_eq!(report["error"]["code"], "INTEGRITY_FAILED");
    assert_eq!(report["steps"].as_array().unwrap().len(), 2);
}

fn read_only() {
    let store = Fake::start(|method, target| match method {
        "PUT" | "DELETE" => answer("403 Forbidden", "", DENIED),
        "HEAD" => answer("404 Not Found", "", ""),
        _ if target.contains("list-type") => answer("200 OK", "", "<ListBucketResult/>"),
        _ => answer("404 Not Found", "", "<Error><Code>NoSuchKey</Code></Error>"),
    });
    let report = at(&store.url).json(1, &["doctor"]);
    for (name, status) in [
        ("credentials", "ok"),
        ("put", "failed"),
        ("get", "ok"),
        ("list", "ok"),
        ("delete", "failed"),
        ("presigned link", "skipped"),
    ] {
        assert_eq!(check(&report, name)["status"], status, "{name}");
    }
    let put = &check(&report, "put")["fix"];
    let expected = "allow s3:PutObject on arn:aws:s3:::enact-bundles/*";
    assert!(put.as_str().unwrap().contains(expected), "{put}");
    let delete = &check(&report, "delete")["fix"];
    assert!(
        delete.as_str().unwrap().contains("s3:DeleteObject"),
        "{delete}"
    );
}

fn no_conditions() {
    let store = Fake::start(|method, target| match method {
        "PUT" => answer("200 OK", "ETag: \"x\"\r\n", ""),
        "DELETE" => answer("204 No Content", "", ""),
        _ if target.contains("list-type") => answer("200 OK", "", "<ListBucketResult/>"),
        _ => {
            let headers = "ETag: \"x\"\r\nLast-Modified: Mon, 23 Nov 2026 21:10:33 GMT\r\n";
            answer("200 OK", headers, "enact storage doctor\n")
        }
    });
    let report = at(&store.url).json(0, &["doctor"]);
    let check = check(&report, "conditional put");
    assert_eq!(check["status"], "warning");
    let detail = check["detail"].as_str().unwrap();
    assert!(detail.contains("ignores If-None-Match"), "{detail}");
}
