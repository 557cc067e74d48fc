//! Who is calling: from the `Authorization` header to a [`Caller`].

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use enact_catalog::Profile;
use enact_registry::{Caller, Refused, Registry, Via};
use enact_types::{InvalidToken, Token};
use url::{Host, Url};

use crate::audit::Witness;
use crate::config::{Access, is_jwt};
use crate::error::ApiError;
use crate::http::client_address::is_from_loopback;
use crate::jwt::{Rejected, Verified, Verifier};
use crate::state::AppState;

/// The access rule together with the account of the operator.
#[derive(Clone)]
pub(crate) struct Auth {
    access: Access,
    admin: Profile,
    verifier: Arc<Verifier>,
}

/// Where a request to a server in open mode comes from, as far as a browser tells.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    /// A program, or a page of this machine.
    Local,
    /// A page of another site, or one that reached us under a name that is not this machine's.
    Foreign,
}

/// The hosted registry's address, compiled into existing clients. Whoever redirects it to a
/// registry of their own sends requests with this name, and no attacker can own it.
const HOSTED_REGISTRY: &str = "siikwkfgsmouioodghho.supabase.co";

impl Auth {
    pub(crate) fn new(access: Access, admin: Profile, verifier: Verifier) -> Self {
        Self {
            access,
            admin,
            verifier: Arc::new(verifier),
        }
    }

    /// Whether the request has a token that is meant for this registry, so that a wrong one may be
    /// an attempt at guessing. Tokens of the hosted registry are not: existing clients send them.
    pub(crate) fn presents_token(&self, headers: &HeaderMap) -> bool {
        bearer(headers).is_some_and(|token| self.may_be_guess(token))
    }

    /// The same of a token that came in another way.
    pub(crate) fn may_be_guess(&self, token: &str) -> bool {
        matches!(self.access, Access::Closed { .. }) && !is_jwt(token)
    }

    /// The headers that decide who is calling, as `Vary` names them.
    pub(crate) fn decided_by(&self) -> &'static str {
        match self.access {
            Access::Closed { .. } => "Authorization",
            Access::Open { .. } | Access::OpenToAll => "Origin",
        }
    }

    /// Whether it is the operator's key.
    pub(crate) fn is_key(&self, text: &str) -> bool {
        match &self.access {
            Access::Closed { key: Some(key) } => key.matches(text),
            Access::Closed { key: None } | Access::Open { .. } | Access::OpenToAll => false,
        }
    }

    pub(crate) async fn caller(
        &self,
        registry: &Registry,
        parts: &Parts,
    ) -> Result<Caller, ApiError> {
        let secret = bearer(&parts.headers);
        self.by_secret(registry, parts, secret).await
    }

    /// Whom `secret` signs in that came with the request, but not as who is calling.
    pub(crate) async fn holder(
        &self,
        registry: &Registry,
        parts: &Parts,
        secret: &str,
    ) -> Result<Caller, ApiError> {
        self.by_secret(registry, parts, Some(secret)).await
    }

    async fn by_secret(
        &self,
        registry: &Registry,
        parts: &Parts,
        secret: Option<&str>,
    ) -> Result<Caller, ApiError> {
        let key = match &self.access {
            Access::Open { .. } => return self.in_open_mode(parts),
            Access::OpenToAll => return self.open_to_all(parts),
            Access::Closed { key } => key,
        };
        let Some(secret) = secret else {
            return Ok(Caller::Anonymous);
        };
        if key.as_ref().is_some_and(|key| key.matches(secret)) {
            return Ok(Caller::admin(self.admin.clone(), Via::Key));
        }
        match Token::parse(secret) {
            Ok(token) => Ok(registry.sign_in(&token).await?),
            Err(InvalidToken) => self.by_others(registry, secret).await,
        }
    }

    /// Whom a token of somebody else signs in. One of a stranger reads like none: existing clients
    /// send those of other registries along.
    async fn by_others(&self, registry: &Registry, token: &str) -> Result<Caller, ApiError> {
        Ok(match self.verifier.verify(token).await {
            Ok(Verified::Identity(identity)) => registry.sign_in_identity(&identity).await?,
            Ok(Verified::Run(run)) => registry.sign_in_run(&run).await?,
            Err(Rejected::Foreign) => Caller::Anonymous,
            Err(Rejected::KeysMissing) => Caller::Refused(Refused::KeysMissing),
            Err(why) => Caller::Refused(Refused::Because(why.to_string())),
        })
    }

    /// Everybody on this machine is the operator, whatever token they send.
    fn in_open_mode(&self, parts: &Parts) -> Result<Caller, ApiError> {
        match source(parts) {
            Source::Local => Ok(Caller::admin(self.admin.clone(), Via::OpenMode)),
            Source::Foreign if is_read(&parts.method) => Ok(Caller::Anonymous),
            Source::Foreign => Err(ApiError::forbidden(
                "A registry in open mode takes writes from this machine alone: use its loopback address, and no page of another site",
            )),
        }
    }

    /// Who reaches it may do everything, but not through the browser of somebody who does.
    fn open_to_all(&self, parts: &Parts) -> Result<Caller, ApiError> {
        if !is_of_another_site(parts) {
            Ok(Caller::admin(self.admin.clone(), Via::OpenMode))
        } else if is_read(&parts.method) {
            Ok(Caller::Anonymous)
        } else {
            Err(ApiError::forbidden("Pages of other sites may only read"))
        }
    }
}

