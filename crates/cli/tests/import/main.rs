//! `enact db` and `enact audit`, the real program: on a database of every age, and taking over the data
//! folder of the existing server, which really runs and is filled through its own API.
//!
//! A binary apart from `cli`: it needs a harness that can report a missing backend as ignored.

#![expect(
    clippy::unwrap_used,
    reason = "everything here is a test, which fails by panicking"
)]

mod audit;
mod databases;
mod existing;
mod takeover;
mod world;

use std::process::ExitCode;

use enact_testkit::{Postgres, S3, find_official_client, s3_env};
use libtest_mimic::{Arguments, Trial};
use world::World;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let server_missing = matches!(find_official_client(), Ok(None));
    let postgres_missing = Postgres::is_to_be_ignored();
    let minio_missing = S3::minio_is_to_be_ignored();
    let trials = vec![
        trial("databases::sqlite", false, || {
            databases::of_every_age(&World::new(Vec::new()));
        }),
        trial("databases::postgres", postgres_missing, || {
            let postgres = Postgres::start().unwrap().unwrap();
            databases::on_postgres(&postgres);
        }),
        trial("audit::sqlite", false, || {
            audit::who_did_what(&World::new(vec![tokens()]));
        }),
        trial("audit::postgres", postgres_missing, || {
            let postgres = Postgres::start().unwrap().unwrap();
            let url = ("DATABASE_URL", postgres.new_database().unwrap());
            audit::who_did_what(&World::new(vec![tokens(), url]));
        }),
        trial("takeover::sqlite_and_folder", server_missing, || {
            takeover::whole(&World::new(Vec::new()));
        }),
        trial(
            "takeover::postgres_and_minio",
            server_missing || postgres_missing || minio_missing,
            || {
                let (s3, postgres) = (
                    S3::minio().unwrap().unwrap(),
                    Postgres::start().unwrap().unwrap(),
                );
                let mut env = s3_env(&s3);
                env.push(("DATABASE_URL", postgres.new_database().unwrap()));
                takeover::whole(&World::new(env));
            },
        ),
        trial("takeover::in_use_and_killed", server_missing, || {
            takeover::in_use_and_killed(&World::new(Vec::new()));
        }),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// People sign in with tokens.
fn tokens() -> (&'static str, String) {
    ("ENACT_AUTH", "tokens".to_owned())
}

fn trial(name: &str, ignored: bool, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
    .with_ignored_flag(ignored)
}
