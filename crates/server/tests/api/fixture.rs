//! A server of its own for each test, and bundles to publish.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use enact_server::{Config, Options, Server};
use enact_types::{Clock, SystemClock, Timestamp, Token};
use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::backend::Data;
use crate::secrets;

/// A running server; stops when dropped.
pub(crate) struct App {
    pub(crate) url: String,
    pub(crate) client: Client,
    pub(crate) data: Data,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// A clock that a test moves.
pub(crate) struct StoppedClock(AtomicI64);

impl StoppedClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_800_000_000_000)))
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::Relaxed);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// A response, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl App {
    /// A server in open mode.
    pub(crate) async fn open() -> Self {
        Self::start(&[]).await
    }

    /// A server with settings as in its environment.
    pub(crate) async fn start(vars: &[(&str, &str)]) -> Self {
        Self::start_in(Data::new(), vars).await
    }

    pub(crate) async fn start_in(data: Data, vars: &[(&str, &str)]) -> Self {
        Self::start_with(data, vars, |_| {}).await
    }

    /// A server whose command line `change` decides.
    pub(crate) async fn start_with(
        data: Data,
        vars: &[(&str, &str)],
        change: impl FnOnce(&mut Options),
    ) -> Self {
        Self::launch(data, vars, change, Arc::new(SystemClock)).await
    }

    /// A server whose limits know no other time than that of `clock`.
    pub(crate) async fn start_at(clock: &Arc<StoppedClock>, vars: &[(&str, &str)]) -> Self {
        Self::launch(Data::new(), vars, |_| {}, clock.clone()).await
    }

    async fn launch(
        data: Data,
        vars: &[(&str, &str)],
        change: impl FnOnce(&mut Options),
        clock: Arc<dyn Clock>,
    ) -> Self {
        // Other tests of this process do the same; the first wins.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut options = Options {
            host: "127.0.0.1".parse().unwrap(),
            port: 0,
            data_dir: data.path().to_owned(),
            redirect_downloads: false,
            open: false,
            tls_cert: None,
            tls_key: None,
        };
        change(&mut options);
        let var = |name: &str| {
            vars.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
                .or_else(|| data.database_url.clone().filter(|_| name == "DATABASE_URL"))
        };
        note_secrets(var, options.tls_key.as_deref());
        let config = Config::resolve(options, var).unwrap();
        secrets::expose("Debug of the settings", format!("{config:?}"));
        let server = Server::bind_with(config, clock).await.unwrap();
        let url = format!("{}://{}", server.scheme(), server.address());
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server.run(async { stopped.await.unwrap_or(()) }));
        let client = Client::builder().no_proxy().build().unwrap();
        Self {
            url,
            client,
            data,
            stop: Some(stop),
            task,
        }
    }

    /// Tells the server to stop, waits until it has, and hands its data on.
    pub(crate) async fn stop(mut self) -> Data {
        self.stop.take();
        (&mut self.task).await.unwrap();
        self.data
    }

    /// A request to `path`.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &'static str) -> Answer {
        send(
            self.request(Method::POST, path)
                .header("content-type", "application/json")
                .body(body),
        )
        .await
    }

    pub(crate) async fn patch(&self, path: &str, body: &'static str) -> Answer {
        send(
            self.request(Method::PATCH, path)
                .header("content-type", "application/json")
                .body(body),
        )
        .await
    }

    /// Publishes the manifest and the bundle under the name in the manifest, publicly.
    pub(crate) async fn publish(&self, manifest: &Value, bundle: Vec<u8>) -> Answer {
        let name = manifest["name"].as_str().unwrap().to_owned();
        self.publish_form(&name, form(manifest, bundle).text("visibility", "public"))
            .await
    }

    pub(crate) async fn publish_form(&self, name: &str, form: Form) -> Answer {
        send(
            self.request(Method::POST, &format!("/tools/{name}/versions"))
                .multipart(form),
        )
        .await
    }

    /// Publishes a small public tool.
    pub(crate) async fn given(&self, name: &str, version: &str) {
        let answer = self
            .publish(&manifest(name, version), bundle(name, version))
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    /// Everything that the server keeps: what a refused request must leave as it was.
    pub(crate) async fn state(&self) -> BTreeMap<String, Vec<u8>> {
        self.data.state().await
    }
}

