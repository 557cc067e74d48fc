//! Who is calling: from the `Authorization` header to a [`Caller`].

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use enact_catalog::Profile;
use enact_registry::Caller;

use crate::config::Access;
use crate::error::ApiError;
use crate::state::AppState;

/// The access rule together with the account that it grants.
#[derive(Clone)]
pub(crate) struct Auth {
    access: Access,
    admin: Profile,
}

impl Auth {
    pub(crate) fn new(access: Access, admin: Profile) -> Self {
        Self { access, admin }
    }

    fn caller(&self, headers: &HeaderMap) -> Caller {
        let granted = match &self.access {
            Access::Open => true,
            Access::Key(key) => bearer(headers).is_some_and(|token| key.matches(token)),
        };
        if granted {
            Caller::Admin(self.admin.clone())
        } else {
            Caller::Anonymous
        }
    }
}

/// Every handler that takes a [`Caller`] through this knows who is asking. It never refuses by
/// itself: an unknown token reads like none, and what needs more says so in the use case.
pub(crate) struct Authenticated(pub(crate) Caller);

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        if matches!(state.auth.access, Access::Open) {
            refuse_foreign_pages(parts)?;
        }
        Ok(Self(state.auth.caller(&parts.headers)))
    }
}

/// In open mode any web page that a person on this machine visits could publish or yank, since
/// their browser reaches the loopback address and no token is asked for. Browsers name the page in
/// `Origin`; only pages of this machine may write.
fn refuse_foreign_pages(parts: &Parts) -> Result<(), ApiError> {
    let reads = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    let Some(origin) = parts.headers.get(header::ORIGIN).filter(|_| !reads) else {
        return Ok(());
    };
    let local = origin
        .to_str()
        .ok()
        .and_then(host_of_origin)
        .is_some_and(|host| {
            host == "localhost"
                || host
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        });
    if local {
        Ok(())
    } else {
        Err(ApiError::forbidden(
            "A page of another site may not write to a registry in open mode",
        ))
    }
}

/// `example.org` of `https://example.org:8080`.
fn host_of_origin(origin: &str) -> Option<&str> {
    let authority = origin.split_once("://")?.1;
    if let Some(v6) = authority.strip_prefix('[') {
        return v6.split_once(']').map(|(host, _)| host);
    }
    authority.split(':').next()
}

/// The token of `Authorization: Bearer …`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
