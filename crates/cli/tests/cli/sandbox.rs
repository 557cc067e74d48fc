//! A home, a project and a place for temporary files, for one test alone.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use enact_testkit::until;
use serde_json::Value;
use tempfile::TempDir;

/// The folders of a test.
pub(crate) struct Sandbox {
    root: TempDir,
}

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        // A project without `agents` belongs to whatever lies around the sandbox and has one.
        for folder in ["home", "project", "project/agents", "tmp"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        Self { root }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    /// Writes a file and the folders that it lies in.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Every file and folder below the sandbox; files with what they hold.
    pub(crate) fn tree(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut tree = BTreeMap::new();
        collect(self.root.path(), &mut tree);
        tree
    }

    /// Runs `enact` in the project against `registry`, with a token.
    pub(crate) fn enact(&self, registry: &str, args: &[&str]) -> Ended {
        self.enact_with(&with_token(registry), args)
    }

    /// Runs `enact` in the project with these variables.
    pub(crate) fn enact_with(&self, vars: &[(&str, &str)], args: &[&str]) -> Ended {
        self.command(vars, args).output().unwrap().into()
    }

    /// Runs `enact` in the project with these variables, and with `input` on stdin.
    pub(crate) fn enact_told(&self, vars: &[(&str, &str)], args: &[&str], input: &str) -> Ended {
        let mut command = self.command(vars, args);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may refuse before it reads anything.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap().into()
    }

    /// Runs `enact` as [`Sandbox::enact`] does, where stdout is no text.
    pub(crate) fn output(&self, registry: &str, args: &[&str]) -> Output {
        let vars = with_token(registry);
        self.command(&vars, args).output().unwrap()
    }

    /// Starts what [`Sandbox::enact`] runs.
    pub(crate) fn start(&self, registry: &str, args: &[&str]) -> Running {
        let mut command = self.command(&with_token(registry), args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Running(command.spawn().unwrap())
    }

    /// What [`Sandbox::enact_with`] runs.
    pub(crate) fn command(&self, vars: &[(&str, &str)], args: &[&str]) -> Command {
        let mut command = enact_testkit::enact_command(Path::new(env!("CARGO_BIN_EXE_enact")));
        command.current_dir(self.path("project")).args(args);
        command
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            // What a test makes fail is not to be tried again, with a wait before each time.
            .env("ENACT_HTTP_RETRIES", "0");
        command.envs(vars.iter().copied());
        command
    }

    /// The same with a umask that takes nothing from anybody.
    pub(crate) fn careless_command(&self, vars: &[(&str, &str)], args: &[&str]) -> Command {
        let command = self.command(vars, args);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "umask 000 && exec \"$0\" \"$@\""])
            .arg(command.get_program())
            .args(command.get_args())
            .current_dir(self.path("project"));
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell
    }
}

fn with_token(registry: &str) -> [(&str, &str); 2] {
    [
        ("ENACT_REGISTRY_URL", registry),
        ("ENACT_AUTH_TOKEN", "t0ken"),
    ]
}

/// Sends a signal by its name, like `TERM`.
#[track_caller]
pub(crate) fn signal(name: &str, program: &Child) {
    let id = program.id().to_string();
    let sent = Command::new("kill").args(["-s", name, &id]).status();
    assert!(sent.unwrap().success());
}

/// A program that has not ended yet.
pub(crate) struct Running(Child);

impl Running {
    /// Waits until `done`, which the program is to bring about before it ends.
    #[track_caller]
    pub(crate) fn until(&mut self, done: impl FnMut() -> bool) {
        until(&mut self.0, done);
    }

    /// Sends a signal by its name, like `TERM`.
    #[track_caller]
    pub(crate) fn signal(&self, name: &str) {
        signal(name, &self.0);
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    pub(crate) fn wait(self) -> Ended {
        self.output().into()
    }

    /// As [`Running::wait`], where stdout is no text.
    pub(crate) fn output(self) -> Output {
        self.0.wait_with_output().unwrap()
    }
}

impl From<Child> for Running {
    fn from(child: Child) -> Self {
        Self(child)
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output
                .status
                .code()
                .unwrap_or_else(|| panic!("{output:?}: ended by a signal")),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    #[track_caller]
    pub(crate) fn success(self) -> Self {
        assert_eq!(self.code, 0, "{self:#?}");
        self
    }

    /// The one JSON value on stdout.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

fn collect(folder: &Path, tree: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_folder = fs::symlink_metadata(&path).unwrap().is_dir();
        if is_folder {
            collect(&path, tree);
        }
        let data = (!is_folder).then(|| fs::read(&path).unwrap());
        tree.insert(path, data);
    }
}
