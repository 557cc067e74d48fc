//! The main job, shown working: publish every example skill, find it, install it, compare it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use enact_testkit::enact_command;

use crate::store::{Registry, Store};
use crate::workspace::{self, Profile};
use enact_testkit::skills::{self, Skill};

/// The demo's own home folder and working folder, so that it leaves those of the user alone.
struct Stage {
    binary: PathBuf,
    home: PathBuf,
    project: PathBuf,
    registry: String,
}

/// Runs the demo. Fails at the first step that does not do what it should.
pub(crate) fn run(store: Store) -> Result<()> {
    println!("Building enact …");
    let binary = workspace::build_enact(Profile::Dev)?;

    let folder = tempfile::Builder::new().prefix("enact-demo-").tempdir()?;
    let registry = Registry::start(&binary, store, folder.path())?;
    println!("\n$ enact serve --port 0 &");
    println!("Listening on {}", registry.server.url);
    if let Some(s3) = &registry.store {
        println!("Bundles are in {}/{}", s3.endpoint, s3.bucket);
    }

    let stage = Stage {
        binary,
        home: folder.path().join("home"),
        project: folder.path().join("project"),
        registry: registry.server.url.clone(),
    };
    std::fs::create_dir_all(&stage.home)?;
    std::fs::create_dir_all(&stage.project)?;
    let skills = skills::examples()?;
    stage.publish(&skills)?;
    stage.find()?;
    stage.install(&skills)?;
    let files = stage.compare(&skills)?;
    stage.run_installed()?;

    let status = registry.server.stop()?;
    if !status.success() {
        bail!("the server ended with {status} when it was asked to stop");
    }
    println!(
        "\nDone: {} skills published, found, installed and compared; all {files} files are the same, \
         byte for byte.",
        skills.len()
    );
    Ok(())
}

impl Stage {
    fn publish(&self, skills: &[Skill]) -> Result<()> {
        for skill in skills {
            let folder = skill.folder.display().to_string();
            self.enact(workspace::root(), &["publish", &folder, "--public"])?;
        }
        Ok(())
    }

    fn find(&self) -> Result<()> {
        let found = self.enact(&self.project, &["search", "markdown"])?;
        for expected in ["carol/spellcheck", "dave/linkcheck"] {
            if !found.contains(expected) {
                bail!("the search did not find {expected}");
            }
        }
        let info = self.enact(&self.project, &["info", "alice/utils/greeter"])?;
        if !info.contains("1.0.0") {
            bail!("the tool's page does not name its version, 1.0.0");
        }
        Ok(())
    }

    fn install(&self, skills: &[Skill]) -> Result<()> {
        for skill in skills {
            // A pre-release is installed by its version; of the others the latest is wanted.
            let wanted = if skill.version.contains('-') {
                format!("{}@{}", skill.name, skill.version)
            } else {
                skill.name.clone()
            };
            self.enact(&self.project, &["install", &wanted])?;
        }
        Ok(())
    }

    fn compare(&self, skills: &[Skill]) -> Result<usize> {
        let mut files = 0;
        println!();
        for skill in skills {
            let source = workspace::root().join(&skill.folder);
            let count = skills::compare(&source, &self.installed(&skill.name))
                .with_context(|| format!("{} as installed", skill.name))?;
            println!(
                "{} and ~/.agents/skills/{}: {count} files, all the same",
                skill.folder.display(),
                skill.name
            );
            files += count;
        }
        Ok(files)
    }

    fn run_installed(&self) -> Result<()> {
        let script = "scripts/greet.sh";
        let name = "alice/utils/greeter";
        println!("\n$ ~/.agents/skills/{name}/{script} Ada fr");
        let command = Command::new(self.installed(name).join(script));
        let output = run_command(command, &["Ada", "fr"])?;
        if output != "Bonjour, Ada !\n" {
            bail!("the installed skill does not work");
        }
        Ok(())
    }

    fn installed(&self, name: &str) -> PathBuf {
        self.home.join(".agents/skills").join(name)
    }

    /// Runs `enact` in `folder`, shows the command and its output, and returns the output.
    fn enact(&self, folder: &Path, arguments: &[&str]) -> Result<String> {
        println!("\n$ enact {}", arguments.join(" "));
        let mut command = enact_command(&self.binary);
        command
            .env("HOME", &self.home)
            .env("ENACT_REGISTRY_URL", &self.registry)
            .current_dir(folder);
        run_command(command, arguments)
    }
}

/// Runs a command to its end and returns what it wrote to standard output. Shows both streams.
fn run_command(mut command: Command, arguments: &[&str]) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .args(arguments)
        .output()
        .with_context(|| format!("cannot start {program}"))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    print!("{stdout}{}", String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        bail!("that command failed ({})", output.status);
    }
    Ok(stdout)
}
