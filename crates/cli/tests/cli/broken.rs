//! `enact install` with a registry that breaks off, lies, or is hostile: nothing is left behind,
//! and what was installed before stays.

use serde_json::json;

use crate::bundles::Bundle;
use crate::registry::{Answer, Registry, Request};
use crate::sandbox::{Ended, Sandbox};

/// Installs version 2.0.0 from `registry`, in an empty home and in one that has 1.0.0, and checks
/// that both stay as they are. Answers how the first ended.
pub(crate) fn fails_cleanly(registry: &Registry) -> Ended {
    let upgraded = Sandbox::new();
    let old = Registry::with(&Bundle::greeter("1.0.0"), |_| None);
    upgraded
        .enact(&old.url, &["install", "alice/greeter"])
        .success();
    let mut ends = [Sandbox::new(), upgraded].map(|sandbox| {
        let before = sandbox.tree();
        let ended = sandbox.enact(&registry.url, &["install", "alice/greeter"]);
        assert_ne!(ended.code, 0, "{ended:?}");
        assert_eq!(sandbox.tree(), before, "{ended:?}");
        ended
    });
    assert_eq!(ends[0].code, ends[1].code);
    std::mem::replace(
        &mut ends[0],
        Ended {
            code: 0,
            stdout: String::new(),
            stderr: String::new(),
        },
    )
}

fn is_download(request: &Request) -> bool {
    request.path.ends_with("/download")
}

/// A registry whose download is another one than it should be.
fn downloading(answer: impl Fn(&Bundle) -> Answer) -> Registry {
    let bundle = Bundle::greeter("2.0.0");
    let answer = answer(&bundle);
    Registry::with(&bundle, move |request| {
        is_download(request).then(|| answer.clone())
    })
}

#[test]
fn a_connection_that_is_cut() {
    let registry = downloading(|bundle| {
        let half = &bundle.bytes[..bundle.bytes.len() / 2];
        Answer::announcing(200, bundle.bytes.len(), half)
    });
    let ended = fails_cleanly(&registry);
    assert_eq!(ended.code, 105, "{ended:?}");
    assert!(ended.stderr.contains("try again"), "{ended:?}");
}

#[test]
fn a_body_that_ends_early_without_an_announced_length() {
    let registry = downloading(|bundle| Answer::until_close(&bundle.bytes[..100]));
    assert_eq!(fails_cleanly(&registry).code, 104);
}

#[test]
fn bytes_with_another_hash() {
    let registry = downloading(|bundle| {
        let mut bytes = bundle.bytes.clone();
        *bytes.last_mut().unwrap() ^= 1;
        Answer::bytes(200, &bytes)
    });
    let ended = fails_cleanly(&registry);
    assert_eq!(ended.code, 104, "{ended:?}");
    assert!(ended.stderr.contains("sha256:"), "{ended:?}");
}

#[test]
fn more_bytes_than_promised() {
    let longer = |bundle: &Bundle| [bundle.bytes.as_slice(), &[0; 10]].concat();
    let announced = downloading(|bundle| Answer::bytes(200, &longer(bundle)));
    assert_eq!(fails_cleanly(&announced).code, 104);
    let silent = downloading(|bundle| Answer::until_close(&longer(bundle)));
    assert_eq!(fails_cleanly(&silent).code, 104);
}

#[test]
fn a_promise_beyond_the_limit_is_not_even_downloaded() {
    let bundle = Bundle::greeter("2.0.0");
    let mut details = bundle.details();
    details["bundle"]["size"] = json!(50 * 1024 * 1024 + 1);
    let registry = Registry::with(&bundle, move |request| {
        request
            .path
            .ends_with("/2.0.0")
            .then(|| Answer::json(200, &details))
    });
    assert_eq!(fails_cleanly(&registry).code, 104);
    assert!(!registry.requests().iter().any(is_download));
}

#[test]
fn a_refused_download() {
    let registry = downloading(|_| Answer::error(503, "UNAVAILABLE", "the store is away"));
    let ended = fails_cleanly(&registry);
    assert_eq!(ended.code, 105);
    assert!(ended.stderr.contains("the store is away"), "{ended:?}");
}

