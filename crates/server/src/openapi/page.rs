//! The document as a page for people.

use std::fmt::Write as _;
use std::sync::LazyLock;

use serde_json::Value;

static HTML: LazyLock<String> = LazyLock::new(|| {
    let document = serde_json::from_str(super::json()).unwrap_or_default();
    let mut html = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut html, &document);
    html
});

const STYLE: &str = include_str!("page.css");

/// The page.
pub(crate) fn html() -> &'static str {
    &HTML
}

fn write(html: &mut String, document: &Value) -> std::fmt::Result {
    let info = &document["info"];
    write!(
        html,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}: API</title><style>{STYLE}</style>\
         <h1>{title} <small>API {version}</small></h1><p>{description}</p>\
         <p>As a document for programs: <a href=\"openapi.json\">openapi.json</a></p>",
        title = text(&info["title"]),
        version = text(&info["version"]),
        description = text(&info["description"]),
    )?;
    let mut group = "";
    for (path, method, operation) in operations(document) {
        let tag = operation["tags"][0].as_str().unwrap_or("Other");
        if tag != group {
            write!(html, "<h2>{}</h2>", escaped(tag))?;
            group = tag;
        }
        write!(
            html,
            "<details><summary><b class=\"{method}\">{upper}</b> <code>{path}</code> <span>{summary}</span></summary>",
            upper = method.to_uppercase(),
            path = escaped(path),
            summary = text(&operation["summary"]),
        )?;
        parameters(html, operation)?;
        body(html, &operation["requestBody"])?;
        responses(html, operation)?;
        html.push_str("</details>");
    }
    html.push_str("<h2>Bodies</h2>");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        write!(
            html,
            "<details id=\"{name}\"><summary><code>{name}</code> <span>{}</span></summary>",
            text(&schema["description"]),
            name = escaped(name)
        )?;
        fields(html, schema)?;
        html.push_str("</details>");
    }
    Ok(())
}

/// Every operation, grouped as the document lists the tags of its paths first.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let mut all: Vec<_> = entries(&document["paths"])
        .flat_map(|(path, item)| entries(item).map(move |(method, what)| (path, method, what)))
        .collect();
    let order: Vec<_> = all
        .iter()
        .map(|(_, _, what)| what["tags"][0].clone())
        .collect();
    all.sort_by_key(|(_, _, what)| order.iter().position(|tag| *tag == what["tags"][0]));
    all
}

fn parameters(html: &mut String, operation: &Value) -> std::fmt::Result {
    let Some(parameters) = operation["parameters"].as_array() else {
        return Ok(());
    };
    html.push_str("<h3>Parameters</h3><table>");
    for parameter in parameters {
        write!(
            html,
            "<tr><td><code>{}</code><td>{}<td>{}",
            text(&parameter["name"]),
            text(&parameter["in"]),
            text(&parameter["description"])
        )?;
    }
    html.push_str("</table>");
    Ok(())
}

fn body(html: &mut String, body: &Value) -> std::fmt::Result {
    for (media, content) in entries(&body["content"]) {
        write!(
            html,
            "<h3>Body</h3><p><code>{}</code>: {}",
            escaped(media),
            link(&content["schema"])
        )?;
    }
    Ok(())
}

fn responses(html: &mut String, operation: &Value) -> std::fmt::Result {
    html.push_str("<h3>Answers</h3><table>");
    for (status, response) in entries(&operation["responses"]) {
        let shape = entries(&response["content"])
            .map(|(_, content)| link(&content["schema"]))
            .collect::<Vec<_>>()
            .join(" ");
        let description = text(&response["description"]);
        write!(
            html,
            "<tr><td><b>{}</b><td>{description}<td>{shape}",
            escaped(status)
        )?;
    }
    html.push_str("</table>");
    Ok(())
}

fn fields(html: &mut String, schema: &Value) -> std::fmt::Result {
    if schema["properties"].is_null() {
        return write!(html, "<p>{}", link(schema));
    }
    let required = schema["required"].as_array();
    html.push_str("<table>");
    for (name, field) in entries(&schema["properties"]) {
        let needed = required.is_some_and(|required| required.iter().any(|one| one == name));
        let needed = if needed { "" } else { "optional" };
        let description = text(&field["description"]);
        write!(
            html,
            "<tr><td><code>{}</code><td>{}<td>{needed}<td>{description}",
            escaped(name),
            link(field)
        )?;
    }
    html.push_str("</table>");
    Ok(())
}

/// The type of a schema, as a link where it has a name.
fn link(schema: &Value) -> String {
    if let Some(target) = schema["$ref"].as_str() {
        let name = escaped(target.rsplit('/').next().unwrap_or(target));
        return format!("<a href=\"#{name}\">{name}</a>");
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        if let Some(choices) = schema[choice].as_array() {
            return choices.iter().map(link).collect::<Vec<_>>().join(" or ");
        }
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("list of {}", link(&schema["items"])),
        Value::String(kind) => escaped(kind),
        Value::Array(kinds) => {
            let kinds: Vec<_> = kinds.iter().map(text).collect();
            kinds.join(" or ")
        }
        _ => "any".to_owned(),
    }
}

fn entries(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let entries = object.as_object().into_iter().flatten();
    entries.map(|(key, value)| (key.as_str(), value))
}

fn text(value: &Value) -> String {
    escaped(value.as_str().unwrap_or_default())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
