//! Each service is there while its value lives, and gone afterwards.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests are tests, which clippy does not see"
)]

use std::fs;
use std::io::Read as _;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use enact_testkit::{EnactServer, S3, http, s3_env};

/// The address in `http://ADDRESS`.
fn address(url: &str) -> &str {
    url.strip_prefix("http://").unwrap()
}

fn serves_signed_requests_only(s3: S3) {
    let mut response = http::get(&format!("{}/{}", s3.endpoint, s3.bucket)).unwrap();
    let mut body = String::new();
    response.read_to_string(&mut body).unwrap();
    assert_eq!(response.status, 403, "{body}");
    assert!(body.contains("<Code>AccessDenied</Code>"), "{body}");

    let endpoint = s3.endpoint.clone();
    drop(s3);
    assert!(TcpStream::connect(address(&endpoint)).is_err());
}

#[test]
fn in_process_s3_serves_signed_requests_only() {
    serves_signed_requests_only(S3::in_process().unwrap());
}

#[test]
fn minio_serves_signed_requests_only() {
    if let Some(minio) = S3::minio().unwrap() {
        serves_signed_requests_only(minio);
    }
}

#[test]
fn s3_stores_are_separate() {
    let (one, other) = (S3::in_process().unwrap(), S3::in_process().unwrap());
    one.create_bucket("extra").unwrap();
    assert!(one.create_bucket("extra").is_err());
    other.create_bucket("extra").unwrap();
    assert_ne!(one.endpoint, other.endpoint);
}

#[test]
fn s3_env_is_what_the_server_reads() {
    let s3 = S3::in_process().unwrap();
    let names: Vec<_> = s3_env(&s3).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "R2_ENDPOINT",
            "R2_ACCESS_KEY_ID",
            "R2_SECRET_ACCESS_KEY",
            "R2_BUCKET",
            "R2_REGION"
        ]
    );
}

/// A stand-in for the `enact` program, since this crate must not depend on it.
fn script(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("enact");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn server_is_ready_when_it_prints_where_it_listens_and_ends_on_sigterm() {
    let folder = tempfile::tempdir().unwrap();
    let binary = script(
        folder.path(),
        r#"trap 'echo stopping; exit 7' TERM
        echo "args: $* $R2_BUCKET"
        echo "Listening on http://127.0.0.1:12345 (open mode)"
        while :; do sleep 0.01; done"#,
    );
    let env = [("R2_BUCKET", "mine".to_owned())];
    let server = EnactServer::start(&binary, Path::new("/data"), env).unwrap();
    assert_eq!(server.url, "http://127.0.0.1:12345");
    assert!(
        server
            .output()
            .starts_with("args: serve --port 0 --data /data mine\n")
    );
    assert_eq!(server.stop().unwrap().code(), Some(7));
}

#[test]
fn server_that_ends_early_is_an_error_with_its_output() {
    let folder = tempfile::tempdir().unwrap();
    let binary = script(folder.path(), "echo 'no such bucket' >&2; exit 3");
    let error = EnactServer::start(&binary, Path::new("/data"), []).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("no such bucket"), "{text}");
    assert!(text.contains("exit status: 3"), "{text}");
}
