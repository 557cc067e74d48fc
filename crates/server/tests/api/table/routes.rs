//! Which routes there are, from everything that knows: the document that the server hands out, the
//! endpoints' own descriptions in `src/routes`, and the router.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// The routes of `/openapi.json`, like `GET /tools/{name}`.
pub(super) fn in_document(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().unwrap().keys();
        let routes = methods.map(|method| format!("{} {path}", method.to_uppercase()));
        routes.collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

/// The routes that the endpoints describe, one a file, and the files that describe none.
pub(super) fn in_sources() -> (BTreeSet<String>, Vec<String>) {
    let (mut routes, mut silent) = (BTreeSet::new(), Vec::new());
    visit(&sources().join("routes"), &mut |path, text| {
        let described: Vec<_> = text.split("#[utoipa::path(").skip(1).collect();
        match described.as_slice() {
            [] if path.ends_with("mod.rs") => {}
            [one] => drop(routes.insert(described_route(one))),
            _ => silent.push(path.display().to_string()),
        }
    });
    (routes, silent)
}

/// The paths that the router knows, as far as it tells them apart: all below `/tools/{*path}` are one.
pub(super) fn in_router() -> BTreeSet<String> {
    let text = std::fs::read_to_string(sources().join("router.rs")).unwrap();
    let paths = text.split(".route(").skip(1).map(|rest| {
        let path = rest.split('"').nth(1);
        path.unwrap().to_owned()
    });
    paths.collect()
}

fn sources() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn described_route(description: &str) -> String {
    let method = description.split(',').next().unwrap().trim();
    let (_, rest) = description.split_once("path = \"").unwrap();
    format!(
        "{} {}",
        method.to_uppercase(),
        rest.split('"').next().unwrap()
    )
}

fn visit(folder: &Path, file: &mut dyn FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, file);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            file(&path, &std::fs::read_to_string(&path).unwrap());
        }
    }
}