/// Finds out who is calling, and tells the audit log.
pub(crate) async fn caller(state: &AppState, parts: &Parts) -> Result<Caller, ApiError> {
    let caller = state.auth.caller(&state.registry, parts).await?;
    Witness::tell(parts, &caller);
    Ok(caller)
}

/// Every handler that takes a [`Caller`] through this knows who is asking. An unknown token reads
/// like none; what needs more says so in the use case.
pub(crate) struct Authenticated(pub(crate) Caller);

/// Noted with a request by whoever found out before its endpoint.
#[derive(Clone)]
pub(crate) struct Known(pub(crate) Caller);

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        match parts.extensions.remove() {
            Some(Known(caller)) => Ok(Self(caller)),
            None => Ok(Self(caller(state, parts).await?)),
        }
    }
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// In open mode no token stands between a web page and the registry: the browser of a person on
/// this machine reaches the loopback address for any page that it shows. So pages of other sites,
/// which browsers name in `Origin`, are nobody in particular; and so are requests that came under a
/// name that is not this machine's, since a page can point a name of its own at the loopback
/// address and then reads as if from the same site (DNS rebinding); and so are those that a proxy
/// on this machine passes on for others.
fn source(parts: &Parts) -> Source {
    let mut origins = parts.headers.get_all(header::ORIGIN).iter();
    let foreign_page = origins.any(|origin| !origin.to_str().is_ok_and(is_local_url));
    let host = parts
        .headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let foreign_host = host.is_some_and(|host| {
        let known = host.split(':').next() == Some(HOSTED_REGISTRY);
        !known && !is_local_url(&format!("http://{host}"))
    });
    let foreign_client = !is_from_loopback(&parts.headers);
    if foreign_page || foreign_host || foreign_client {
        Source::Foreign
    } else {
        Source::Local
    }
}

/// Whether a browser says that a page of another site sends this: its `Origin` is not the place that
/// the request went to.
fn is_of_another_site(parts: &Parts) -> bool {
    let host = parts
        .headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    parts.headers.get_all(header::ORIGIN).iter().any(|origin| {
        let place = origin.to_str().ok().and_then(|origin| {
            let (_, place) = origin.split_once("://")?;
            Some(place)
        });
        place.is_none() || place != host
    })
}

/// Whether a URL without path or credentials leads to this machine.
fn is_local_url(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
        return false;
    }
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
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
