//! A real browser, driven as a person would: <https://www.w3.org/TR/webdriver2/>.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Signal, geteuid};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::backends::{self, in_path};
use crate::http;
use crate::process::Process;

/// How long the driver may take to start, and a page to show what is waited for.
const LIMIT: Duration = Duration::from_secs(30);

/// What to do when the programs are missing.
const REMEDY: &str =
    "install Chromium and its driver (Debian: `apt-get install chromium chromium-driver`)";

/// The key under which the protocol hands out an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A running Chromium without a screen, with one page. It is stopped when this value is dropped.
///
/// It reaches this machine alone, and knows nothing of earlier runs.
#[derive(Debug)]
pub struct Browser {
    /// The URL of the session at the driver.
    session: String,
    // Before the folder: fields are dropped in order, and the browser must not miss its files. It
    // ends with the driver, with which it speaks through a pipe.
    _driver: Process,
    _folder: TempDir,
}

impl Browser {
    /// Starts one. None if its programs are not in `PATH`; an error instead if
    /// [`REQUIRE_BACKENDS`](crate::REQUIRE_BACKENDS) is set.
    pub fn start() -> Result<Option<Self>> {
        match find() {
            Some((browser, driver)) => Self::start_with(&browser, driver).map(Some),
            None => backends::absent("Chromium (chromium, chromedriver)", REMEDY),
        }
    }

    /// Whether tests in it are to be reported as ignored: its programs are not there, and
    /// [`REQUIRE_BACKENDS`](crate::REQUIRE_BACKENDS) does not make that a failure.
    pub fn is_to_be_ignored() -> bool {
        find().is_none() && !backends::required()
    }

    fn start_with(browser: &Path, driver: PathBuf) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("enact-browser-")
            .tempdir()?;
        let mut command = Command::new(driver);
        command.arg("--port=0").env("HOME", folder.path());
        let mut driver = Process::start(command, Signal::TERM, Some(folder.path()))?;
        let port = driver.wait_for(LIMIT, |line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        })?;
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-proxy-server".to_owned(),
            "--remote-debugging-pipe".to_owned(),
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1".to_owned(),
            format!(
                "--user-data-dir={}",
                folder.path().join("profile").display()
            ),
        ];
        if geteuid().is_root() {
            // Its sandbox does not work for that user, as in a container.
            arguments.push("--no-sandbox".to_owned());
        }
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": browser, "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        }}});
        let sessions = format!("http://127.0.0.1:{port}/session");
        let made = call("POST", &sessions, Some(&capabilities))?;
        let id = made["sessionId"].as_str().context("no session")?;
        Ok(Self {
            session: format!("{sessions}/{id}"),
            _driver: driver,
            _folder: folder,
        })
    }

    /// Goes to a page, and waits until it is loaded.
    pub fn open(&self, url: &str) -> Result<()> {
        self.post("url", &json!({ "url": url }))?;
        Ok(())
    }

    /// Where it is.
    pub fn url(&self) -> Result<String> {
        let url = call("GET", &format!("{}/url", self.session), None)?;
        Ok(url.as_str().unwrap_or_default().to_owned())
    }

    /// Types into the element that a CSS selector finds.
    pub fn type_into(&self, selector: &str, text: &str) -> Result<()> {
        let element = self.element(selector)?;
        self.post(&format!("element/{element}/clear"), &json!({}))?;
        self.post(
            &format!("element/{element}/value"),
            &json!({ "text": text }),
        )?;
        Ok(())
    }

    /// Clicks on the element that a CSS selector finds. Fails if a person could not.
    pub fn click(&self, selector: &str) -> Result<()> {
        let element = self.element(selector)?;
        self.post(&format!("element/{element}/click"), &json!({}))?;
        Ok(())
    }

    /// What a person reads in the element that a CSS selector finds; nothing if it is hidden.
    pub fn text(&self, selector: &str) -> Result<String> {
        let element = self.element(selector)?;
        let text = call(
            "GET",
            &format!("{}/element/{element}/text", self.session),
            None,
        )?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until there is such an element in which a person reads something with `part` in it.
    /// Fails, with what there is, if that is not so within 30 seconds.
    pub fn wait_for(&self, selector: &str, part: &str) -> Result<String> {
        let deadline = Instant::now() + LIMIT;
        loop {
            // A page that leads to another one may not have the element.
            let text = self.text(selector);
            match text {
                Ok(text) if text.contains(part) => return Ok(text),
                _ if Instant::now() < deadline => {}
                text => bail!("{selector} never had {part:?} in it, but {text:?}"),
            }
        }
    }

    /// What pages and the browser itself complained about since this was asked last.
    pub fn complaints(&self) -> Result<Vec<String>> {
        let log = self.post("se/log", &json!({ "type": "browser" }))?;
        let lines = log.as_array().cloned().unwrap_or_default();
        let messages = lines.iter().filter_map(|line| line["message"].as_str());
        Ok(messages.map(str::to_owned).collect())
    }

    fn element(&self, selector: &str) -> Result<String> {
        let by = json!({ "using": "css selector", "value": selector });
        let element = self.post("element", &by)?;
        let id = element[ELEMENT].as_str().context("no element")?;
        Ok(id.to_owned())
    }

    fn post(&self, command: &str, body: &Value) -> Result<Value> {
        call("POST", &format!("{}/{command}", self.session), Some(body))
    }
}

/// Sends a command and gives what it results in.
fn call(method: &str, url: &str, body: Option<&Value>) -> Result<Value> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let headers = [("Content-Type", "application/json")];
    let response = http::request(method, url, &headers, body.as_bytes())?;
    let status = response.status;
    let mut answer: Value = serde_json::from_str(&response.text()?)?;
    if status != 200 {
        let why = answer["value"]["message"].as_str().unwrap_or_default();
        bail!("{method} {url}: {}", why.lines().next().unwrap_or_default());
    }
    Ok(answer["value"].take())
}

fn find() -> Option<(PathBuf, PathBuf)> {
    Some((in_path("chromium")?, in_path("chromedriver")?))
}
