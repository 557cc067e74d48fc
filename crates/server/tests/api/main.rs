//! The API as clients meet it: a real server on a free port, its bundles in a folder, its catalog in
//! SQLite and in PostgreSQL. Every behaviour runs on both. To add one, write a function in the file
//! of its subject and name it in that file's `behaviours!`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[macro_use]
mod backend;

mod access;
mod audit;
mod bad_bundles;
mod bad_requests;
mod browsers;
mod describing;
mod downloading;
mod files;
mod fixture;
mod identities;
mod late_bodies;
mod lifecycle;
mod limits;
mod orgs;
mod publish_rights;
mod publishing;
mod quotas;
mod reading;
mod sayings;
mod searching;
mod secrets;
mod several_servers;
mod signing_in;
mod table;
mod tls;
mod workflows;
mod yanking;

use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use backend::{Backend, Behaviour};
use enact_testkit::Postgres;
use libtest_mimic::{Arguments, Trial};

const SUBJECTS: &[&[Behaviour]] = &[
    access::ALL,
    audit::abuse::ALL,
    audit::actions::ALL,
    audit::callers::ALL,
    audit::reading::ALL,
    bad_bundles::ALL,
    bad_requests::ALL,
    browsers::ALL,
    describing::ALL,
    downloading::ALL,
    files::ALL,
    identities::ALL,
    late_bodies::ALL,
    lifecycle::ALL,
    limits::ALL,
    orgs::ALL,
    publish_rights::ALL,
    publishing::ALL,
    quotas::ALL,
    reading::ALL,
    sayings::ALL,
    searching::ALL,
    secrets::ALL,
    several_servers::ALL,
    table::ALL,
    signing_in::ALL,
    tls::ALL,
    workflows::ALL,
    yanking::ALL,
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    secrets::listen();
    let postgres = Postgres::start()
        .unwrap()
        .map(|postgres| Arc::new(Mutex::new(postgres)));
    let mut trials = secrets::trials();
    for behaviour in SUBJECTS.concat() {
        trials.push(trial("sqlite", behaviour, Some(Backend::Sqlite)));
        let backend = postgres.clone().map(Backend::Postgres);
        trials.push(trial("postgres", behaviour, backend));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(postgres);
    secrets::look(conclusion.exit_code())
}

fn trial(name: &str, behaviour: Behaviour, backend: Option<Backend>) -> Trial {
    let missing = backend.is_none();
    let trial = Trial::test(format!("{name}::{}", behaviour.name), move || {
        backend::run(backend.ok_or("the backend is missing")?, behaviour);
        Ok(())
    });
    trial.with_ignored_flag(missing)
}
