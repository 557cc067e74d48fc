//! A store behind TLS, under an authority that only those know who were told of it.

use std::path::Path;

use enact_testkit::Tls;

use crate::Behaviour;
use crate::doctor::check;
use crate::stores::{Kind, World};

pub(crate) const ALL: [(&str, Behaviour); 4] = [
    ("tls_with_an_authority_of_ones_own", trusted),
    ("tls_with_an_unknown_authority", unknown),
    ("tls_under_another_name", another_name),
    ("tls_spoken_to_in_plain", plain),
];

/// The world of a store, seen through TLS. None where there is no network in between.
fn behind_tls(world: &World, scheme: &str, host: &str) -> Option<(Tls, World)> {
    if world.kind == Kind::Local {
        return None;
    }
    let tls = Tls::in_front_of(&world.env["R2_ENDPOINT"]).unwrap();
    let mut env = world.env.clone();
    env.insert("R2_ENDPOINT", format!("{scheme}://{host}:{}", tls.port));
    env.insert("SSL_CERT_FILE", text(tls.authority()));
    Some((tls, World::new(world.kind, env)))
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn trusted(world: &World) {
    let Some((_tls, world)) = behind_tls(world, "https", "localhost") else {
        return;
    };
    let report = world.json(0, &["doctor"]);
    for name in ["TLS", "presigned link", "put", "get"] {
        assert_eq!(check(&report, name)["status"], "ok", "{name}");
    }
    world.succeed(&["test"]);
    // In parts, whose bytes are not signed where TLS protects them.
    let (file, data) = world.file("large", 20 * 1024 * 1024 + 1);
    world.succeed(&["put", &text(&file), "a/large"]);
    world.succeed(&["get", "a/large", "back"]);
    assert_eq!(std::fs::read(world.path("back")).unwrap(), data);
    let link = world.json(0, &["presign", "a/large"]);
    assert!(
        link["url"]
            .as_str()
            .unwrap()
            .starts_with("https://localhost:")
    );
}

/// The check of TLS fails, and every other command too, for this reason and with this remedy.
#[track_caller]
fn refused(world: &World, cause: &str, fix: &str) {
    let report = world.json(1, &["doctor"]);
    let check = check(&report, "TLS");
    assert_eq!(check["status"], "failed", "{report:#}");
    let detail = check["detail"].as_str().unwrap();
    assert!(detail.contains(cause), "{detail}");
    let remedy = check["fix"].as_str().unwrap();
    assert!(remedy.contains(fix), "{remedy}");
    let listing = world.run(&["ls"]);
    assert_eq!(listing.code, 1);
    assert!(listing.stderr.contains("is not trusted"), "{listing:?}");
}

fn unknown(world: &World) {
    let Some((tls, mut world)) = behind_tls(world, "https", "localhost") else {
        return;
    };
    world.env.insert("SSL_CERT_FILE", text(tls.stranger()));
    refused(&world, "the certificate is not trusted", "SSL_CERT_FILE");
    assert!(world.run(&["ls"]).stderr.contains("SSL_CERT_FILE"));
}

fn another_name(world: &World) {
    let Some((_tls, world)) = behind_tls(world, "https", "127.0.0.1") else {
        return;
    };
    refused(&world, "not valid for name", "use a name in R2_ENDPOINT");
}

fn plain(world: &World) {
    let Some((_tls, world)) = behind_tls(world, "http", "localhost") else {
        return;
    };
    let report = world.json(1, &["doctor"]);
    let api = check(&report, "S3 API");
    assert_eq!(api["status"], "failed", "{report:#}");
    let fix = api["fix"].as_str().unwrap();
    assert!(fix.contains("R2_ENDPOINT=https://localhost:"), "{fix}");
}
