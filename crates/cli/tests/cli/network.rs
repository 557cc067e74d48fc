//! A network that fails in passing, and certificates of one's own.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use enact_testkit::{Certificate, EnactServer, enact_command};
use serde_json::json;

use crate::bundles::Bundle;
use crate::registry::{Answer, Registry, Request};
use crate::sandbox::{Ended, Sandbox};

pub(crate) const INSTALL: [&str; 2] = ["install", "alice/greeter@1.0.0"];

/// Runs `enact` as it is set up for people, who do want what fails to be tried again.
pub(crate) fn patiently(sandbox: &Sandbox, registry: &str, args: &[&str]) -> Ended {
    let vars = [("ENACT_REGISTRY_URL", registry), ("ENACT_HTTP_RETRIES", "")];
    sandbox.enact_with(&vars, args)
}

/// A registry that fails `times` times by `failure`, each time before it answers well.
fn failing(times: usize, failure: impl Fn() -> Answer + Send + 'static) -> Registry {
    let failed = AtomicUsize::new(0);
    Registry::with(&Bundle::greeter("1.0.0"), move |_| {
        (failed.fetch_add(1, Ordering::Relaxed) % (times + 1) < times).then(&failure)
    })
}

pub(crate) fn busy(status: u16, seconds: &str) -> Answer {
    Answer::error(status, "BUSY", "come back later").with_header("Retry-After", seconds)
}

fn is_download(request: &Request) -> bool {
    request.path.ends_with("/download")
}

#[test]
fn what_fails_in_passing_is_tried_again() {
    let failures: [fn() -> Answer; 4] = [
        || busy(503, "0"),
        || busy(429, "0"),
        || Answer::error(503, "BUSY", "no time is said"),
        Answer::hang_up,
    ];
    for failure in failures {
        let registry = failing(2, failure);
        patiently(&Sandbox::new(), &registry.url, &INSTALL).success();
        assert_eq!(registry.log().len(), 2 * 3, "details and download");
    }
}

