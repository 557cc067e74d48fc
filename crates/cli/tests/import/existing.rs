//! Filling the existing server through its own API, with what people publish and with what nobody
//! should.

use std::io::Write as _;

use enact_testkit::EnactServer;
use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// The API of a server.
pub(crate) struct Api {
    client: Client,
    url: String,
    runtime: tokio::runtime::Runtime,
}

impl Api {
    pub(crate) fn of(server: &EnactServer) -> Self {
        // Fails only if there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            client: Client::builder().no_proxy().build().unwrap(),
            url: server.url.clone(),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    /// Publishes and expects that the server takes it.
    pub(crate) fn publish(&self, name: &str, version: &str, visibility: &str, bundle: Vec<u8>) {
        let manifest = json!({
            "name": name, "version": version, "description": format!("{name} {version}"),
            "license": "MIT", "tags": ["imported"],
        });
        let form = Form::new()
            .text("manifest", manifest.to_string())
            .part("bundle", Part::bytes(bundle).file_name("bundle.tar.gz"))
            .text("raw_manifest", format!("# {name} {version}\n"))
            .text("visibility", visibility.to_owned());
        // Its routes know names of two parts; an escaped slash passes as part of one.
        let (first, rest) = name.split_once('/').unwrap();
        let path = format!("/tools/{first}/{}/versions", rest.replace('/', "%2F"));
        let request = self
            .client
            .post(format!("{}{path}", self.url))
            .multipart(form);
        self.send(request);
    }

    pub(crate) fn call(&self, method: Method, path: &str, body: Option<Value>) -> String {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.send(request)
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        serde_json::from_str(&self.call(Method::GET, path, None)).unwrap()
    }

    /// The bytes of a bundle.
    pub(crate) fn download(&self, name: &str, version: &str) -> Vec<u8> {
        let url = format!(
            "{}/tools/{name}/versions/{version}/download?acknowledge_yanked=true",
            self.url
        );
        self.runtime.block_on(async {
            let answer = self.client.get(url).send().await.unwrap();
            answer
                .error_for_status()
                .unwrap()
                .bytes()
                .await
                .unwrap()
                .to_vec()
        })
    }

    fn send(&self, request: reqwest::RequestBuilder) -> String {
        self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            let (status, text) = (answer.status(), answer.text().await.unwrap());
            assert!(status.is_success(), "{status}: {text}");
            text
        })
    }
}

/// A good bundle.
pub(crate) fn bundle(name: &str, version: &str) -> Vec<u8> {
    let text = format!("---\nname: \"{name}\"\nversion: {version}\n---\n# {name}\n");
    archive(|tar| {
        let mut header = header();
        header.set_size(text.len() as u64);
        tar.append_data(&mut header, "SKILL.md", text.as_bytes())
            .unwrap();
    })
}

/// A bundle with a link out of it.
pub(crate) fn bundle_with_link() -> Vec<u8> {
    archive(|tar| {
        let mut header = header();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        tar.append_link(&mut header, "SKILL.md", "/etc/passwd")
            .unwrap();
    })
}

/// A bundle with a file above it.
pub(crate) fn bundle_with_traversal() -> Vec<u8> {
    archive(|tar| {
        let mut header = header();
        header.set_size(1);
        // As the crate's own way refuses it.
        let name = b"../../evil";
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_cksum();
        tar.append(&header, &b"x"[..]).unwrap();
    })
}

fn archive(fill: impl FnOnce(&mut tar::Builder<GzEncoder<Vec<u8>>>)) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    fill(&mut tar);
    let mut gzip = tar.into_inner().unwrap();
    gzip.flush().unwrap();
    gzip.finish().unwrap()
}

fn header() -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header
}
