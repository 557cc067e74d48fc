//! A throw-away `PostgreSQL` cluster.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Signal, geteuid};
use tempfile::TempDir;

use crate::backends;
use crate::process::Process;

/// How long the server may take to start; it needs less than a second on an idle machine.
const START_LIMIT: Duration = Duration::from_mins(1);

/// What to do when the programs are missing.
const REMEDY: &str = "install PostgreSQL's server (Debian: `apt-get install postgresql`, macOS: `brew install postgresql`)";

/// The database superuser of the cluster.
const USER: &str = "enact";

/// A running `PostgreSQL` server. It is stopped, and its data is removed, when this value is
/// dropped.
///
/// It listens on a Unix socket in a folder that only its user can enter, so there is no port to
/// collide and no password to know. Nothing is flushed to disk (`fsync = off`): the data does not
/// outlive the test.
#[derive(Debug)]
pub struct Postgres {
    /// The URL of the database `enact`, made when the server was started.
    pub url: String,
    programs: PathBuf,
    databases: AtomicU32,
    // Before the folder: fields are dropped in order, and the server must not miss its files.
    process: Process,
    folder: TempDir,
}

impl Postgres {
    /// Starts a server. None if its programs are neither in `PATH` nor where Debian puts them; an
    /// error instead if [`REQUIRE_BACKENDS`](crate::REQUIRE_BACKENDS) is set.
    pub fn start() -> Result<Option<Self>> {
        match find_programs() {
            Some(programs) => Self::start_with(programs).map(Some),
            None => backends::absent("PostgreSQL (initdb, postgres)", REMEDY),
        }
    }

    fn start_with(programs: PathBuf) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("enact-postgres-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir()?;
        let account = Account::choose()?;
        if let Some(account) = &account {
            chown(folder.path(), Some(account.uid), Some(account.gid))?;
        }
        let data = folder.path().join("data");
        let command = |program: &str| {
            let mut command = Account::command(account.as_ref(), &programs.join(program));
            // initdb returns to the folder that it was started in, which that user may not enter.
            command.current_dir(folder.path()).env("LC_ALL", "C");
            command
        };

        let mut initdb = command("initdb");
        initdb
            .args([
                "--auth=trust",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
            ])
            .args(["--username", USER, "--pgdata"])
            .arg(&data);
        run(initdb)?;

        let mut server = command("postgres");
        server.arg("-D").arg(&data).arg("-k").arg(folder.path());
        for setting in [
            "listen_addresses=",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=200",
        ] {
            server.args(["-c", setting]);
        }
        // QUIT ends it at once, without a checkpoint.
        let mut process = Process::start(server, Signal::QUIT, Some(folder.path()))?;
        process.wait_for(START_LIMIT, |line| {
            line.contains("database system is ready to accept connections")
                .then_some(())
        })?;

        let mut postgres = Self {
            url: String::new(),
            programs,
            databases: AtomicU32::new(0),
            process,
            folder,
        };
        postgres.url = postgres.create_database(USER)?;
        Ok(postgres)
    }

    /// Whether tests of it are to be reported as ignored: its programs are not there, and
    /// [`REQUIRE_BACKENDS`](crate::REQUIRE_BACKENDS) does not make that a failure.
    pub fn is_to_be_ignored() -> bool {
        find_programs().is_none() && !backends::required()
    }

    /// Makes a fresh, empty database and returns its URL.
    pub fn new_database(&self) -> Result<String> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed) + 1;
        self.create_database(&format!("test_{number}"))
    }

    /// Runs `sql` in the database at `url` with `psql`, and returns the rows: a line each, columns
    /// separated by `|`.
    pub fn psql(&self, url: &str, sql: &str) -> Result<String> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, url]);
        Ok(run(psql)?.trim_end().to_owned())
    }

    fn create_database(&self, name: &str) -> Result<String> {
        let mut createdb = Command::new(self.programs.join("createdb"));
        createdb
            .arg("--host")
            .arg(self.folder.path())
            .args(["--username", USER, "--maintenance-db=template1"])
            // template1 refuses copies while somebody else is connected to it; template0 does not.
            .args(["--template=template0", name]);
        run(createdb).with_context(|| format!("its log:\n{}", self.process.output()))?;
        let host = self.folder.path().display();
        Ok(format!("postgres:///{name}?host={host}&user={USER}"))
    }
}

/// The account that the server runs under, because it refuses to run as root.
struct Account {
    name: &'static str,
    uid: u32,
    gid: u32,
}

impl Account {
    /// Nobody else, if we are not root; else the first of the usual unprivileged accounts.
    fn choose() -> Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let accounts = std::fs::read_to_string("/etc/passwd").context("/etc/passwd")?;
        let account = ["postgres", "nobody"].into_iter().find_map(|name| {
            accounts.lines().find_map(|line| {
                let mut fields = line.split(':');
                let (found, _password) = (fields.next()?, fields.next()?);
                let uid = fields.next()?.parse().ok()?;
                let gid = fields.next()?.parse().ok()?;
                (found == name).then_some(Self { name, uid, gid })
            })
        });
        account.map(Some).context(
            "PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as",
        )
    }

    /// A command that runs `program` under `account`. `setpriv` becomes the program instead of
    /// waiting for it, so that signals reach it.
    fn command(account: Option<&Self>, program: &Path) -> Command {
        let Some(account) = account else {
            return Command::new(program);
        };
        let mut command = Command::new("setpriv");
        command
            .arg(format!("--reuid={}", account.name))
            .arg(format!("--regid={}", account.gid))
            .arg("--clear-groups")
            .arg("--")
            .arg(program);
        command
    }
}

/// The folder with `initdb`, `postgres` and the clients: that of the `initdb` in `PATH`, links
/// followed, or the newest below `/usr/lib/postgresql`, which Debian keeps out of `PATH`.
fn find_programs() -> Option<PathBuf> {
    let in_path = backends::in_path("initdb")
        .and_then(|initdb| initdb.canonicalize().ok())
        .and_then(|initdb| initdb.parent().map(Path::to_owned));
    let packaged = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .max_by_key(|(version, _)| *version)
        .map(|(_, folder)| folder);
    in_path.into_iter().chain(packaged).find(|folder| {
        ["initdb", "postgres", "createdb", "psql"]
            .iter()
            .all(|program| folder.join(program).is_file())
    })
}

/// Runs a program to its end and returns its output. Fails, with all it wrote, if it does.
fn run(mut command: Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot start {program}"))?;
    if !output.status.success() {
        bail!(
            "{program} failed ({}): {}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
