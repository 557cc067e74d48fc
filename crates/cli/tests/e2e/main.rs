//! The main job, whole: the real program serves, publishes the example skills and installs them,
//! byte for byte the same. The same story runs on a local folder, on an in-process S3 server, on a
//! real MinIO, with PostgreSQL instead of SQLite, and with the existing client on either side.
//!
//! A binary apart from `cli`: it needs a harness that can report a missing backend as ignored.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod official;
mod operator;
mod sign_in;
mod story;
mod world;

use std::process::ExitCode;

use enact_testkit::{Browser, Keyring, Postgres, S3, s3_env};
use libtest_mimic::{Arguments, Trial};
use world::World;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let minio_missing = S3::minio_is_to_be_ignored();
    let postgres_missing = Postgres::is_to_be_ignored();
    let official_missing = official::is_to_be_ignored();
    let trials = vec![
        trial("local_folder", false, || {
            story::tell(&World::new(Vec::new()));
        }),
        trial("in_process_s3", false, || on_s3(&S3::in_process().unwrap())),
        trial("in_process_s3_by_links", false, || {
            let s3 = S3::in_process().unwrap();
            story::tell(&World::new(by_links(&s3)));
        }),
        trial("minio", minio_missing, || {
            on_s3(&S3::minio().unwrap().unwrap());
        }),
        trial(
            "minio_and_postgres",
            minio_missing || postgres_missing,
            || {
                let (s3, postgres) = (
                    S3::minio().unwrap().unwrap(),
                    Postgres::start().unwrap().unwrap(),
                );
                let mut env = s3_env(&s3);
                env.push(("DATABASE_URL", postgres.new_database().unwrap()));
                story::tell(&World::new(env));
            },
        ),
        trial("operator_sqlite", false, || {
            operator::decides_who_may_what(Vec::new());
        }),
        trial("operator_postgres", postgres_missing, || {
            let postgres = Postgres::start().unwrap().unwrap();
            let url = postgres.new_database().unwrap();
            operator::decides_who_may_what(vec![("DATABASE_URL", url)]);
        }),
        trial(
            "keyring",
            Keyring::is_to_be_ignored(),
            sign_in::with_a_keyring,
        ),
        trial("browser", Browser::is_to_be_ignored(), || {
            sign_in::in_a_browser();
        }),
        trial(
            "browser_with_existing_client",
            Browser::is_to_be_ignored() || Keyring::is_to_be_ignored() || official_missing,
            sign_in::existing_client_in_a_browser,
        ),
        trial("existing_client", official_missing, || {
            official::both_ways(&World::new(Vec::new()));
        }),
        trial("existing_client_and_new_skills", official_missing, || {
            official::new_skills(&World::new(Vec::new()));
        }),
        trial("existing_client_one_list", official_missing, || {
            official::one_list(&World::new(Vec::new()));
        }),
        trial("existing_client_by_links", official_missing, || {
            let s3 = S3::in_process().unwrap();
            official::both_ways(&World::new(by_links(&s3)));
        }),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(name: &str, ignored: bool, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
    .with_ignored_flag(ignored)
}

/// The environment of a server that has clients fetch bundles from the store itself.
fn by_links(s3: &S3) -> Vec<(&'static str, String)> {
    let mut env = s3_env(s3);
    env.push(("ENACT_REDIRECT_DOWNLOADS", "1".to_owned()));
    env
}

fn on_s3(s3: &S3) {
    let world = World::new(s3_env(s3));
    story::tell(&world);
    let kept = world.data().join("objects");
    assert!(
        !kept.exists(),
        "bundles were stored locally, in {}",
        kept.display()
    );
}
