//! The stores, and running the program on them.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use enact_testkit::{S3, enact_command, s3_env};
use serde_json::Value;
use tempfile::TempDir;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Local,
    InProcess,
    Minio,
}

/// A store, started when the first test needs it and stopped with the last.
#[derive(Clone)]
pub(crate) struct Store {
    kind: Kind,
    s3: Arc<OnceLock<Mutex<S3>>>,
}

/// What one test has: a bucket or a data folder of its own, and an empty folder to work in.
pub(crate) struct World {
    pub(crate) kind: Kind,
    pub(crate) env: BTreeMap<&'static str, String>,
    pub(crate) folder: TempDir,
}

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Store {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            s3: Arc::default(),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Local => "local",
            Kind::InProcess => "in_process",
            Kind::Minio => "minio",
        }
    }

    pub(crate) fn is_missing(&self) -> bool {
        self.kind == Kind::Minio && S3::minio_is_to_be_ignored()
    }

    pub(crate) fn world(&self, name: &str) -> World {
        let mut env = BTreeMap::new();
        if self.kind != Kind::Local {
            let s3 = self.s3.get_or_init(|| {
                Mutex::new(match self.kind {
                    Kind::Minio => S3::minio().unwrap().unwrap(),
                    _ => S3::in_process().unwrap(),
                })
            });
            let s3 = s3.lock().unwrap();
            env.extend(s3_env(&s3));
            let bucket = name.replace('_', "-");
            s3.create_bucket(&bucket).unwrap();
            env.insert("R2_BUCKET", bucket);
        }
        let world = World::new(self.kind, env);
        if self.kind == Kind::Local {
            world.succeed(&["init"]);
        }
        world
    }
}

impl World {
    pub(crate) fn new(kind: Kind, env: BTreeMap<&'static str, String>) -> Self {
        // On a real file system: some do not keep extended attributes in `/tmp`.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        Self { kind, env, folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file of `size` bytes that do not repeat soon.
    pub(crate) fn file(&self, name: &str, size: usize) -> (PathBuf, Vec<u8>) {
        let data: Vec<u8> = (0_u32..)
            .flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes())
            .take(size)
            .collect();
        let path = self.path(name);
        std::fs::write(&path, &data).unwrap();
        (path, data)
    }

    /// Runs `enact storage …`.
    pub(crate) fn output(&self, arguments: &[&str], stdin: Option<&Path>) -> Output {
        let mut command = enact_command(Path::new(env!("CARGO_BIN_EXE_enact")));
        command
            .arg("storage")
            .args(arguments)
            .current_dir(self.folder.path())
            .envs(&self.env)
            .stdin(stdin.map_or_else(Stdio::null, |path| File::open(path).unwrap().into()));
        if self.kind == Kind::Local && !arguments.contains(&"--data") {
            command.args(["--data", "data"]);
        }
        command.output().unwrap()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let Output {
            status,
            stdout,
            stderr,
        } = self.output(arguments, None);
        Ended {
            code: status.code().unwrap(),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn succeed(&self, arguments: &[&str]) -> Ended {
        let ended = self.run(arguments);
        assert_eq!(ended.code, 0, "{arguments:?}: {ended:#?}");
        ended
    }

    /// Runs with `--json`, expects the exit code, and gives the one JSON value on stdout.
    #[track_caller]
    pub(crate) fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let ended = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ended.code, code, "{arguments:?}: {ended:#?}");
        serde_json::from_str(&ended.stdout).unwrap()
    }

    /// The keys of all objects.
    #[track_caller]
    pub(crate) fn keys(&self) -> Vec<String> {
        let listed = self.json(0, &["ls"]);
        let objects = listed["objects"].as_array().unwrap().iter();
        objects
            .map(|object| object["key"].as_str().unwrap().to_owned())
            .collect()
    }
}