/// Notes what the settings of a server hold of secrets.
fn note_secrets(var: impl Fn(&str) -> Option<String>, tls_key: Option<&Path>) {
    for (name, kind) in [
        ("ENACT_REGISTRY_API_KEY", "the key of the registry"),
        ("ENACT_JWT_SECRET", "the secret of a provider"),
        ("R2_SECRET_ACCESS_KEY", "the secret key of a store"),
    ] {
        if let Some(secret) = var(name) {
            secrets::note(kind, &secret);
        }
    }
    let url = var("DATABASE_URL").unwrap_or_default();
    if let Some((_, password)) = url.split_once("password=") {
        secrets::note("the password of a database", password);
    }
    let key = tls_key.map(|path| std::fs::read_to_string(path).unwrap());
    for line in key.iter().flat_map(|pem| pem.lines()) {
        if !line.starts_with('-') {
            secrets::note("a line of a private key", line);
        }
    }
}

/// Notes the secrets of an exchange, and shows the rest of the answer to whoever looks for them.
fn watch(path: &str, answer: &Answer) {
    if let Some((_, signature)) = answer.header("location").split_once("X-Amz-Signature=") {
        let signature = signature.split('&').next().unwrap_or_default();
        secrets::note("the signature of a link", signature);
    }
    let media = answer.header("content-type");
    if !media.starts_with("application/json") && !media.starts_with("text/html") {
        return;
    }
    // The two that give tokens out.
    let token = match path.strip_prefix("/functions/v1").unwrap_or(path) {
        "/auth/tokens" => "token",
        "/auth/v1/token" => "access_token",
        _ => "",
    };
    let json = serde_json::from_slice::<Value>(&answer.bytes).unwrap_or_default();
    if let Some(token) = json[token].as_str() {
        secrets::note("a token that was given out", token);
    } else {
        let place = format!("an answer of {}", Token::redact(path));
        secrets::expose(&place, &answer.bytes);
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(&self.bytes)))
    }

    /// The code of an error, after checking that it has the shape every error has.
    pub(crate) fn code(&self) -> String {
        assert!(!self.status.is_success(), "{self:?}");
        assert_eq!(self.header("content-type"), "application/json");
        let body = self.json();
        assert!(
            body["error"]["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty()),
            "{body}"
        );
        body["error"]["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let (client, request) = request.build_split();
    let request = request.unwrap();
    let token = request.headers().get("authorization");
    let token = token.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if let Some(token) = token {
        secrets::note_bearer(token);
    }
    let path = request.url().path().to_owned();
    let response = client.execute(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let answer = Answer {
        status,
        headers,
        bytes: response.bytes().await.unwrap().to_vec(),
    };
    watch(&path, &answer);
    answer
}

pub(crate) fn manifest(name: &str, version: &str) -> Value {
    json!({ "enact": "2.0.0", "name": name, "version": version, "description": "Does a thing", "tags": ["thing"] })
}

/// The form of a publish, in the order of existing clients.
pub(crate) fn form(manifest: &Value, bundle: Vec<u8>) -> Form {
    Form::new()
        .text("manifest", manifest.to_string())
        .part("bundle", file(bundle))
}

pub(crate) fn file(bundle: Vec<u8>) -> Part {
    Part::bytes(bundle)
        .file_name("bundle.tar.gz")
        .mime_str("application/gzip")
        .unwrap()
}

/// A good bundle.
pub(crate) fn bundle(name: &str, version: &str) -> Vec<u8> {
    let package = format!("name: \"{name}\"\nversion: {version}\n");
    archive(&[
        ("SKILL.md", b"# Thing\n"),
        ("skill.package.yml", package.as_bytes()),
    ])
}

/// An archive of regular files.
pub(crate) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = plain_header();
        header.set_size(content.len() as u64);
        tar.append_data(&mut header, path, *content).unwrap();
    }
    gzip(&tar.into_inner().unwrap())
}

/// A header with every number in it set.
pub(crate) fn plain_header() -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// `size` bytes that do not compress.
pub(crate) fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    })
    .flatten()
    .take(size)
    .collect()
}
