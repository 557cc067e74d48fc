//! Media types: what a client wants, and what a file is.

use axum::http::{HeaderMap, header};

pub(crate) const OCTET_STREAM: &str = "application/octet-stream";

/// Whether a request asks for plain bytes: it names them, and does not name JSON beside them.
pub(crate) fn wants_bytes(headers: &HeaderMap) -> bool {
    let named = |wanted: &str| {
        headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|range| {
                let mut parts = range.split(';').map(str::trim);
                let is_it = parts
                    .next()
                    .is_some_and(|name| name.eq_ignore_ascii_case(wanted));
                // `q=0` means "not this".
                is_it && !parts.any(is_zero_weight)
            })
    };
    named(OCTET_STREAM) && !named("application/json")
}

fn is_zero_weight(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        name.trim().eq_ignore_ascii_case("q") && value.trim().parse() == Ok(0.0_f32)
    })
}

/// Whether a file is text by its name.
pub(crate) fn is_text(path: &str) -> bool {
    const EXTENSIONS: &[&str] = &[
        "awk", "bash", "c", "cfg", "conf", "cpp", "cs", "css", "csv", "go", "h", "hpp", "htm",
        "html", "ini", "java", "js", "json", "jsonl", "jsx", "kt", "lock", "lua", "md", "mdx",
        "mjs", "php", "pl", "ps1", "py", "r", "rb", "rs", "rst", "scala", "sh", "sql", "svg",
        "swift", "tex", "toml", "ts", "tsv", "tsx", "txt", "vue", "xml", "yaml", "yml", "zsh",
    ];
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(_, extension)| {
        EXTENSIONS
            .binary_search(&extension.to_ascii_lowercase().as_str())
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_given_to_whoever_asks_for_them_alone() {
        for (accept, bytes) in [
            ("application/octet-stream", true),
            ("text/html, Application/Octet-Stream;q=0.5", true),
            ("application/octet-stream, application/json", false),
            ("application/octet-stream, application/json;q=0", true),
            ("application/octet-stream;q=0", false),
            ("application/octet-stream; Q=0.000", false),
            ("application/json", false),
            ("*/*", false),
            ("application/*", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(wants_bytes(&headers), bytes, "{accept}");
        }
        assert!(!wants_bytes(&HeaderMap::new()));
    }

    #[test]
    fn text_is_known_by_its_extension() {
        for path in ["a.md", "a/b.SH", "x.y.zsh", "a.awk", ".json"] {
            assert!(is_text(path), "{path}");
        }
        for path in ["md", "a.png", "a.md/b", "", "a."] {
            assert!(!is_text(path), "{path}");
        }
    }
}
