//! Proxies on the way to a registry, good and bad.

use crate::bundles::Bundle;
use crate::doctor::check;
use crate::network::INSTALL;
use crate::registry::{Answer, Registry};
use crate::sandbox::{Ended, Sandbox};

#[test]
fn proxies_are_found_in_the_usual_variables() {
    let bundle = Bundle::greeter("1.0.0");
    let sandbox = Sandbox::new();
    let registry = Registry::with(&bundle, |_| None);
    // Whoever is asked through a proxy is named in the request.
    let direct = registry.url.clone();
    let through = bundle.clone();
    let proxy = Registry::start(move |request| {
        let path = request.path.strip_prefix("http://registry.example");
        match path {
            Some("/tools/alice/greeter/versions/1.0.0") => Answer::json(200, &through.details()),
            Some("/tools/alice/greeter/versions/1.0.0/download") => {
                Answer::bytes(200, &through.bytes)
            }
            _ => Answer::error(403, "NO", "not through this proxy"),
        }
    });
    let run = |registry: &str, more: &[(&str, &str)]| {
        let vars = [&[("ENACT_REGISTRY_URL", registry)], more].concat();
        sandbox.enact_with(&vars, &[&INSTALL[..], &["--force"]].concat())
    };
    run("http://registry.example", &[("http_proxy", &proxy.url)]).success();
    assert_eq!(proxy.requests().len(), 2);
    let ended = run("https://registry.example", &[("HTTPS_PROXY", &proxy.url)]);
    assert_eq!(ended.code, 105);
    let asked = proxy.log().pop().unwrap();
    assert_eq!(asked, "CONNECT registry.example:443");
    let before = proxy.requests().len();
    let vars = [("http_proxy", &*proxy.url), ("NO_PROXY", "127.0.0.1")];
    run(&direct, &vars).success();
    assert_eq!(proxy.requests().len(), before);
}

const SEARCH: [&str; 2] = ["search", "x"];

/// A port where nothing answers.
const NOBODY: &str = "http://alice:s3cret@127.0.0.1:1";

/// Runs `enact` against a registry that only a proxy knows.
fn behind(scheme: &str, vars: &[(&str, &str)], args: &[&str]) -> Ended {
    let registry = format!("{scheme}://registry.example");
    let url = [("ENACT_REGISTRY_URL", &*registry)];
    let ended = Sandbox::new().enact_with(&[&url, vars].concat(), args);
    assert!(!format!("{ended:?}").contains("s3cret"), "{ended:?}");
    ended
}

#[test]
fn a_proxy_that_is_not_there_is_told_from_a_registry_that_is_not() {
    for (scheme, variable) in [("http", "HTTP_PROXY"), ("https", "ALL_PROXY")] {
        let ended = behind(scheme, &[(variable, NOBODY)], &SEARCH);
        assert_eq!(ended.code, 1);
        for part in [
            format!("through the proxy http://127.0.0.1:1 ({variable}): "),
            "refused".to_owned(),
            format!("unset {variable}"),
            "NO_PROXY=registry.example".to_owned(),
        ] {
            assert!(ended.stderr.contains(&part), "{part}: {ended:?}");
        }
        assert!(!ended.stderr.contains("--registry"), "{ended:?}");
    }
}

#[test]
fn a_proxy_that_wants_a_password_says_so_and_is_asked_once() {
    for (scheme, variable) in [("http", "HTTP_PROXY"), ("https", "HTTPS_PROXY")] {
        let proxy = Registry::start(|_| Answer::bytes(407, b""));
        let asking = [(variable, &*proxy.url), ("ENACT_HTTP_RETRIES", "3")];
        let ended = behind(scheme, &asking, &SEARCH);
        assert!(
            ended.stderr.contains("wants a user name and a password"),
            "{ended:?}"
        );
        assert!(ended.stderr.contains("USER:PASSWORD@127.0.0.1:"));
        assert_eq!(proxy.log().len(), 1);
        let wrong = proxy.url.replace("://", "://alice:s3cret@");
        let ended = behind(scheme, &[(variable, &wrong)], &SEARCH);
        assert!(ended.stderr.contains("does not take the user name"));
        assert!(ended.stderr.contains(variable), "{ended:?}");
    }
}

#[test]
fn a_proxy_that_lets_nothing_through_is_named() {
    let proxy = Registry::start(|_| Answer::bytes(403, b"<html>no</html>"));
    for (scheme, variable) in [("http", "HTTP_PROXY"), ("https", "HTTPS_PROXY")] {
        let ended = behind(scheme, &[(variable, &proxy.url)], &SEARCH);
        let named = format!("the proxy {} ({variable})", proxy.url);
        assert!(ended.stderr.contains(&named), "{ended:?}");
    }
}

#[test]
fn a_variable_that_names_no_proxy_is_not_passed_over() {
    for value in ["nonsense://alice:s3cret@x", "socks5://127.0.0.1:1"] {
        let ended = behind("http", &[("HTTP_PROXY", value)], &SEARCH);
        assert_eq!(ended.code, 1);
        assert!(ended.stderr.contains("HTTP_PROXY is not"), "{ended:?}");
        let ended = behind("http", &[("HTTP_PROXY", value)], &["doctor", "--json"]);
        assert_eq!(check(&ended, "proxies").0, "failed");
        let (_, detail, _) = check(&ended, "DNS");
        assert_eq!(detail, "not looked at: proxies comes first");
    }
}

#[test]
fn doctor_tries_the_proxy() {
    let ended = behind("http", &[("http_proxy", NOBODY)], &["doctor", "--json"]);
    assert_eq!(check(&ended, "proxies").0, "ok");
    let (status, detail, fix) = check(&ended, "TCP");
    assert_eq!(status, "failed");
    assert!(
        detail.contains("for the proxy http://127.0.0.1:1 (http_proxy)"),
        "{detail}"
    );
    assert!(fix.contains("http_proxy"), "{fix}");

    let proxy = Registry::start(|_| Answer::bytes(407, b""));
    let vars = [("http_proxy", &*proxy.url)];
    let ended = behind("http", &vars, &["doctor", "--json"]);
    assert_eq!(check(&ended, "TCP").0, "ok");
    let (status, detail, fix) = check(&ended, "registry");
    assert_eq!(status, "failed");
    assert!(detail.contains("wants a user name"), "{detail}");
    assert!(fix.contains("http_proxy"), "{fix}");
}
