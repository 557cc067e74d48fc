//! What a row of the table is made of.

use enact_types::Role;

/// A route, who may use it, and how it is tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// The method and the path, as `/openapi.json` has them.
    pub(super) route: &'static str,
    /// Who may use it.
    pub(super) access: Access,
    /// The status of a success.
    pub(super) ok: u16,
    /// What the body of a success holds, filled in as a path is. In a list, what is listed.
    pub(super) shows: &'static str,
    /// The path and the query of the request, before they are filled in.
    pub(super) at: &'static str,
    /// What is sent.
    pub(super) body: Body,
    /// What each cell has for itself.
    pub(super) given: Given,
    /// Which tool is asked about.
    pub(super) tool: Tool,
}

/// Who may use a route. What each of these means is in `rule.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Everybody, and everybody gets the same.
    Anybody,
    /// Whoever has an account, with whatever token.
    Account,
    /// Whoever has an account, with a token for this.
    AccountFor(Scope),
    /// As `AccountFor(Scope::Account)`, but for the operator, who signs in with the key.
    HasTokens,
    /// Whose the token is that the path names: alice.
    OwnToken,
    /// Whoever sees the tool, and all of them get the same.
    Sees,
    /// Whoever sees the tool and has an account.
    Says,
    /// Who sent the attestation, which is the owner of the name space, and the operator.
    Sent,
    /// Whoever may publish in the name space.
    Publishes,
    /// Whoever has at least this role in the tool's name space, with a token for this.
    Changes(Role, Scope),
    /// Whoever has at least this role in the organisation.
    Members(Role),
    /// Everybody may ask; what is public is listed.
    ListsPublic,
    /// Everybody may ask; what is public is listed, and for alice all that is hers.
    ListsOwn,
}

/// What a token may be for, in a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Read,
    Publish,
    Yank,
    Manage,
    Orgs,
    Account,
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    Nothing,
    /// JSON, filled in as a path is.
    Json(&'static str),
    /// The form of a publish of a version that is new in each cell.
    Publish,
    /// A Sigstore bundle of an auditor who is new in each cell.
    Attestation,
    /// The token that the caller has, once more.
    OwnToken,
}

/// What each cell has for itself, so that it finds the same whatever became of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    Nothing,
    /// The token `token-{n}` of alice.
    Token,
    /// The user `user-{n}`.
    User,
    /// The user `user-{n}`, a member of acme.
    Member,
    /// The attestation of `auditor-{n}`, which the owner of the name space sent.
    Attestation,
}

/// Which tool is asked about: one of each visibility under `alice/` and under `@acme/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    /// The one that all rows which only read share.
    Shared,
    /// One of the row's own.
    OfRow,
    /// One of the cell's own.
    OfCell,
}

/// A row for `route`: `GET /path`, as the document has it. Its success is a 200.
pub(super) const fn row(route: &'static str, access: Access) -> Row {
    let Some((method, at)) = split(route) else {
        panic!("a route is a method and a path");
    };
    Row {
        route,
        access,
        ok: 200,
        shows: "",
        at,
        body: Body::Nothing,
        given: Given::Nothing,
        tool: if matches!(method.as_bytes(), b"GET") {
            Tool::Shared
        } else {
            Tool::OfRow
        },
    }
}

const fn split(route: &'static str) -> Option<(&'static str, &'static str)> {
    let bytes = route.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b' ' {
            let (method, rest) = route.split_at(at);
            return Some((method, rest.split_at(1).1));
        }
        at += 1;
    }
    None
}

impl Row {
    /// The status of a success.
    pub(super) const fn ok(mut self, status: u16) -> Self {
        self.ok = status;
        self
    }

    /// What the body of a success holds; of a list, what is in it if the tool is listed.
    pub(super) const fn shows(mut self, text: &'static str) -> Self {
        self.shows = text;
        self
    }

    /// Another path than the document's, or one with a query.
    pub(super) const fn at(mut self, path: &'static str) -> Self {
        self.at = path;
        self
    }

    /// Sends JSON.
    pub(super) const fn json(self, text: &'static str) -> Self {
        self.sends(Body::Json(text))
    }

    /// Sends something else.
    pub(super) const fn sends(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Gives each cell something for itself.
    pub(super) const fn given(mut self, given: Given) -> Self {
        self.given = given;
        self
    }

    /// Asks about a tool that no other row asks about.
    pub(super) const fn of(mut self, tool: Tool) -> Self {
        self.tool = tool;
        self
    }

    pub(super) fn method(&self) -> &'static str {
        split(self.route).expect("row checks it").0
    }

    /// Whether the path names a tool.
    pub(super) fn names_a_tool(&self) -> bool {
        self.at.contains("{name}")
    }
}

impl Scope {
    pub(super) const ALL: [Self; 6] = [
        Self::Read,
        Self::Publish,
        Self::Yank,
        Self::Manage,
        Self::Orgs,
        Self::Account,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Publish => "publish",
            Self::Yank => "yank",
            Self::Manage => "manage",
            Self::Orgs => "orgs",
            Self::Account => "account",
        }
    }
}
