//! What the storage client does, over every backend: one function per behaviour. Beside it, what
//! it does when a store misbehaves.
//!
//! `ENACT_TEST_S3_ENDPOINT`, `_ACCESS_KEY`, `_SECRET_KEY`, `_BUCKET` and `_REGION` add one more
//! store, such as Garage or a cloud bucket. To add a behaviour: write it in `behaviours/` and name
//! it in that module's list.

#![expect(
    clippy::unwrap_used,
    reason = "everything here is a test, which clippy does not see"
)]

mod backends;
mod behaviours;
mod data;
mod faults;
mod local;
mod runtime;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    local::write_for_ever_if_asked();
    let mut trials = Vec::new();
    let backends = backends::all();
    for backend in &backends {
        for behaviour in behaviours::all() {
            if !behaviour.applies_to(backend) {
                continue;
            }
            let name = format!("{}::{}", backend.name(), behaviour.name);
            let ignored = backend.is_missing();
            let (run, backend) = (behaviour.run, backend.clone());
            let scope = behaviour.name;
            trials.push(
                Trial::test(name, move || {
                    // Starting a store may need a runtime of its own, so not inside of ours.
                    let context = backend.context(scope).map_err(|e| format!("{e:#}"))?;
                    runtime::run(run(context))
                })
                .with_ignored_flag(ignored),
            );
        }
    }
    trials.extend(faults::trials());
    trials.extend(local::trials());
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    for backend in backends {
        let name = backend.name();
        if let Err(error) = runtime::run(backend.clear()) {
            let why = error.message().unwrap_or_default();
            #[expect(clippy::print_stderr, reason = "told beside the results")]
            {
                eprintln!("objects of the tests are left in {name}: {why}");
            }
        }
    }
    conclusion.exit_code()
}
