//! Requests that change something, at a registry that fails in passing: what did nothing is asked for
//! again, what may have done something is not.

use std::sync::Mutex;

use serde_json::json;

use crate::bundles::Bundle;
use crate::network::{busy, patiently};
use crate::publish::{accept, author, parts};
use crate::registry::{Answer, Registry, Request, serve};
use crate::sandbox::Sandbox;

/// Commands that send one request, or one after they have asked something.
const WRITES: [&[&str]; 6] = [
    &["yank", "alice/greeter@1.0.0"],
    &["unyank", "alice/greeter@1.0.0"],
    &["visibility", "alice/greeter", "public"],
    &["delete", "alice/greeter", "--yes"],
    &["org", "create", "acme"],
    &["publish", "--private"],
];

fn is_write(request: &Request) -> bool {
    request.method != "GET"
}

/// Takes whatever is sent.
fn take(request: &Request) -> Answer {
    match &*request.path {
        "/orgs" => Answer::json(
            201,
            &json!({
                "id": "1", "name": "acme", "created_by": "1",
                "created_at": "2026-01-01T00:00:00Z", "member_count": 1, "tool_count": 0,
            }),
        ),
        "/tools/alice/greeter/versions" => {
            accept(request.header("content-type").unwrap(), &request.body)
        }
        _ => Answer::json(200, &json!({ "version": "1.0.0" })),
    }
}

/// A registry that answers writes by `failures`, one after the other, before it does what it is told.
fn failing(failures: &[Answer]) -> Registry {
    let failures = Mutex::new(failures.to_vec());
    Registry::start(move |request| {
        let mut failures = failures.lock().unwrap();
        if is_write(request) && !failures.is_empty() {
            return failures.remove(0);
        }
        take(request)
    })
}

fn writes(registry: &Registry) -> Vec<Request> {
    let requests = registry.requests();
    requests.into_iter().filter(is_write).collect()
}

#[test]
fn what_a_registry_has_no_time_for_is_asked_for_again() {
    for args in WRITES {
        let silent = Answer::error(429, "BUSY", "no time is said");
        let registry = failing(&[busy(429, "0"), busy(503, "0"), silent]);
        patiently(&author(), &registry.url, args).success();
        let sent = writes(&registry);
        assert_eq!(sent.len(), 4, "{args:?}");
        for request in &sent {
            assert_eq!(request.path, sent[0].path, "{args:?}");
        }
    }
}

#[test]
fn a_bundle_is_sent_again_from_its_beginning() {
    let author = author();
    // Of several pieces, and not to be compressed.
    let noise = (0_u64..20_000).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_string());
    let noise = noise.collect::<Vec<_>>().join("\n");
    author.write("project/noise.txt", &noise);
    let registry = failing(&[busy(429, "0"), busy(503, "0")]);
    // The registry answers with the digest of what came, which the command checks.
    patiently(&author, &registry.url, &["publish", "--private"]).success();
    let lengths: Vec<_> = writes(&registry).iter().map(|r| r.body.len()).collect();
    assert!(lengths[0] > 128 * 1024, "{lengths:?}");
    assert_eq!(lengths, [lengths[0]; 3]);
}

#[test]
fn what_may_have_been_done_is_not_asked_for_again() {
    for args in WRITES {
        for failure in [
            Answer::error(503, "BUSY", "no time is said"),
            Answer::error(500, "NO", "no"),
            Answer::error(502, "NO", "no"),
            Answer::hang_up(),
        ] {
            let registry = failing(&[failure]);
            let ended = patiently(&author(), &registry.url, args);
            assert_eq!(ended.code, 1, "{ended:?}");
            assert_eq!(writes(&registry).len(), 1, "{args:?}");
        }
    }
}

#[test]
fn a_registry_that_asks_for_more_patience_than_there_is_is_left_alone() {
    let registry = failing(&[busy(429, "3600")]);
    let ended = patiently(&Sandbox::new(), &registry.url, WRITES[0]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("in 60 minutes"), "{ended:?}");
    assert_eq!(writes(&registry).len(), 1);
}

#[test]
fn a_refusal_of_the_second_try_may_be_about_the_first() {
    let taken = Answer::error(409, "CONFLICT", "acme is taken");
    let create = ["org", "create", "acme"];
    let doubt = "may have done it";
    let registry = failing(&[busy(503, "0"), taken.clone()]);
    let ended = patiently(&Sandbox::new(), &registry.url, &create);
    assert!(ended.stderr.contains(doubt), "{ended:?}");
    for sure in [&[busy(429, "0"), taken.clone()][..], &[taken]] {
        let ended = patiently(&Sandbox::new(), &failing(sure).url, &create);
        assert!(!ended.stderr.contains(doubt), "{ended:?}");
    }
}

/// A registry that takes the first publish, as the bundle that `kept` makes of it, and answers that it is
/// not available, like a gateway that did not wait for it.
fn hasty(kept: fn(&[u8]) -> Bundle) -> Registry {
    let first = Mutex::new(None::<Bundle>);
    Registry::start(move |request| {
        let mut first = first.lock().unwrap();
        match (&*first, is_write(request)) {
            (None, true) => {
                let parts = parts(request.header("content-type").unwrap(), &request.body);
                *first = Some(kept(&parts[1].1));
                busy(503, "0")
            }
            (Some(_), true) => Answer::error(409, "CONFLICT", "Version 1.0.0 already exists"),
            (Some(bundle), false) => serve(bundle, request),
            (None, false) => Answer::error(404, "NOT_FOUND", "nothing is here"),
        }
    })
}

#[test]
fn a_publish_that_was_done_at_the_first_try_is_a_success() {
    let args = ["publish", "--private", "--json"];
    let registry = hasty(|bytes| Bundle::of("1.0.0", bytes.to_vec()));
    let ended = patiently(&author(), &registry.url, &args).success();
    assert_eq!(ended.json()["name"], "alice/greeter");
    // Whoever publishes what is there is told what to do about it.
    let again = patiently(&author(), &registry.url, &args);
    assert!(again.stderr.contains("raise `version`"), "{again:?}");

    let registry = hasty(|_| Bundle::of("1.0.0", b"another one".to_vec()));
    let ended = patiently(&author(), &registry.url, &args);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("may have done it"), "{ended:?}");
}