#[test]
fn an_answer_about_something_else() {
    let bundle = Bundle::greeter("2.0.0");
    for (path, field, value) in [
        ("/tools/alice/greeter", "name", "mallory/greeter"),
        ("/tools/alice/greeter", "latest_version", "../../../x"),
        (
            "/tools/alice/greeter/versions/2.0.0",
            "name",
            "mallory/greeter",
        ),
        ("/tools/alice/greeter/versions/2.0.0", "version", "1.0.0"),
    ] {
        let mut answer = if path.ends_with("2.0.0") {
            bundle.details()
        } else {
            bundle.info()
        };
        answer[field] = json!(value);
        let registry = Registry::with(&bundle, move |request| {
            (request.path == path).then(|| Answer::json(200, &answer))
        });
        let ended = fails_cleanly(&registry);
        assert_eq!(ended.code, 105, "{field}: {ended:?}");
        assert!(!registry.requests().iter().any(is_download), "{field}");
    }
}

#[test]
fn a_signal_ends_it_in_good_order() {
    for signal in ["INT", "TERM"] {
        let sandbox = Sandbox::new();
        let (registry, asked, _go_on) = Registry::stalling(&Bundle::greeter("1.0.0"));
        let before = sandbox.tree();
        let running = sandbox.start(&registry.url, &["install", "alice/greeter"]);
        asked.recv().unwrap();
        running.signal(signal);
        let ended = running.wait();
        assert_eq!(ended.code, 130, "{signal}: {ended:?}");
        assert!(ended.stderr.contains("interrupted"), "{signal}: {ended:?}");
        assert_eq!(sandbox.tree(), before, "{signal}");
    }
}

#[test]
fn a_replacement_that_is_no_version_is_never_suggested() {
    let bundle = Bundle::greeter("1.0.0").yanked();
    for replacement in [
        json!("; rm -rf /"),
        json!("1.0"),
        json!(["1.0.1"]),
        json!(7),
    ] {
        let mut details = bundle.details();
        details["yank_replacement"] = replacement.clone();
        let registry = Registry::with(&bundle, move |request| {
            (request.path.ends_with("/1.0.0")).then(|| Answer::json(200, &details))
        });
        let ended = Sandbox::new().enact(&registry.url, &["install", "alice/greeter@1.0.0"]);
        assert_eq!(ended.code, 1, "{replacement}: {ended:?}");
        // The only way, so no "or".
        assert!(
            ended
                .stderr
                .contains("hint: install it all the same with --allow-yanked"),
            "{ended:?}"
        );
        assert!(!ended.stderr.contains("replacement"), "{ended:?}");
        assert!(!ended.stderr.contains("rm -rf"), "{ended:?}");
    }
}

#[test]
fn the_token_stays_with_the_registry_when_a_download_is_redirected() {
    let (sandbox, bundle) = (Sandbox::new(), Bundle::greeter("1.0.0"));
    let bytes = bundle.bytes.clone();
    let store = Registry::start(move |_| Answer::bytes(200, &bytes));
    let location = format!("{}/signed?signature=s3cret", store.url);
    let registry = Registry::with(&bundle, move |request| {
        is_download(request).then(|| Answer::redirect(&location))
    });
    sandbox
        .enact(&registry.url, &["install", "alice/greeter"])
        .success();
    for request in registry.requests() {
        assert_eq!(
            request.header("authorization"),
            Some("Bearer t0ken"),
            "{request:?}"
        );
    }
    let elsewhere = store.requests();
    assert_eq!(elsewhere.len(), 1);
    assert_eq!(elsewhere[0].path, "/signed?signature=s3cret");
    assert_eq!(elsewhere[0].header("authorization"), None);
    assert_eq!(elsewhere[0].header("referer"), None);
}

#[test]
fn redirects_without_end() {
    let registry = downloading(|_| Answer::redirect("/x/download"));
    let ended = fails_cleanly(&registry);
    assert_eq!(ended.code, 105, "{ended:?}");
    let downloads = registry.requests().into_iter().filter(is_download).count();
    assert_eq!(
        downloads,
        2 * 6,
        "two installs of one request and five redirects each"
    );
}

#[test]
fn a_write_is_not_repeated_elsewhere() {
    let sandbox = Sandbox::new();
    let other = Registry::start(|_| Answer::json(200, &json!({})));
    let location = format!("{}/yank", other.url);
    let registry = Registry::start(move |_| Answer::redirect(&location));
    let ended = sandbox.enact(&registry.url, &["yank", "alice/greeter@1.0.0", "--json"]);
    assert_eq!(ended.code, 1);
    assert_eq!(ended.json()["error"]["code"], "REDIRECTED");
    assert!(ended.stderr.contains(&other.url), "{ended:?}");
    assert!(other.log().is_empty());
}
