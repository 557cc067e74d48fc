//! `enact storage doctor` on every store: in order, and with each mistake that only a store finds.

use serde_json::Value;

use crate::Behaviour;
use crate::stores::{Kind, World};

pub(crate) const ALL: [(&str, Behaviour); 6] = [
    ("doctor_finds_nothing_wrong", healthy),
    ("doctor_knows_a_wrong_secret", wrong_secret),
    ("doctor_knows_a_wrong_access_key", wrong_access_key),
    ("doctor_knows_a_wrong_bucket", wrong_bucket),
    ("doctor_knows_a_wrong_region", wrong_region),
    ("doctor_knows_https_on_a_plain_port", https_on_plain_port),
];

/// One check of the report.
pub(crate) fn check<'r>(report: &'r Value, name: &str) -> &'r Value {
    let checks = report["checks"].as_array().unwrap().iter();
    let mut found = checks.filter(|check| check["name"] == name);
    found
        .next()
        .unwrap_or_else(|| panic!("no {name} in {report:#}"))
}

fn healthy(world: &World) {
    let report = world.json(0, &["doctor"]);
    assert_eq!(report["ok"], true);
    for check in report["checks"].as_array().unwrap() {
        assert_ne!(check["status"], "failed", "{check}");
    }
    for name in ["put", "head", "get", "list", "delete"] {
        assert_eq!(check(&report, name)["status"], "ok", "{name}");
    }
    // The in-process server looks first and writes then: two writers may both get through.
    if world.kind != Kind::InProcess {
        assert_eq!(check(&report, "conditional put")["status"], "ok");
    }
    if world.kind == Kind::Local {
        assert_eq!(report["settings"][0]["source"], "--data");
    } else {
        for name in [
            "DNS",
            "TCP",
            "S3 API",
            "clock",
            "credentials",
            "region",
            "bucket",
        ] {
            assert_eq!(check(&report, name)["status"], "ok", "{name}");
        }
        assert_eq!(check(&report, "TLS")["status"], "skipped");
        let style = check(&report, "addressing style")["detail"]
            .as_str()
            .unwrap();
        assert!(
            style.starts_with("path-style: http://127.0.0.1:"),
            "{style}"
        );
        assert_eq!(check(&report, "presigned link")["status"], "ok");
    }
    let text = world.succeed(&["doctor"]);
    assert!(text.stdout.ends_with("The store works.\n"), "{text:?}");
    assert_eq!(text.stderr, "");
    assert!(world.keys().is_empty(), "it cleans up");
    if world.kind != Kind::Local {
        let secret = &world.env["R2_SECRET_ACCESS_KEY"];
        assert!(!text.stdout.contains(secret.as_str()), "{}", text.stdout);
    }
}

/// With one variable changed, `failed` is the check that fails, with this cause and this fix;
/// those after it are skipped.
fn with(world: &World, name: &'static str, value: &str, failed: &str, cause: &str, fix: &str) {
    let mut env = world.env.clone();
    env.insert(name, value.to_owned());
    let world = World::new(world.kind, env);
    let report = world.json(1, &["doctor"]);
    let check = check(&report, failed);
    assert_eq!(check["status"], "failed", "{report:#}");
    let detail = check["detail"].as_str().unwrap();
    assert!(detail.contains(cause), "{detail}");
    assert!(check["fix"].as_str().unwrap().contains(fix), "{check}");
    let after = report["checks"].as_array().unwrap().iter();
    for check in after.skip_while(|check| check["name"] != failed).skip(1) {
        assert_eq!(check["status"], "skipped", "{check}");
    }
    assert_eq!(report["error"]["code"], "CHECKS_FAILED");
    let ended = world.run(&["doctor"]);
    assert!(ended.stdout.contains(&format!("✗ {failed}")), "{ended:?}");
    let secret = &world.env["R2_SECRET_ACCESS_KEY"];
    assert!(!format!("{ended:?}{report}").contains(secret.as_str()));
}

fn wrong_secret(world: &World) {
    if world.kind != Kind::Local {
        let (cause, fix) = ("signature", "export R2_SECRET_ACCESS_KEY=");
        with(
            world,
            "R2_SECRET_ACCESS_KEY",
            "not-the-secret",
            "credentials",
            cause,
            fix,
        );
    }
}

fn wrong_access_key(world: &World) {
    if world.kind != Kind::Local {
        let fix = "export R2_ACCESS_KEY_ID=";
        with(world, "R2_ACCESS_KEY_ID", "nobody", "credentials", "", fix);
    }
}

fn wrong_bucket(world: &World) {
    if world.kind != Kind::Local {
        let (cause, fix) = ("no bucket \"no-such-bucket\"", "enact storage init");
        with(world, "R2_BUCKET", "no-such-bucket", "bucket", cause, fix);
    }
}

fn wrong_region(world: &World) {
    // The in-process server has no region.
    if world.kind == Kind::Minio {
        let (cause, fix) = ("is in region \"us-east-1\"", "export R2_REGION=us-east-1");
        with(world, "R2_REGION", "mars-north-1", "region", cause, fix);
    }
}

fn https_on_plain_port(world: &World) {
    if world.kind != Kind::Local {
        let plain = world.env["R2_ENDPOINT"].clone();
        let https = plain.replace("http://", "https://");
        let fix = format!("export R2_ENDPOINT={plain}");
        with(world, "R2_ENDPOINT", &https, "TLS", "", &fix);
    }
}
