//! `enact storage`, the real program: on a local folder, an in-process S3 server and a real
//! `MinIO`, and on settings that are wrong in every way that people get them wrong.
//!
//! A binary apart from `cli`: it needs a harness that can report a missing backend as ignored.

#![expect(
    clippy::unwrap_used,
    reason = "everything here is a test, which fails by panicking"
)]

mod commands;
mod compose;
mod doctor;
mod fake;
mod mistakes;
mod stores;
mod tls;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use stores::{Kind, Store, World};

fn main() -> ExitCode {
    let mut trials = Vec::new();
    for kind in [Kind::Local, Kind::InProcess, Kind::Minio] {
        let store = Store::new(kind);
        for (name, behaviour) in all() {
            let (store, ignored) = (store.clone(), store.is_missing());
            let trial = Trial::test(format!("{}::{name}", store.name()), move || {
                behaviour(&store.world(name));
                Ok(())
            });
            trials.push(trial.with_ignored_flag(ignored));
        }
    }
    for (name, mistake) in mistakes::ALL {
        trials.push(Trial::test(format!("mistakes::{name}"), move || {
            mistake();
            Ok(())
        }));
    }
    trials.extend(compose::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn all() -> impl Iterator<Item = &'static (&'static str, Behaviour)> {
    let doctor = commands::ALL.iter().chain(&doctor::ALL);
    doctor.chain(&tls::ALL)
}

/// What a store must do.
type Behaviour = fn(&World);
