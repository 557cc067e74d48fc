//! `MinIO`, a real S3 store in a process of its own.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use rustix::process::Signal;

use crate::process::Process;
use crate::s3::{ACCESS_KEY, BUCKET, REGION, S3, SECRET_KEY, Service};
use crate::{backends, http};

/// How long `MinIO` may take to start; it needs one or two seconds on an idle machine.
const START_LIMIT: Duration = Duration::from_mins(1);

const REMEDY: &str = "run `cargo xtask minio`, which installs it, or \
    `go install github.com/minio/minio@latest` and put it in PATH or name it in ENACT_TEST_MINIO";

impl S3 {
    /// Starts a real `MinIO` over a temporary folder, on a port that the system chooses.
    ///
    /// None if the program is not on this machine (see [`find_minio`](crate::find_minio)): the
    /// caller then reports its tests as ignored. An error instead if
    /// [`REQUIRE_BACKENDS`](crate::REQUIRE_BACKENDS) is set.
    pub fn minio() -> Result<Option<Self>> {
        match backends::find_minio()? {
            Some(program) => Self::minio_at(&program, 0).map(Some),
            None => backends::absent("MinIO", REMEDY),
        }
    }

    /// Whether tests of a real `MinIO` are to be reported as ignored: the program is not there, and
    /// [`REQUIRE_BACKENDS`](crate::REQUIRE_BACKENDS) does not make that a failure.
    pub fn minio_is_to_be_ignored() -> bool {
        matches!(backends::find_minio(), Ok(None)) && !backends::required()
    }

    /// Starts the `MinIO` that `program` is, on `port`, or on one that the system chooses if that
    /// is 0.
    pub fn minio_at(program: &Path, port: u16) -> Result<Self> {
        Self::minio_in(program, port, &std::env::temp_dir())
    }

    /// As [`minio_at`](Self::minio_at), with its data in a temporary folder below `parent`.
    pub fn minio_in(program: &Path, port: u16, parent: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("enact-minio-")
            .tempdir_in(parent)?;
        let data = folder.path().join("data");
        // MinIO takes the folders of its drive for its buckets.
        std::fs::create_dir_all(data.join(BUCKET))?;

        let mut command = Command::new(program);
        command
            .args(["server", "--address", &format!("127.0.0.1:{port}")])
            .arg(&data)
            // Nothing of the caller's environment: MINIO_* would change what is tested, and with
            // another HOME it finds no certificates to serve TLS with.
            .env_clear()
            .env("HOME", folder.path())
            .env("MINIO_ROOT_USER", ACCESS_KEY)
            .env("MINIO_ROOT_PASSWORD", SECRET_KEY)
            .env("MINIO_REGION", REGION)
            .env("MINIO_BROWSER", "off")
            .env("MINIO_UPDATE", "off");
        let mut process = Process::start(command, Signal::KILL, Some(folder.path()))?;
        // Port 0 leaves the choice to MinIO, which prints what it chose: `API: http://…`.
        let endpoint = process.wait_for(START_LIMIT, |line| {
            let urls = line.strip_prefix("API: ")?;
            let url = urls
                .split_whitespace()
                .find(|url| url.contains("127.0.0.1"))?;
            Some(url.to_owned())
        })?;
        let health = http::get(&format!("{endpoint}/minio/health/live"))?.status;
        if health != 200 {
            bail!(
                "MinIO started and then answered {health}; it wrote:\n{}",
                process.output()
            );
        }
        Ok(Self::new(
            endpoint,
            Service::Program { server: process },
            data,
            folder,
        ))
    }
}
