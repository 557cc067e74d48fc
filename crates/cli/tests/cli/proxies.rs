//! Proxies on the way to a registry, good and bad.

use crate::bundles::Bundle;
use crate::network::INSTALL;
use crate::registry::{Answer, Registry};
use crate::sandbox::Sandbox;

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
