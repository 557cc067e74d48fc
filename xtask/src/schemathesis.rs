//! The API against its own description: schemathesis reads `/openapi.json` of a running server, makes
//! requests out of it, and checks that every answer is one that is described there.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use enact_testkit::{cache_dir, enact_command, skills};

use crate::store::{Registry, Store};
use crate::workspace::{self, Profile};

/// What is installed: a new version may find something new, which is for a change of its own.
const VERSION: &str = "4.32.5";

/// Requests made for each operation, and where their randomness starts.
const EXAMPLES: &str = "25";
const SEED: &str = "1";

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";

/// Runs it. Fails at a 5xx, and at an answer that the description does not have.
pub(crate) fn run() -> Result<()> {
    let program = install()?;
    let binary = workspace::build_enact(Profile::Dev)?;
    let folder = tempfile::Builder::new()
        .prefix("enact-schemathesis-")
        .tempdir()?;
    let registry = Registry::start(&binary, Store::Folder, folder.path())?;
    let url = &registry.server.url;
    for skill in skills::examples()? {
        let mut publish = enact_command(&binary);
        publish
            .env("ENACT_REGISTRY_URL", url)
            .env("HOME", folder.path())
            .args(["publish", "--public", "--quiet"])
            .arg(skill.path());
        succeed(publish, "publish the examples")?;
    }
    // What deletes comes last: before, there is something that everything else can be about.
    for methods in ["--exclude-method", "--include-method"] {
        let mut command = Command::new(&program);
        command
            .current_dir(folder.path())
            .arg("run")
            .arg(format!("{url}/openapi.json"))
            .args(["--phases", "examples,fuzzing", "--checks", CHECKS])
            .args(["--max-examples", EXAMPLES, "--seed", SEED])
            .args(["--warnings", "off", methods, "DELETE"]);
        succeed(command, "schemathesis")?;
    }
    Ok(())
}

/// The program, installed into a virtual environment of its own in the cache folder.
fn install() -> Result<PathBuf> {
    let folder = cache_dir().join(format!("schemathesis-{VERSION}"));
    let program = folder.join("bin/schemathesis");
    if !program.is_file() {
        println!("Installing schemathesis {VERSION} …");
        let mut make = Command::new("python3");
        make.args(["-m", "venv"]).arg(&folder);
        succeed(
            make,
            "make a virtual environment (needs Python 3 with venv)",
        )?;
        succeed(pip(&folder), "install schemathesis")?;
    }
    Ok(program)
}

fn pip(folder: &Path) -> Command {
    let mut command = Command::new(folder.join("bin/pip"));
    command
        .args(["install", "--quiet", "--disable-pip-version-check"])
        .arg(format!("schemathesis=={VERSION}"));
    command
}

fn succeed(mut command: Command, what: &str) -> Result<()> {
    let status = command.status().with_context(|| what.to_owned())?;
    if !status.success() {
        bail!("{what}: {status}");
    }
    Ok(())
}
