//! `deploy/compose.yaml`: what can be tried of it without Docker, its settings and its script.

use std::process::Command;

use enact_testkit::{S3, http, in_path};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn trials() -> [Trial; 2] {
    let no_script = S3::minio_is_to_be_ignored() || in_path("curl").is_none();
    [
        Trial::test("compose::has_the_documented_settings", || {
            documented();
            Ok(())
        }),
        Trial::test("compose::makes_a_private_bucket", || {
            makes_bucket();
            Ok(())
        })
        .with_ignored_flag(no_script),
    ]
}

fn services() -> Value {
    let text = include_str!("../../../../deploy/compose.yaml");
    let file: Value = serde_saphyr::from_str(text).unwrap();
    file["services"].clone()
}

fn documented() {
    let services = services();
    let minio = &services["minio"];
    // To this machine alone: everybody knows the password.
    assert_eq!(
        minio["ports"],
        json!(["127.0.0.1:9000:9000", "127.0.0.1:9001:9001"])
    );
    let environment = &minio["environment"];
    assert_eq!(environment["MINIO_ROOT_USER"], "enact");
    assert_eq!(environment["MINIO_ROOT_PASSWORD"], "enact123456");
    assert_eq!(environment["MINIO_REGION"], "us-east-1");
    let health = minio["healthcheck"]["test"].to_string();
    assert!(health.contains("http://localhost:9000/minio/health/live"));
    assert_eq!(
        services["bucket"]["depends_on"]["minio"]["condition"],
        "service_healthy"
    );
    // It is built here, from a file that is there.
    assert_eq!(services["bucket"]["image"], minio["image"]);
    assert_eq!(minio["build"]["dockerfile"], "minio.Dockerfile");
    let built = include_str!("../../../../deploy/minio.Dockerfile");
    assert!(built.contains("apk add --no-cache ca-certificates curl"));
    assert!(built.contains("\"--console-address\", \":9001\""));
}

fn makes_bucket() {
    let services = services();
    let script = services["bucket"]["command"][0].as_str().unwrap();
    let store = S3::minio().unwrap().unwrap();
    // What Compose makes of it, and this store in place of the one in its network.
    let address = "http://minio:9000/enact-bundles";
    let bucket = format!("{}/made-by-compose", store.endpoint);
    assert!(script.contains(address), "{script}");
    let script = script.replace("$$", "$").replace(address, &bucket);
    // The second time as when the service is started again.
    for _ in 0..2 {
        let output = Command::new("/bin/sh").args(["-c", &script]).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    // `MinIO`'s own answer to those without a key pair.
    assert_eq!(http::get(&format!("{bucket}/")).unwrap().status, 403);
    let wrong = script.replace("enact123456", "wrong-secret");
    let output = Command::new("/bin/sh").args(["-c", &wrong]).output();
    let output = output.unwrap();
    assert!(!output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("status 403"));
}
