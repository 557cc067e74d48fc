//! The catalog's conformance suite: one function per behaviour, run on SQLite and on PostgreSQL.
//! To add a behaviour, write a function and name it in its file's `ALL`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod audit;
mod fixture;
mod identities;
mod importing;
mod people;
mod publishing;
mod quotas;
mod sayings;
mod search_model;
mod searching;
mod tools;

use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use enact_testkit::Postgres;
use fixture::{Backend, Behaviour};
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let postgres = Postgres::start()
        .expect("PostgreSQL starts")
        .map(|postgres| Arc::new(Mutex::new(postgres)));
    let behaviours = [
        accounts::ALL,
        audit::ALL,
        identities::ALL,
        importing::ALL,
        people::ALL,
        publishing::ALL,
        quotas::ALL,
        sayings::ALL,
        search_model::ALL,
        searching::ALL,
        tools::ALL,
    ]
    .concat();
    let mut trials = Vec::new();
    for behaviour in behaviours {
        trials.push(trial("sqlite", behaviour, Some(Backend::Sqlite)));
        let backend = postgres.clone().map(Backend::Postgres);
        trials.push(trial("postgres", behaviour, backend));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(postgres);
    conclusion.exit_code()
}

fn trial(name: &str, behaviour: Behaviour, backend: Option<Backend>) -> Trial {
    let missing = backend.is_none();
    let trial = Trial::test(format!("{name}::{}", behaviour.name), move || {
        let backend = backend.ok_or("the backend is missing")?;
        fixture::run(&backend, behaviour.test);
        Ok(())
    });
    trial.with_ignored_flag(missing)
}
