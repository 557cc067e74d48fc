//! One cell of the table: a caller, a route, a visibility, and what comes of it.

use enact_types::{Digest, Visibility};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::callers::{CALLERS, Caller};
use super::row::{Access, Body, Row, Tool};
use super::rows::ROWS;
use super::rule::{Expected, Space, Standing, expected, is_hidden};
use super::world::World;
use crate::fixture::{Answer, bundle, form, manifest, send};
use crate::sayings::sigstore;

/// The version that every tool of the table has.
pub(super) const VERSION: &str = "1.0.0";

/// A caller who uses a route, of a tool in this name space that has this visibility.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) row: &'static Row,
    /// The row's number.
    pub(super) number: usize,
    pub(super) space: Space,
    pub(super) visibility: Visibility,
    pub(super) caller: Caller,
    /// The cell's own number.
    pub(super) n: usize,
}

/// The cells of the table, row by row. Those for one tool stand together.
pub(super) fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for (number, row) in ROWS.iter().enumerate() {
        for (space, visibility) in places(row) {
            for caller in CALLERS {
                cells.push(Cell {
                    row,
                    number,
                    space,
                    visibility,
                    caller,
                    n: cells.len(),
                });
            }
        }
    }
    cells
}

/// Where a row is tried: in both name spaces, if its path names none, and for each visibility, if a
/// tool has to do with it.
fn places(row: &Row) -> Vec<(Space, Visibility)> {
    let spaces = match row.access {
        Access::Members(_) => &[Space::Acme][..],
        _ if row.route.contains("{org}") => &[Space::Acme],
        _ if row.names_a_tool() || !row.route.contains("{user}") => &[Space::Alice, Space::Acme],
        _ => &[Space::Alice],
    };
    let no_tool = !row.names_a_tool() && !row.shows.contains("{name}");
    if no_tool {
        return vec![(spaces[0], Visibility::Public)];
    }
    let each = |space: &Space| {
        let space = *space;
        [
            Visibility::Public,
            Visibility::Unlisted,
            Visibility::Private,
        ]
        .map(|visibility| (space, visibility))
    };
    spaces.iter().flat_map(each).collect()
}

impl Cell {
    /// The tool that is asked about; in rows without one it is not there.
    pub(super) fn tool(&self) -> String {
        let (prefix, visibility) = (self.space.prefix(), self.visibility);
        match self.row.tool {
            Tool::Shared => format!("{prefix}/shared-{visibility}"),
            Tool::OfRow => format!("{prefix}/row-{}-{visibility}", self.number),
            Tool::OfCell => format!("{prefix}/cell-{}-{visibility}", self.n),
        }
    }

    fn standing(&self) -> Standing {
        self.caller.standing(self.space, self.row.access.scope())
    }

    /// The name of no tool.
    fn absent(&self) -> String {
        format!("{}/absent", self.space.prefix())
    }

    /// Puts in what the template leaves open.
    fn fill(&self, template: &str, tool: &str) -> String {
        let n = self.n.to_string();
        let values = [
            ("{name}", tool),
            ("{version}", VERSION),
            ("{path}", "SKILL.md"),
            ("{visibility}", self.visibility.as_str()),
            ("{auditor}", "auditor-{n}"),
            ("{id}", "token-{n}"),
            ("{org}", "acme"),
            ("{user}", self.user()),
            ("{me}", self.standing().name()),
            ("{n}", &n),
        ];
        values
            .iter()
            .fold(template.to_owned(), |text, (open, value)| {
                text.replace(open, value)
            })
    }

