//! The table: a row for each route, and further ones where a route can be used in several ways.

use enact_types::Role::{Admin, Member, Owner};

use super::row::Access::{
    Account, AccountFor, Anybody, Changes, HasTokens, ListsOwn, ListsPublic, Members, OwnToken,
    Publishes, Says, Sees, Sent,
};
use super::row::{Body, Given, Row, Scope, Tool, row};

const REPORT: &str = r#"{"severity":"low","category":"x","description":"y"}"#;

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    // The server.
    row("GET /health", Anybody).shows("ok"),
    row("GET /ready", Anybody).shows("ready"),
    row("GET /openapi.json", Anybody).shows("openapi"),
    row("GET /docs", Anybody).shows("<html"),

    // Identity.
    row("GET /auth/me", Account).shows(r#""username":"{me}""#),
    row("GET /auth/cli", Anybody).at("/auth/cli?port=8118").shows("<html"),
    row("POST /auth/v1/token", Account).at("/auth/v1/token?grant_type=refresh_token").sends(Body::OwnToken).shows(r#""username":"{me}""#),
    row("GET /auth/v1/user", Account).shows(r#""username":"{me}""#),
    row("GET /rest/v1/profiles", Anybody).at("/rest/v1/profiles?id=eq.id-of-alice").shows(r#""username":"alice""#),
    row("GET /auth/tokens", AccountFor(Scope::Account)).shows("tokens"),
    row("POST /auth/tokens", HasTokens).ok(201).json("{}").shows(r#""username":"{me}""#),
    row("DELETE /auth/tokens/{id}", OwnToken).ok(204).given(Given::Token),

    // Organisations.
    row("POST /orgs", AccountFor(Scope::Orgs)).ok(201).json(r#"{"name":"org-{n}"}"#).shows(r#""name":"org-{n}""#),
    row("GET /orgs/{org}", Anybody).shows(r#""name":"acme""#),
    row("GET /orgs/{org}/members", Anybody).shows(r#""username":"olga""#),
    row("GET /orgs/{org}/tools", ListsPublic).at("/orgs/{org}/tools?limit=100").shows(r#""name":"{name}""#),
    row("POST /orgs/{org}/members", Members(Admin)).ok(201).given(Given::User).json(r#"{"username":"user-{n}"}"#),
    row("POST /orgs/{org}/members", Members(Admin)).ok(201).given(Given::User).json(r#"{"username":"user-{n}","role":"admin"}"#),
    row("POST /orgs/{org}/members", Members(Owner)).ok(201).given(Given::User).json(r#"{"username":"user-{n}","role":"owner"}"#),
    row("PATCH /orgs/{org}/members/{user}", Members(Owner)).given(Given::Member).json(r#"{"role":"admin"}"#).shows(r#""role":"admin""#),
    row("DELETE /orgs/{org}/members/{user}", Members(Owner)).given(Given::Member).shows(r#""removed":"user-{n}""#),

    // Users.
    row("GET /users/{user}", Anybody).shows(r#""username":"alice""#),
    row("GET /users/{user}/trust", Anybody).shows(r#""username":"alice""#),
    row("GET /users/{user}/trust", Account).at("/users/me/trust").shows(r#""username":"{me}""#),
    row("PUT /users/me/trust", AccountFor(Scope::Account)).json(r#"{"trusted_auditors":["github:x"]}"#).shows("github:x"),
    row("GET /tools/users/{user}", Anybody).shows(r#""username":"alice""#),
    row("GET /tools/users/{user}/tools", ListsPublic).at("/tools/users/{user}/tools?limit=100").shows(r#""name":"{name}""#),
    row("GET /tools/users/{user}/tools", ListsOwn).at("/tools/users/{user}/tools?limit=100&include_private=true").shows(r#""name":"{name}""#),

    // Skills.
    row("GET /tools/search", ListsPublic).at("/tools/search?q={name}").shows(r#""name":"{name}""#),
    row("GET /tools/{name}", Sees).shows(r#""name":"{name}""#),
    row("PATCH /tools/{name}/visibility", Changes(Admin, Scope::Manage)).json(r#"{"visibility":"{visibility}"}"#).shows(r#""visibility":"{visibility}""#),
    row("DELETE /tools/{name}", Changes(Owner, Scope::Manage)).ok(204).of(Tool::OfCell),

    // Versions.
    row("GET /tools/{name}/versions", Sees).shows(r#""tool_name":"{name}""#),
    row("POST /tools/{name}/versions", Publishes).ok(201).sends(Body::Publish).shows(r#""name":"{name}""#),
    row("POST /tools/{name}/versions", Publishes).at("/tools/{name}").ok(201).sends(Body::Publish).shows(r#""name":"{name}""#),
    row("GET /tools/{name}/versions/{version}", Sees).shows(r#""name":"{name}""#),
    row("GET /tools/{name}/versions/{version}", Sees).at("/tools/{name}/versions/latest").shows(r#""name":"{name}""#),
    // Downloads are counted, which the other answers tell.
    row("GET /tools/{name}/versions/{version}/download", Sees).of(Tool::OfRow),
    row("GET /tools/{name}/versions/{version}/files", Sees).shows(r#""path":"SKILL.md""#),
    row("GET /tools/{name}/versions/{version}/files/{path}", Sees).shows("# Thing"),
    row("POST /tools/{name}/versions/{version}/yank", Changes(Member, Scope::Yank)).json("{}").shows(r#""yanked":true"#),
    row("POST /tools/{name}/versions/{version}/unyank", Changes(Member, Scope::Yank)).shows(r#""yanked":false"#),

    // What is said of them.
    row("GET /tools/{name}/feedback", Sees).shows("rating"),
    row("POST /tools/{name}/feedback", Says).ok(201).json(r#"{"rating":3,"version":"1.0.0"}"#).shows(r#""username":"{me}""#),
    row("GET /tools/{name}/feedback/reviews", Sees).shows("reviews"),
    row("POST /tools/{name}/versions/{version}/reports", Says).ok(201).json(REPORT).shows("open"),
    row("GET /tools/{name}/versions/{version}/attestations", Sees).shows(r#""tool":"{name}""#),
    row("POST /tools/{name}/versions/{version}/attestations", Says).ok(201).sends(Body::Attestation).shows("auditor-{n}"),
    row("DELETE /tools/{name}/versions/{version}/attestations", Sent).at("/tools/{name}/versions/{version}/attestations?auditor=auditor-{n}").given(Given::Attestation).shows(r#""revoked":true"#),
    row("GET /tools/{name}/versions/{version}/trust/attestations/{auditor}", Sees).of(Tool::OfRow).given(Given::Attestation).shows("{}"),
];
