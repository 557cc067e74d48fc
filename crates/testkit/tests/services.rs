//! Each service is there while its value lives, and gone afterwards.

#![expect(
    clippy::unwrap_used,
    reason = "everything here is a test, which clippy does not see"
)]

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use enact_testkit::{EnactServer, Postgres, S3, http, s3_env};
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let test = |name: &str, run: fn()| {
        Trial::test(name, move || {
            run();
            Ok(())
        })
    };
    let tests = vec![
        test("s3_in_process_serves_signed_requests_only", || {
            serves_signed_requests_only(S3::in_process().unwrap());
        }),
        test("s3_minio_serves_signed_requests_only", || {
            serves_signed_requests_only(S3::minio().unwrap().unwrap());
        })
        .with_ignored_flag(S3::minio_is_to_be_ignored()),
        test("s3_stores_are_separate", s3_stores_are_separate),
        test(
            "s3_env_is_what_the_server_reads",
            s3_env_is_what_the_server_reads,
        ),
        test(
            "postgres_makes_databases_that_are_separate",
            postgres_makes_databases_that_are_separate,
        )
        .with_ignored_flag(Postgres::is_to_be_ignored()),
        test("server_starts_and_stops", server_starts_and_stops),
        test(
            "server_that_ends_early_is_an_error_with_its_output",
            server_that_ends_early_is_an_error_with_its_output,
        ),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

fn serves_signed_requests_only(s3: S3) {
    let mut response = http::get(&format!("{}/{}", s3.endpoint, s3.bucket)).unwrap();
    let mut body = String::new();
    response.read_to_string(&mut body).unwrap();
    assert_eq!(response.status, 403, "{body}");
    assert!(body.contains("<Code>AccessDenied</Code>"), "{body}");

    // Its port says nothing afterwards: another service may have got it.
    let folder = s3.folder().to_owned();
    assert!(folder.exists());
    drop(s3);
    assert!(!folder.exists());
}

fn s3_stores_are_separate() {
    let (one, other) = (S3::in_process().unwrap(), S3::in_process().unwrap());
    one.create_bucket("extra").unwrap();
    assert!(one.create_bucket("extra").is_err());
    other.create_bucket("extra").unwrap();
    assert_ne!(one.endpoint, other.endpoint);
}

fn s3_env_is_what_the_server_reads() {
    let s3 = S3::in_process().unwrap();
    let expected = [
        ("R2_ENDPOINT", s3.endpoint.clone()),
        ("R2_ACCESS_KEY_ID", "enact".to_owned()),
        ("R2_SECRET_ACCESS_KEY", "enact123456".to_owned()),
        ("R2_BUCKET", "enact-bundles".to_owned()),
        ("R2_REGION", "us-east-1".to_owned()),
    ];
    assert_eq!(s3_env(&s3), expected);
}

fn postgres_makes_databases_that_are_separate() {
    let postgres = Postgres::start().unwrap().unwrap();
    let one = postgres.new_database().unwrap();
    let other = postgres.new_database().unwrap();
    postgres.psql(&one, "create table here (id int)").unwrap();
    let tables = "select count(*) from pg_tables where schemaname = 'public'";
    assert_eq!(postgres.psql(&one, tables).unwrap(), "1");
    assert_eq!(postgres.psql(&other, tables).unwrap(), "0");
    let name = postgres.psql(&postgres.url, "select current_database()");
    assert_eq!(name.unwrap(), "enact");
    assert!(postgres.psql(&one, "select nonsense").is_err());
}

/// A stand-in for the `enact` program, since this crate must not depend on it.
fn script(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("enact");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn server_starts_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let binary = script(
        folder.path(),
        r#"trap 'exit 7' TERM
        echo "args: $* $R2_BUCKET"
        echo "Listening on http://127.0.0.1:12345 (open mode)"
        echo "said after that"
        echo "  export ENACT_REGISTRY_URL=http://127.0.0.1:12345"
        while :; do sleep 0.01; done"#,
    );
    let env = [("R2_BUCKET", "mine".to_owned())];
    let server = EnactServer::start(&binary, Path::new("/data"), env).unwrap();
    assert_eq!(server.url, "http://127.0.0.1:12345");
    let output = server.output();
    assert!(
        output.starts_with("args: serve --port 0 --data /data mine\n"),
        "{output}"
    );
    assert!(output.contains("said after that"), "{output}");
    assert_eq!(server.stop().unwrap().code(), Some(7));
}

fn server_that_ends_early_is_an_error_with_its_output() {
    let folder = tempfile::tempdir().unwrap();
    let binary = script(folder.path(), "echo 'no such bucket' >&2; exit 3");
    let error = EnactServer::start(&binary, Path::new("/data"), []).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("no such bucket"), "{text}");
    assert!(text.contains("exit status: 3"), "{text}");
}