    fn user(&self) -> &'static str {
        match self.row.access {
            Access::Members(_) => "user-{n}",
            _ => "alice",
        }
    }

    fn request(&self, world: &World, method: &str, tool: &str) -> RequestBuilder {
        let method: Method = method.parse().unwrap();
        let request = world.app.request(method, &self.fill(self.row.at, tool));
        let scope = self.row.access.scope();
        let credentials = world.provider.credentials(self.caller, self.space, scope);
        let request = match &credentials {
            Some(credentials) => request.bearer_auth(credentials),
            None => request,
        };
        match self.row.body {
            Body::Nothing => request,
            Body::Json(text) => request.body(self.fill(text, tool)),
            Body::Publish => {
                let version = format!("1.0.{}", 1 + self.n);
                let form = form(&manifest(tool, &version), bundle(tool, &version));
                request.multipart(form.text("visibility", self.visibility.as_str()))
            }
            Body::OwnToken => {
                let token = credentials.unwrap_or("none".to_owned());
                request.body(json!({ "refresh_token": token }).to_string())
            }
            Body::Attestation => {
                request.body(json!({ "bundle": self.attestation(tool) }).to_string())
            }
        }
    }

    fn attestation(&self, tool: &str) -> Value {
        let hash = Digest::of(&bundle(tool, VERSION)).to_string();
        let digest = Digest::of(hash.as_bytes()).to_hex();
        let auditor = format!("auditor-{}@example.org", self.n);
        sigstore(&auditor, &format!("{tool}@{VERSION}"), &digest, "tool")
    }

    /// Tries it. `others` is what those before it got who may do the same. Gives what is wrong.
    pub(super) async fn judge(
        &self,
        world: &World,
        others: &mut Option<Vec<u8>>,
    ) -> Result<(), String> {
        let tool = self.tool();
        let access = self.row.access;
        let answer = send(self.request(world, self.row.method(), &tool)).await;
        let wanted = expected(access, self.caller, self.space, self.visibility);
        let holds = self.fill(self.row.shows, &tool);
        let held = contains(&answer.bytes, &holds);
        let (good, looked_for) = match wanted {
            Expected::Success => (answer.status == self.row.ok && held, &*holds),
            Expected::List(listed) => (answer.status == self.row.ok && held == listed, &*holds),
            Expected::Refusal(status, code) => (said(&answer) == format!("{status} {code}"), ""),
            Expected::Missing => (said(&answer) == "404 NOT_FOUND", ""),
        };
        if !good {
            return Err(self.wrong(&format!("{wanted:?} {looked_for}"), &answer));
        }
        // How a client learns that it may sign in.
        if (answer.status == 401) != (answer.header("www-authenticate") == "Bearer") {
            return Err(self.wrong("WWW-Authenticate with a 401 alone", &answer));
        }
        if wanted == Expected::Success && matches!(access, Access::Anybody | Access::Sees) {
            let same = others.get_or_insert_with(|| answer.bytes.clone());
            if *same != answer.bytes {
                return Err(self.wrong("the body that others got", &answer));
            }
        }
        if self.row.names_a_tool() {
            self.judge_tool(world, &tool, wanted, &answer).await?;
        }
        Ok(())
    }

    /// What holds of every route of a tool.
    async fn judge_tool(
        &self,
        world: &World,
        tool: &str,
        wanted: Expected,
        answer: &Answer,
    ) -> Result<(), String> {
        if self.row.method() == "GET" {
            let head = send(self.request(world, "HEAD", tool)).await;
            if head.status != answer.status || !head.bytes.is_empty() {
                return Err(self.wrong("the same of HEAD, without a body", &head));
            }
        }
        let standing = self.standing();
        if wanted == Expected::Missing || is_hidden(standing, self.space, self.visibility) {
            let absent = self.absent();
            let missing = send(self.request(world, self.row.method(), &absent)).await;
            let seen = fingerprint(answer, tool);
            let looked_for = fingerprint(&missing, &absent);
            if seen != looked_for {
                return Err(self.wrong(
                    &format!("what a missing tool answers, {looked_for}"),
                    answer,
                ));
            }
        }
        Ok(())
    }

    fn wrong(&self, expected: &str, got: &Answer) -> String {
        let Self {
            row,
            caller,
            visibility,
            ..
        } = self;
        let (method, at, space) = (row.method(), row.at, self.space.prefix());
        let body = String::from_utf8_lossy(&got.bytes);
        let cut: String = body.chars().take(300).collect();
        format!(
            "{method} {at} | {caller:?} | {visibility} {space}: expected {expected}, got {} {cut}",
            got.status.as_u16(),
        )
    }
}

fn contains(body: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(body).contains(text)
}

/// The status and the code of a refusal.
fn said(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.bytes).unwrap_or_default();
    let error = &body["error"];
    let told = error["message"]
        .as_str()
        .is_some_and(|text| !text.is_empty());
    match (told, error["code"].as_str()) {
        (true, Some(code)) => format!("{} {code}", answer.status.as_u16()),
        _ => format!("{} without an error's body", answer.status.as_u16()),
    }
}

/// All of an answer by which somebody could tell two things apart, but for the name asked about.
fn fingerprint(answer: &Answer, tool: &str) -> String {
    let mut headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
    headers.sort();
    let body = String::from_utf8_lossy(&answer.bytes).replace(tool, "NAME");
    format!("{} {body} {}", answer.status.as_u16(), headers.join(" "))
}
