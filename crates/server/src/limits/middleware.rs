//! The limits, applied to each request before it reaches its endpoint.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use enact_registry::Caller;

use super::bucket::Standing;
use super::class::Class;
use super::limiter::{Limiter, Who};
use crate::audit::TokenRefused;
use crate::auth::{Known, caller};
use crate::config::TrustedProxies;
use crate::error::ApiError;
use crate::http::client_address::{Peer, Site, X_FORWARDED_FOR, client_address};
use crate::http::upload::Upload;
use crate::state::AppState;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Why a request goes no further.
enum Refusal {
    /// A limit is reached.
    Limit(Standing),
    /// Too many tokens from there were wrong.
    Tokens(Standing),
    /// What asking who is calling gave.
    Caller(ApiError),
}

/// Counts the request for its address, finds out who is calling, and counts it for them too.
pub(crate) async fn limits(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let Some(limiter) = state.limiter.clone() else {
        return next.run(request).await;
    };
    let Some(class) = Class::of(request.method(), request.uri().path()) else {
        return next.run(request).await;
    };
    let (mut parts, body) = request.into_parts();
    match admit(&state, &limiter, class, &mut parts).await {
        Ok(standing) => {
            let mut response = next.run(Request::from_parts(parts, body)).await;
            // The endpoint may have told of a limit that it met itself.
            if let Some(standing) = standing
                && !response.headers().contains_key(LIMIT)
            {
                tell(&mut response, standing);
            }
            response
        }
        Err(Refusal::Caller(error)) => error.into_response(),
        Err(Refusal::Limit(standing)) => refuse(class, body, standing).await,
        Err(Refusal::Tokens(standing)) => {
            let mut response = refuse(class, body, standing).await;
            response.extensions_mut().insert(TokenRefused::Unchecked);
            response
        }
    }
}

async fn refuse(class: Class, body: Body, standing: Standing) -> Response {
    if class == Class::Publish {
        drain(body).await;
    }
    over(standing)
}

/// The answer to what is over a limit.
fn over(standing: Standing) -> Response {
    let wait = Duration::from_secs(standing.retry_after.max(1));
    let mut response = ApiError::rate_limited(wait).into_response();
    tell(&mut response, standing);
    response
}

/// Noted with a request whose address has so many wrong tokens and no more, for the endpoint that
/// takes a token from elsewhere than the header.
#[derive(Clone)]
pub(crate) struct Guesses {
    limiter: Arc<Limiter>,
    client: Who,
}

impl Guesses {
    /// Those of a request; `None` if nothing limits them.
    pub(crate) fn of(parts: &Parts) -> Option<&Self> {
        parts.extensions.get()
    }

    /// Whether a token may be looked at; if not, the answer.
    pub(crate) fn admit(&self) -> Result<(), Box<Response>> {
        self.limiter
            .may_present_token(&self.client)
            .map_err(|standing| {
                let mut response = over(standing);
                response.extensions_mut().insert(TokenRefused::Unchecked);
                Box::new(response)
            })
    }

    /// Counts one that was wrong.
    pub(crate) fn was_wrong(&self) {
        self.limiter.wrong_token(self.client.clone());
    }
}

/// Who may do how much more of it. The endpoint is told who is calling, so it does not ask again.
async fn admit(
    state: &AppState,
    limiter: &Arc<Limiter>,
    class: Class,
    parts: &mut Parts,
) -> Result<Option<Standing>, Refusal> {
    // Every connection has an address; without one all would be one client.
    let peer = parts.extensions.get::<Peer>();
    let peer = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |Peer(address)| *address);
    note_unnamed_proxy(peer, &parts.headers, &state.trusted_proxies);
    let client = client_address(peer, &parts.headers, &state.trusted_proxies);
    let client = Who::Site(Site::of(client));
    let standing = limiter
        .take(client.clone(), class)
        .map_err(Refusal::Limit)?;
    let presents = state.auth.presents_token(&parts.headers);
    if presents {
        limiter
            .may_present_token(&client)
            .map_err(Refusal::Tokens)?;
    }
    let caller = caller(state, parts).await.map_err(Refusal::Caller)?;
    let own = match &caller {
        Caller::User(account) | Caller::Admin(account) => {
            let account = Who::Account(account.profile.id.as_str().into());
            limiter.take(account, class).map_err(Refusal::Limit)?
        }
        Caller::Anonymous | Caller::Refused(_) => {
            if presents {
                limiter.wrong_token(client.clone());
            }
            None
        }
    };
    parts.extensions.insert(Known(caller));
    parts.extensions.insert(Guesses {
        limiter: Arc::clone(limiter),
        client,
    });
    Ok([standing, own]
        .into_iter()
        .flatten()
        .min_by_key(|standing| standing.remaining))
}

/// Tells the operator, once, that a proxy's clients may share one limit. Of proxies in a private
/// network alone: everybody else can send the header just so.
fn note_unnamed_proxy(peer: IpAddr, headers: &HeaderMap, proxies: &TrustedProxies) {
    static NOTED: AtomicBool = AtomicBool::new(false);
    if headers.contains_key(&X_FORWARDED_FOR)
        && is_private(peer)
        && !proxies.contain(peer)
        && !NOTED.swap(true, Ordering::Relaxed)
    {
        tracing::warn!(
            proxy = %peer,
            "requests come through a proxy that ENACT_TRUSTED_PROXIES does not name: all its clients have one limit together"
        );
    }
}

fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_private() || address.is_loopback(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_loopback(),
    }
}

/// Existing clients look at the answer to a publish only when they have sent it.
async fn drain(body: Body) {
    Upload::new(body).drain().await;
}

fn tell(response: &mut Response, standing: Standing) {
    let headers = response.headers_mut();
    headers.insert(LIMIT, HeaderValue::from(standing.limit));
    headers.insert(REMAINING, HeaderValue::from(standing.remaining));
    headers.insert(RESET, HeaderValue::from(standing.full_at));
}