#[test]
fn patience_has_an_end() {
    let sandbox = Sandbox::new();
    let before = sandbox.tree();
    let registry = Registry::start(|_| busy(429, "0"));
    let ended = patiently(&sandbox, &registry.url, &INSTALL);
    assert_eq!(ended.code, 105, "{ended:?}");
    assert!(ended.stderr.contains("come back later"), "{ended:?}");
    assert_eq!(registry.log().len(), 4);
    let message = "Too many requests, try again in 5 s";
    let saying = Registry::start(move |_| {
        Answer::error(429, "RATE_LIMITED", message).with_header("Retry-After", "5")
    });
    let ended = sandbox.enact(&saying.url, &INSTALL);
    assert_eq!(ended.stderr.matches("try again").count(), 1, "{ended:?}");
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn nobody_waits_for_an_hour() {
    let registry = Registry::start(|_| busy(503, "3600"));
    let ended = patiently(&Sandbox::new(), &registry.url, &INSTALL);
    assert_eq!(ended.code, 105);
    assert!(ended.stderr.contains("in 60 minutes"), "{ended:?}");
    assert_eq!(registry.log().len(), 1);
}

#[test]
fn an_absurd_wait_is_no_crash() {
    let registry = Registry::start(|_| busy(429, "18446744073709551615"));
    let ended = patiently(&Sandbox::new(), &registry.url, &INSTALL);
    assert_eq!(ended.code, 105, "{ended:?}");
    assert!(ended.stderr.contains("in 1440 minutes"), "{ended:?}");
    assert_eq!(registry.log().len(), 1);
}

#[test]
fn refusals_are_not_tried_again() {
    let sandbox = Sandbox::new();
    for status in [400, 404, 500, 502] {
        let refusing = Registry::start(move |_| Answer::error(status, "NO", "no"));
        assert_ne!(patiently(&sandbox, &refusing.url, &INSTALL).code, 0);
        assert_eq!(refusing.log().len(), 1, "{status}");
    }
}

/// A registry that cuts its first downloads in the middle of what is left, and knows ranges.
fn cutting(cuts: usize, etag: Option<&'static str>) -> Registry {
    let bundle = Bundle::greeter("1.0.0");
    let bytes = bundle.bytes.clone();
    let cut = AtomicUsize::new(0);
    Registry::with(&bundle, move |request| {
        if !is_download(request) {
            return None;
        }
        let range = request
            .header("range")
            .filter(|_| etag.is_some() && request.header("if-range") == etag);
        let start: usize = range.map_or(0, |range| {
            let start = range.strip_prefix("bytes=").unwrap();
            start.strip_suffix('-').unwrap().parse().unwrap()
        });
        let rest = &bytes[start..];
        let part = if cut.fetch_add(1, Ordering::Relaxed) < cuts {
            &rest[..rest.len() / 2]
        } else {
            rest
        };
        let status = if range.is_some() { 206 } else { 200 };
        let mut answer = Answer::announcing(status, rest.len(), part);
        if range.is_some() {
            let value = format!("bytes {start}-{}/{}", bytes.len() - 1, bytes.len());
            answer = answer.with_header("Content-Range", &value);
        }
        Some(match etag {
            Some(etag) => answer.with_header("ETag", etag),
            None => answer,
        })
    })
}

#[test]
fn a_cut_download_goes_on_where_it_was_cut() {
    let registry = cutting(2, Some("\"one\""));
    let size = Bundle::greeter("1.0.0").bytes.len();
    patiently(&Sandbox::new(), &registry.url, &INSTALL).success();
    let requests = registry.requests();
    let downloads: Vec<_> = requests.iter().filter(|r| is_download(r)).collect();
    let ranges: Vec<_> = downloads.iter().map(|r| r.header("range")).collect();
    let (half, quarters) = (size / 2, size / 2 + (size - size / 2) / 2);
    let expected = [
        None,
        Some(format!("bytes={half}-")),
        Some(format!("bytes={quarters}-")),
    ];
    assert_eq!(ranges, expected.each_ref().map(Option::as_deref));
    assert_eq!(downloads[1].header("if-range"), Some("\"one\""));
}

#[test]
fn without_a_strong_name_for_the_bytes_all_of_them_are_asked_for_again() {
    for etag in [None, Some("W/\"weak\"")] {
        let registry = cutting(2, etag);
        patiently(&Sandbox::new(), &registry.url, &INSTALL).success();
        let requests = registry.requests();
        let downloads = requests.iter().filter(|request| is_download(request));
        assert!(downloads.clone().all(|r| r.header("range").is_none()));
        assert_eq!(downloads.count(), 3);
    }
}

#[test]
fn a_rest_of_something_else_is_found_out() {
    let sandbox = Sandbox::new();
    let before = sandbox.tree();
    let bundle = Bundle::greeter("1.0.0");
    let (bytes, size) = (bundle.bytes.clone(), bundle.bytes.len());
    // The whole again, but of other bytes; a part of other bytes; a part that begins elsewhere.
    let other = vec![0; size];
    for (code, answer) in [
        (104, Answer::bytes(200, &other)),
        (104, {
            let range = format!("bytes {}-{}/{size}", size / 2, size - 1);
            Answer::bytes(206, &other[size / 2..]).with_header("Content-Range", &range)
        }),
        (105, {
            let range = format!("bytes 0-{}/{size}", size - 1);
            Answer::bytes(206, &bytes).with_header("Content-Range", &range)
        }),
        (105, Answer::bytes(200, &bytes[..10])),
    ] {
        let bytes = bytes.clone();
        let registry = Registry::with(&bundle, move |request| {
            let first = request.header("range").is_none();
            let half = || Answer::announcing(200, size, &bytes[..size / 2]);
            is_download(request).then(|| {
                if first {
                    half().with_header("ETag", "\"one\"")
                } else {
                    answer.clone()
                }
            })
        });
        let ended = patiently(&sandbox, &registry.url, &INSTALL);
        assert_eq!(ended.code, code, "{ended:?}");
        assert_eq!(sandbox.tree(), before);
    }
}

#[test]
fn certificates_of_ones_own_are_trusted_when_they_are_named() {
    let sandbox = Sandbox::new();
    let certificate = Certificate::new().unwrap();
    let (path, key) = (certificate.path(), certificate.key());
    let mut command: Command = enact_command(Path::new(env!("CARGO_BIN_EXE_enact")));
    command.args(["serve", "--port", "0", "--data"]);
    command.arg(sandbox.path("data"));
    command
        .arg("--tls-cert")
        .arg(&path)
        .arg("--tls-key")
        .arg(&key);
    let server = EnactServer::spawn(command).unwrap();
    let search = |vars: &[(&str, &str)]| {
        let vars = [&[("ENACT_REGISTRY_URL", &*server.url)], vars].concat();
        sandbox.enact_with(&vars, &["search", "x"])
    };
    let refused = search(&[]);
    assert_eq!(refused.code, 1);
    assert!(
        refused
            .stderr
            .contains("no authority that this machine trusts"),
        "{refused:?}"
    );
    assert!(refused.stderr.contains("ENACT_CA_CERT"), "{refused:?}");
    let plain = server.url.replacen("https:", "http:", 1);
    let wrong = sandbox.enact(&plain, &["search", "x"]);
    assert!(
        wrong.stderr.contains(&format!("try {}", server.url)),
        "{wrong:?}"
    );
    let folder = sandbox.path("certificates");
    std::fs::create_dir(&folder).unwrap();
    // As OpenSSL's `rehash` names them.
    std::fs::copy(&path, folder.join("0123abcd.0")).unwrap();
    let (path, folder) = (path.to_str().unwrap(), folder.to_str().unwrap());
    search(&[("SSL_CERT_FILE", path)]).success();
    search(&[("SSL_CERT_DIR", folder)]).success();
    search(&[("ENACT_CA_CERT", path)]).success();
    let padding = "\n".repeat(4 * 1024 * 1024);
    let large = std::fs::read_to_string(path).unwrap() + &padding;
    sandbox.write("large.pem", &large);
    for wrong in ["project/missing.pem", "tmp", "large.pem"] {
        let wrong = sandbox.path(wrong);
        let ended = search(&[("ENACT_CA_CERT", wrong.to_str().unwrap())]);
        assert_eq!(ended.code, 1);
        assert!(ended.stderr.contains("ENACT_CA_CERT"), "{ended:?}");
    }
    drop(server);
}

#[test]
fn how_often_to_try_can_be_set_and_is_checked() {
    let registry = Registry::start(|_| busy(503, "0"));
    let sandbox = Sandbox::new();
    let run = |retries| {
        let vars = [
            ("ENACT_REGISTRY_URL", &*registry.url),
            ("ENACT_HTTP_RETRIES", retries),
        ];
        let ended = sandbox.enact_with(&vars, &["search", "x", "--json"]);
        ended.json()["error"]["code"].clone()
    };
    assert_eq!(run("1"), json!("BUSY"));
    assert_eq!(registry.log().len(), 2);
    assert_eq!(run("many"), json!("INVALID_CONFIG"));
    assert_eq!(registry.log().len(), 2);
}
