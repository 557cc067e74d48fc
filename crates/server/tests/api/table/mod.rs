//! The access table: every route, used by everybody.
//!
//! `rows.rs` has a line for each route: who may use it, and what a success looks like. Each line is
//! tried by all callers of `callers.rs`, of a public, an unlisted and a private tool, under a user's
//! name and under an organisation's, on every database. What is expected of such a cell is not
//! written down but follows from `rule.rs`, which tells the access rule a second time, without a
//! look at the server. Beyond the line's own expectation it holds that
//!
//! - whoever may read gets what all others get who may;
//! - HEAD answers what GET does;
//! - for those whose business a private tool is not, *every* answer about it, also a refusal, is the
//!   one about a tool that does not exist: status, body and names of headers.
//!
//! # A new route
//!
//! It fails `every_route_has_a_row`. Add to `rows.rs`
//!
//! ```text
//! row("POST /tools/{name}/star", Says).ok(201).json(r#"{"stars":{n}}"#).shows(r#""stars":{n}"#),
//! ```
//!
//! The route is written as in `/openapi.json`; [`row::Access`] has the kinds of access. `{name}`,
//! `{version}`, `{path}`, `{auditor}`, `{id}`, `{org}`, `{user}`, `{visibility}`, `{me}` (the
//! caller's name) and `{n}` (a number that only this cell has) are filled in, in the path, what is
//! sent and what is to be shown. Rows that only read share their tools; the others have one of
//! their own for each visibility, which succeeding must leave fit for the next caller. If it does
//! not, as with deleting, give each cell its own: `.of(Tool::OfCell)`, or `.given(…)` for what is no
//! tool. A route with several uses (`/users/me/trust`, adding an owner) has several rows, told apart
//! by `.at(…)` and by what they send.
//!
//! A kind of access that is new is a variant of [`row::Access`] and an arm of `rule.rs`. A kind of
//! caller is a variant of [`callers::Caller`].

mod callers;
mod cell;
mod routes;
mod row;
mod rows;
mod rule;
mod world;

use std::collections::BTreeSet;

use reqwest::Method;

use self::callers::KEY;
use self::cell::cells;
use self::rows::ROWS;
use self::world::World;
use crate::fixture::{App, send};

behaviours![
    everybody_gets_what_the_table_says,
    every_route_has_a_row,
    no_route_takes_a_method_that_is_not_described,
];

async fn everybody_gets_what_the_table_says() {
    let cells = cells();
    let world = World::new(&cells).await;
    let (mut wrong, mut place, mut others) = (Vec::new(), None, None);
    for cell in &cells {
        let here = (cell.number, cell.tool());
        if place.as_ref() != Some(&here) {
            (place, others) = (Some(here), None);
        }
        if let Err(what) = cell.judge(&world, &mut others).await {
            wrong.push(what);
        }
    }
    let (failed, all) = (wrong.len(), cells.len());
    assert!(wrong.is_empty(), "{failed} of {all}:\n{}", wrong.join("\n"));
}

async fn every_route_has_a_row() {
    let app = App::open().await;
    let document = routes::in_document(&app.get("/openapi.json").await.json());
    let (sources, silent) = routes::in_sources();
    assert!(
        silent.is_empty(),
        "an endpoint describes itself, one a file: {silent:?}"
    );
    let missing: Vec<_> = sources.symmetric_difference(&document).collect();
    assert!(
        missing.is_empty(),
        "an endpoint is named in src/openapi/mod.rs: {missing:?}"
    );
    let rows: BTreeSet<_> = ROWS.iter().map(|row| row.route.to_owned()).collect();
    let missing: Vec<_> = document.difference(&rows).collect();
    assert!(missing.is_empty(), "a route has a row: {missing:?}");
    let gone: Vec<_> = rows.difference(&document).collect();
    assert!(gone.is_empty(), "a row has a route: {gone:?}");
    // All below /tools/ that is no route of its own is described by its endpoints.
    let described = |path: &String| {
        document
            .iter()
            .any(|route| route.ends_with(&format!(" {path}")))
    };
    let router = routes::in_router();
    assert!(router.len() > 10, "{router:?}");
    for path in router.iter().filter(|path| *path != "/tools/{*path}") {
        assert!(described(path), "{path} is described by no endpoint");
    }
}

async fn no_route_takes_a_method_that_is_not_described() {
    let app = App::start(&[("ENACT_LIMITS", "off"), ("ENACT_REGISTRY_API_KEY", KEY)]).await;
    let document = routes::in_document(&app.get("/openapi.json").await.json());
    // Ways to a route that are not its described one have rows too.
    let known: BTreeSet<_> = ROWS
        .iter()
        .map(|row| format!("{} {}", row.method(), row.at))
        .chain(document.iter().cloned())
        .collect();
    let paths: BTreeSet<_> = document
        .iter()
        .map(|route| route.split_once(' ').unwrap().1)
        // For any other method this is a tool of that name.
        .filter(|path| *path != "/tools/{name}/visibility")
        .collect();
    let mut wrong = Vec::new();
    for path in paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
            if known.contains(&format!("{method} {path}")) {
                continue;
            }
            let filled = path
                .replace("{name}", "alice/tool")
                .replace("{version}", "1.0.0")
                .replace(['{', '}'], "");
            let request = app.request(Method::from_bytes(method.as_bytes()).unwrap(), &filled);
            let answer = send(request.bearer_auth(KEY)).await;
            if answer.status != 405 || answer.code() != "METHOD_NOT_ALLOWED" {
                wrong.push(format!("{method} {filled}: {answer:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
