//! What the audit log calls the requests that change something. Each endpoint for another method than
//! GET has a line here; a test compares them with the API's description.

use axum::http::Method;
use enact_registry::Subject;
use enact_types::{Action, OwnerName};
use percent_encoding::percent_decode_str;

use crate::http::tool_path::ToolPath;

/// What a request is to do, as far as its path tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deed {
    pub(crate) action: Action,
    pub(crate) subject: Subject,
}

impl Deed {
    /// That of a request whose path is normalised. `None` if it only reads, or leads nowhere.
    pub(crate) fn of(method: &Method, path: &str) -> Option<Self> {
        if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return None;
        }
        let (action, subject) = match path.strip_prefix("/tools/") {
            Some(rest) => to_tool(method, rest)?,
            None => to_others(method, path)?,
        };
        Some(Self { action, subject })
    }
}

/// The same parser leads the request to its endpoint: a clever name changes nothing.
fn to_tool(method: &Method, path: &str) -> Option<(Action, Subject)> {
    use ToolPath as To;
    let path = ToolPath::parse(path, *method == Method::PATCH).ok()?;
    Some(match (method.as_str(), &path) {
        ("POST", To::Tool(name) | To::Versions(name)) => (Action::ToolPublish, Subject::tool(name)),
        ("DELETE", To::Tool(name)) => (Action::ToolDelete, Subject::tool(name)),
        ("PATCH", To::Visibility(name)) => (Action::ToolVisibility, Subject::tool(name)),
        ("POST", To::Feedback(name)) => (Action::ToolFeedback, Subject::tool(name)),
        ("POST", To::Yank(name, version)) => (Action::ToolYank, Subject::version(name, version)),
        ("POST", To::Unyank(name, version)) => {
            (Action::ToolUnyank, Subject::version(name, version))
        }
        ("POST", To::Reports(name, version)) => {
            (Action::ToolReport, Subject::version(name, version))
        }
        ("POST", To::Attestations(name, version)) => {
            (Action::ToolAttest, Subject::version(name, version))
        }
        ("DELETE", To::Attestations(name, version)) => {
            (Action::ToolAttestRevoke, Subject::version(name, version))
        }
        _ => return None,
    })
}

fn to_others(method: &Method, path: &str) -> Option<(Action, Subject)> {
    // One more than the longest of these has.
    let segments: Vec<&str> = path.split('/').skip(1).take(5).collect();
    Some(match (method.as_str(), segments.as_slice()) {
        ("POST", ["auth", "tokens"]) => (Action::TokenCreate, Subject::default()),
        // What stands there may be no id but a token: the endpoint tells when it knows.
        ("DELETE", ["auth", "tokens", _]) => (Action::TokenRevoke, Subject::default()),
        ("POST", ["orgs"]) => (Action::OrgCreate, Subject::default()),
        ("POST", ["orgs", org, "members"]) => (Action::OrgMemberAdd, organisation(org)?),
        ("PATCH", ["orgs", org, "members", user]) => (Action::OrgMemberRole, member(org, user)?),
        ("DELETE", ["orgs", org, "members", user]) => (Action::OrgMemberRemove, member(org, user)?),
        ("PUT", ["users", "me", "trust"]) => (Action::TrustSet, Subject::default()),
        _ => return None,
    })
}

fn organisation(segment: &str) -> Option<Subject> {
    let org = owner(segment)?;
    Some(Subject::target(&format_args!("@{org}")))
}

fn member(org: &str, user: &str) -> Option<Subject> {
    Some(organisation(org)?.with_detail(&owner(user)?))
}

/// The name of a user or an organisation; `None`, as for the endpoint, if it can be none.
fn owner(segment: &str) -> Option<OwnerName> {
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    OwnerName::parse(text.strip_prefix('@').unwrap_or(&text)).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// What is asked for by POST since a secret is sent along, and changes nothing.
    const ASKS_BY_POST: [&str; 1] = ["/auth/v1/token"];

    fn of(method: &str, path: &str) -> Option<Deed> {
        Deed::of(&method.parse().unwrap(), path)
    }

    #[test]
    fn every_endpoint_that_changes_something_has_an_action() {
        let document: Value = serde_json::from_str(crate::openapi::json()).unwrap();
        let mut seen = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            let path = path
                .replace("{name}", "alice/utils/greeter")
                .replace("{version}", "1.0.0")
                .replace("{org}", "acme")
                .replace("{user}", "bob")
                .replace("{id}", "x");
            for method in methods.as_object().unwrap().keys() {
                let method = method.to_uppercase();
                let deed = of(&method, &path);
                let changes = method != "GET" && !ASKS_BY_POST.contains(&path.as_str());
                assert_eq!(deed.is_some(), changes, "{method} {path}: {deed:?}");
                if let Some(deed) = deed {
                    assert!(seen.insert(deed.action.as_str()), "{method} {path}");
                }
            }
        }
        assert!(!seen.is_empty());
    }

    #[test]
    fn a_request_says_to_whom_or_what_it_does_something() {
        let told = |method: &str, path: &str| {
            let Deed { action, subject } = of(method, path).unwrap();
            let tool = subject.tool.map(|tool| tool.to_string());
            let texts = [tool, subject.version, subject.target, subject.detail];
            let texts: Vec<_> = texts.into_iter().flatten().collect();
            format!("{action} {}", texts.join(" "))
        };
        for (method, path, expected) in [
            (
                "POST",
                "/tools/%40acme%2Fhammer",
                "tool.publish @acme/hammer",
            ),
            ("POST", "/tools/a/yank", "tool.publish a/yank"),
            (
                "POST",
                "/tools/a/b/versions/latest/yank",
                "tool.yank a/b latest",
            ),
            ("PATCH", "/tools/a/b/visibility", "tool.visibility a/b"),
            ("POST", "/orgs/@acme/members", "org.member.add @acme"),
            (
                "DELETE",
                "/orgs/acme/members/%62ob",
                "org.member.remove @acme bob",
            ),
            ("DELETE", "/auth/tokens/enact_00", "token.revoke "),
        ] {
            assert_eq!(told(method, path), expected, "{method} {path}");
        }
        for (method, path) in [
            ("GET", "/tools/a/b"),
            ("HEAD", "/auth/tokens"),
            ("OPTIONS", "/orgs"),
            ("POST", "/no/such/route"),
            ("PATCH", "/tools/a/b"),
            ("POST", "/tools/search"),
            ("POST", "/tools/users/alice"),
            ("DELETE", "/orgs/acme/members/A%00"),
            ("DELETE", "/orgs/acme/members/bob/x"),
            ("PURGE", "/orgs"),
        ] {
            assert_eq!(of(method, path), None, "{method} {path}");
        }
    }
}
