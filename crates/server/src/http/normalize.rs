//! Paths as clients really send them.

use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// The same request with a plain path: repeated and trailing slashes are dropped (clients join a
/// base URL and a path as texts), and so is the prefix `/functions/v1`, under which the hosted
/// registry serves the same routes.
pub(crate) fn normalize(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let mut plain = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        plain.push('/');
        plain.push_str(segment);
    }
    let rest = match plain.strip_prefix("/functions/v1") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => rest,
        _ => &plain,
    };
    let rest = if rest.is_empty() { "/" } else { rest };
    if rest == path {
        return None;
    }
    let text = match uri.query() {
        Some(query) => format!("{rest}?{query}"),
        None => rest.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_what_clients_add() {
        for (sent, meant) in [
            ("/functions/v1/tools/a/b?x=//", "/tools/a/b?x=//"),
            ("//tools///a/b/", "/tools/a/b"),
            ("//functions//v1/health", "/health"),
            ("/functions/v1", "/"),
            ("/functions/v12/x/", "/functions/v12/x"),
        ] {
            assert_eq!(
                normalize(&sent.parse().unwrap()).unwrap().to_string(),
                meant
            );
        }
        assert_eq!(normalize(&"/tools/a/b".parse().unwrap()), None);
        assert_eq!(normalize(&"/".parse().unwrap()), None);
    }
}
