//! A private tool is to strangers what a tool that does not exist is, also in how long the answer
//! takes: every use case asks the database the same of both, gets as many rows, and ends in the same
//! error. A program of its own, since it listens to what the database library logs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../registry/bundle.rs"]
mod bundle;
#[path = "../../../seed/src/statements.rs"]
mod statements;
mod use_cases;
mod world;

use std::process::ExitCode;

use enact_catalog::Database;
use enact_testkit::Postgres;
use libtest_mimic::{Arguments, Trial};
use statements::Statements;
use use_cases::UseCase;
use world::World;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // They share what they listen to.
    arguments.test_threads = Some(1);
    let statements = Statements::listen().expect("nobody else listens");
    let postgres = Postgres::start().expect("PostgreSQL starts");
    let url = postgres.as_ref().map(|postgres| postgres.url.clone());
    let (missing, for_sqlite) = (url.is_none(), statements.clone());
    let trials = vec![
        Trial::test(
            "sqlite::a_private_tool_is_asked_for_like_a_missing_one",
            move || {
                let folder = tempfile::tempdir().unwrap();
                let database = Database::Sqlite(folder.path().join("registry.db"));
                run(database, for_sqlite);
                Ok(())
            },
        ),
        Trial::test(
            "postgres::a_private_tool_is_asked_for_like_a_missing_one",
            move || {
                run(
                    Database::Postgres(url.ok_or("the backend is missing")?),
                    statements,
                );
                Ok(())
            },
        )
        .with_ignored_flag(missing),
    ];
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(postgres);
    conclusion.exit_code()
}

fn run(database: Database, statements: Statements) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime
        .unwrap()
        .block_on(a_private_tool_is_asked_for_like_a_missing_one(
            database, statements,
        ));
}

async fn a_private_tool_is_asked_for_like_a_missing_one(
    database: Database,
    statements: Statements,
) {
    let world = World::new(database, statements).await;
    // What opening and closing a registry takes, without any use case.
    let idle = world.listen(async |_| {}).await.1.len();
    for caller in world.strangers() {
        for use_case in UseCase::ALL {
            for (private, missing) in [
                ("alice/secret", "alice/absent"),
                ("@acme/secret", "@acme/absent"),
            ] {
                let what = format!("{use_case:?} of {private} by {caller:?}");
                let ask = async |name: &str| {
                    let name = name.parse().unwrap();
                    let asked =
                        world.listen(async |registry| use_case.ask(registry, &caller, &name).await);
                    let (result, ran) = asked.await;
                    let error = result.expect_err(&what);
                    (
                        error.kind().clone(),
                        error.to_string().replace(name.as_str(), "NAME"),
                        ran,
                    )
                };
                let (of_private, of_missing) = (ask(private).await, ask(missing).await);
                assert_eq!(of_private, of_missing, "{what}");
                assert!(
                    !use_case.reads() || of_private.2.len() > idle,
                    "{what} asks nothing"
                );
            }
        }
    }
    // What is looked for would be seen.
    let name = "alice/secret".parse().unwrap();
    let owner = world.owner().await;
    let seen = world.listen(async |registry| UseCase::Info.ask(registry, &owner, &name).await);
    assert!(seen.await.0.is_ok());
}
