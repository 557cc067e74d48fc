//! Kinds of requests, each with a limit of its own.

use std::num::NonZeroU32;

use axum::http::Method;

use crate::config::Limits;
use crate::http::tool_path::ToolPath;

/// What kind of request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    Search,
    Download,
    Read,
    Publish,
    Write,
    /// About the caller's own account.
    Auth,
    /// A token that was wrong; the last one. Apart from [`Class::Auth`], so that looking at one's own account
    /// keeps nobody from using a token.
    WrongToken,
}

impl Class {
    /// How many there are.
    pub(super) const COUNT: usize = Self::WrongToken as usize + 1;

    /// The class of a request whose path is normalised. `None` for what costs nothing and is asked
    /// by those who watch over the server.
    pub(super) fn of(method: &Method, path: &str) -> Option<Self> {
        let reads = matches!(*method, Method::GET | Method::HEAD);
        if path == "/health" {
            return None;
        }
        if path == "/tools/search" {
            return Some(Self::Search);
        }
        if path.starts_with("/auth/") || path.starts_with("/rest/") {
            return Some(Self::Auth);
        }
        // The same parser leads the request to its endpoint: a clever name changes nothing.
        let tool = path
            .strip_prefix("/tools/")
            .map(|rest| ToolPath::parse(rest, *method == Method::PATCH));
        Some(match tool {
            Some(Ok(ToolPath::Tool(_) | ToolPath::Versions(_))) if *method == Method::POST => {
                Self::Publish
            }
            Some(Ok(ToolPath::Download(..) | ToolPath::Files(..) | ToolPath::File(..)))
                if reads =>
            {
                Self::Download
            }
            _ if reads => Self::Read,
            _ => Self::Write,
        })
    }

    /// How many of them are answered in a minute.
    pub(super) fn limit(self, limits: &Limits) -> Option<NonZeroU32> {
        match self {
            Self::Search => limits.search,
            Self::Download => limits.download,
            Self::Read => limits.read,
            Self::Publish => limits.publish,
            Self::Write => limits.write,
            Self::Auth | Self::WrongToken => limits.auth,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_has_the_class_of_its_endpoint() {
        for (method, path, class) in [
            ("GET", "/health", None),
            ("GET", "/ready", Some(Class::Read)),
            ("GET", "/tools/search", Some(Class::Search)),
            ("HEAD", "/tools/a/b", Some(Class::Read)),
            (
                "GET",
                "/tools/a/b/versions/1.0.0/download",
                Some(Class::Download),
            ),
            (
                "GET",
                "/tools/a/b/versions/1.0.0/files/x/y",
                Some(Class::Download),
            ),
            ("POST", "/tools/a/b/versions", Some(Class::Publish)),
            ("POST", "/tools/a/b", Some(Class::Publish)),
            // A tool that is called like an action.
            ("POST", "/tools/a/yank", Some(Class::Publish)),
            ("POST", "/tools/a/b/versions/1.0.0/yank", Some(Class::Write)),
            ("PATCH", "/tools/a/b/visibility", Some(Class::Write)),
            ("DELETE", "/tools/a/b", Some(Class::Write)),
            ("POST", "/orgs", Some(Class::Write)),
            ("GET", "/auth/me", Some(Class::Auth)),
            ("GET", "/auth/v1/user", Some(Class::Auth)),
            ("GET", "/no/such/route", Some(Class::Read)),
        ] {
            let method = method.parse().unwrap();
            assert_eq!(Class::of(&method, path), class, "{method} {path}");
        }
    }
}
