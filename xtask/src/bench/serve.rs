//! How fast the server hands out bundles, beside nginx with the same bytes in files.
//!
//! Both are asked by wrk, in turns, so that what else the machine does meets both. nginx looks
//! nothing up, decides nothing, counts nothing and verifies nothing: it is what a machine gives.

use std::fs;
use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use enact_testkit::skills::examples;
use enact_testkit::{EnactServer, http, in_path};

use super::memory::{self, publish};
use crate::workspace::{self, Profile};

/// Connections that ask at once.
const CONNECTIONS: &str = "16";

/// How long each of a round's runs takes.
const RUN: &str = "5s";

/// How long nginx may take to listen.
const START: Duration = Duration::from_secs(10);

/// What is downloaded.
struct Bundle {
    label: &'static str,
    /// On our server, below its URL.
    path: String,
    /// On nginx.
    file: &'static str,
    /// Bytes.
    size: u64,
}

/// Answers a second, of each round.
#[derive(Default)]
struct Rates {
    ours: Vec<f64>,
    nginx: Vec<f64>,
}

/// Measures the release build with a local folder and SQLite. Says what is missing where nginx or
/// wrk is not installed.
pub(crate) fn serve(rounds: u16) -> Result<()> {
    let (Some(nginx), Some(wrk)) = (in_path("nginx"), in_path("wrk")) else {
        println!("Nothing is measured: this needs nginx and wrk, from your system's packages");
        return Ok(());
    };
    let binary = workspace::build_enact(Profile::Release)?;
    let folder = tempfile::Builder::new().prefix("enact-bench-").tempdir()?;
    let server = EnactServer::start(&binary, &folder.path().join("data"), None)?;
    let bundles = bundles(&binary, &server.url, folder.path())?;
    let nginx = Nginx::start(&nginx, folder.path())?;

    println!("\n{CONNECTIONS} connections, {rounds} rounds of {RUN} each, medians\n");
    println!("| bundle | enact, answers/s | MiB/s | nginx, answers/s | MiB/s | enact : nginx |");
    println!("|---|--:|--:|--:|--:|--:|");
    for bundle in bundles {
        let mut rates = Rates::default();
        for _ in 0..rounds {
            let ours = format!("{}{}", server.url, bundle.path);
            rates.ours.push(ask(&wrk, &ours)?);
            let theirs = format!("{}/{}", nginx.url, bundle.file);
            rates.nginx.push(ask(&wrk, &theirs)?);
        }
        rates.print(&bundle);
    }
    Ok(())
}

/// Publishes a small skill and one of the largest size, and puts their bundles where nginx finds them.
fn bundles(binary: &Path, url: &str, folder: &Path) -> Result<Vec<Bundle>> {
    let files = folder.join("files");
    fs::create_dir(&files)?;
    let large = folder.join("large");
    memory::write_skill(&large)?;
    publish(binary, url, &large, folder)?;
    let examples = examples()?;
    let greeter = examples
        .iter()
        .find(|skill| skill.name.ends_with("greeter"))
        .context("the example called greeter")?;
    publish(binary, url, &greeter.path(), folder)?;

    let large = (memory::NAME.to_owned(), memory::VERSION.to_owned());
    let small = (greeter.name.clone(), greeter.version.clone());
    let mut bundles = Vec::new();
    for (label, file, (name, version)) in [
        ("small", "small.tar.gz", small),
        ("large", "large.tar.gz", large),
    ] {
        let path = format!("/tools/{name}/versions/{version}/download");
        let mut bytes = Vec::new();
        let mut response = http::get(&format!("{url}{path}"))?;
        ensure!(
            response.status == 200,
            "{path} answered {}",
            response.status
        );
        response.read_to_end(&mut bytes)?;
        fs::write(files.join(file), &bytes)?;
        bundles.push(Bundle {
            label,
            path,
            file,
            size: bytes.len() as u64,
        });
    }
    Ok(bundles)
}

/// Asks for `url` as fast as it is answered; answers a second. Fails if one is not good.
fn ask(wrk: &Path, url: &str) -> Result<f64> {
    let output = Command::new(wrk)
        .args(["-t1", "-c", CONNECTIONS, "-d", RUN, "--timeout", "60s", url])
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success() && !text.contains("Non-2xx") && !text.contains("Socket errors"),
        "{url}: {text}"
    );
    text.lines()
        .find_map(|line| line.strip_prefix("Requests/sec:")?.trim().parse().ok())
        .with_context(|| format!("wrk wrote: {text}"))
}

impl Rates {
    #[expect(clippy::cast_precision_loss, reason = "a size far below 2^52")]
    fn print(mut self, bundle: &Bundle) {
        let [ours, nginx] = [&mut self.ours, &mut self.nginx].map(|rates| {
            rates.sort_by(f64::total_cmp);
            rates[rates.len() / 2]
        });
        let mib = bundle.size as f64 / (1024.0 * 1024.0);
        println!(
            "| {}, {} bytes | {ours:.0} | {:.0} | {nginx:.0} | {:.0} | {:.2} |",
            bundle.label,
            bundle.size,
            ours * mib,
            nginx * mib,
            ours / nginx
        );
    }
}

/// A running nginx, which ends with this.
struct Nginx {
    process: Child,
    url: String,
}

impl Nginx {
    /// Serves `files` below `folder`.
    fn start(nginx: &Path, folder: &Path) -> Result<Self> {
        // nginx cannot tell which port it chose.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        // Workers of root's would be somebody else, who may not read the folder.
        let user = if fs::metadata("/proc/self")?.uid() == 0 {
            "user root;"
        } else {
            ""
        };
        let root = folder.display();
        let config = format!(
            "{user} worker_processes auto; daemon off; pid {root}/nginx.pid; error_log {root}/nginx.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;\n\
             open_file_cache max=100; client_body_temp_path {root}/b; proxy_temp_path {root}/p;\n\
             fastcgi_temp_path {root}/f; uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;\n\
             server {{ listen 127.0.0.1:{port}; root {root}/files; }} }}\n"
        );
        let path = folder.join("nginx.conf");
        fs::write(&path, config)?;
        let process = Command::new(nginx)
            .arg("-c")
            .arg(&path)
            .stderr(Stdio::null())
            .spawn()?;
        let nginx = Self {
            process,
            url: format!("http://127.0.0.1:{port}"),
        };
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            ensure!(
                begun.elapsed() < START,
                "nginx does not listen: {}",
                fs::read_to_string(folder.join("nginx.log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master stops its workers when it is told to, not when it is killed.
        let told = Command::new("kill")
            .arg(self.process.id().to_string())
            .status();
        if !told.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}
