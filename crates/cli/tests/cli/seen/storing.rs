//! What somebody sees who operates the store.

use enact_testkit::{S3, s3_env};

use super::Story;

const KEY: &str = "notes/one.txt";

#[test]
fn a_local_store() {
    let mut story = Story::new();
    story.served.sandbox.write("project/one.txt", "one\n");
    for args in [
        &["storage", "doctor"][..],
        &["storage", "init"],
        &["storage", "put", "one.txt", KEY],
        &["storage", "put", "one.txt", KEY, "--create-only"],
        &["storage", "put", "gone.txt", KEY],
        &["storage", "stat", KEY],
        &["storage", "stat", "notes/gone.txt"],
        &["storage", "get", KEY, "two.txt"],
        &["storage", "get", "notes/gone.txt"],
        &["storage", "ls", "notes/"],
        &["storage", "presign", KEY],
        &["storage", "rm", KEY],
        &["storage", "rm", "../up"],
    ] {
        story.operate(args);
    }
    let data = story.served.sandbox.path("data");
    let data = ["--data", data.to_str().unwrap()];
    let few = ["storage", "bench", "--size", "1KiB", "--count", "2"];
    story.run_unseen(&[], &[&few[..], &data].concat());
    story.run_unseen(&[], &[&["storage", "test"][..], &data].concat());
    story.end("storing-locally");
}

#[test]
fn an_s3_store() {
    let mut story = Story::new();
    let s3 = S3::in_process().unwrap();
    let vars = s3_env(&s3);
    let vars: Vec<(&str, &str)> = vars.iter().map(|(name, value)| (*name, &**value)).collect();
    story.run_unseen(&vars, &["storage", "presign", KEY]);
    let nothing = [("R2_ENDPOINT", "http://127.0.0.1:9")];
    let incomplete = [("R2_ACCESS_KEY_ID", "id")];
    for args in [
        &["storage", "doctor"][..],
        &["storage", "test"],
        &["storage", "init"],
        &["storage", "ls"],
        &["storage", "rm", KEY],
        &["storage", "bench"],
        &["storage", "presign", KEY],
    ] {
        story.run_with(&incomplete, args);
    }
    story.run_with(&nothing, &["storage", "stat", KEY]);
    story.end("storing-in-s3");
}
