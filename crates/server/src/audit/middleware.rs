//! Records what was asked for and what was answered.

use std::net::{IpAddr, Ipv6Addr};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Actor, Caller, Event, RegistryError, Subject};
use enact_types::{Action, ErrorCode};

use super::actions::Deed;
use super::witness::{Seen, Witness};
use crate::error::ApiError;
use crate::http::client_address::{Peer, Site, client_address};
use crate::http::request_log::X_REQUEST_ID;
use crate::state::AppState;

/// Attached to an answer that refuses a token for another reason than what it was shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenRefused {
    /// None from there is looked at.
    Unchecked,
    /// That one, which did not come as the caller's own, is no good.
    Wrong,
}

/// Attached to an answer that is a link to the bundle of a private tool.
#[derive(Debug, Clone)]
pub(crate) struct PrivateLink {
    actor: Actor,
    subject: Subject,
}

impl PrivateLink {
    /// Who is given it, and to what.
    pub(crate) fn new(caller: &Caller, subject: Subject) -> Self {
        let actor = Actor::of(caller).unwrap_or(Actor::NOBODY);
        Self { actor, subject }
    }
}

/// Records a request that changes something, one that is given a link to what is private, and one
/// whose token is refused.
pub(crate) async fn audit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(deed) = Deed::of(request.method(), request.uri().path()) else {
        return read(&state, request, next).await;
    };
    // To its end: what a client that hangs up has changed is recorded all the same.
    let registry = state.registry.clone();
    let change = registry.finish(change(state, deed, request, next));
    change.await.unwrap_or_else(|error| {
        tracing::error!(%error, "recording a request panicked");
        ApiError::internal(error).into_response()
    })
}

async fn change(state: AppState, deed: Deed, mut request: Request, next: Next) -> Response {
    let (address, presents) = (address(&state, &request), presents(request.headers()));
    let witness = Witness::default();
    request.extensions_mut().insert(witness.clone());
    let response = next.run(request).await;

    let (status, seen) = (response.status(), witness.seen());
    // Who has an account answers for what it asks for, as often as the limits let it.
    let accountable = matches!(seen, Seen::Somebody(_)) && status != StatusCode::TOO_MANY_REQUESTS;
    if is_refusal(status) && !accountable && !state.audit.admits_stranger(Site::of(address)) {
        return response;
    }
    let subject = match response.extensions().get::<Subject>() {
        Some(found_out) => deed.subject.or(found_out.clone()),
        None => deed.subject,
    };
    let row = Row {
        action: deed.action,
        actor: actor(seen, presents),
        address,
        subject,
    };
    row.record(&state, response).await
}

async fn read(state: &AppState, mut request: Request, next: Next) -> Response {
    let address = address(state, &request);
    let witness = presents(request.headers()).then(Witness::default);
    if let Some(witness) = &witness {
        request.extensions_mut().insert(witness.clone());
    }
    let response = next.run(request).await;

    let row = if let Some(PrivateLink { actor, subject }) = response.extensions().get().cloned() {
        let admitted = state.audit.admits_link(actor.name());
        admitted.then_some((Action::ToolLink, actor, subject))
    } else if let Some(seen) = refused_token(&response, witness.as_ref()) {
        let admitted = state.audit.admits_stranger(Site::of(address));
        let actor = actor(seen, true);
        admitted.then_some((Action::SignIn, actor, Subject::default()))
    } else {
        None
    };
    let Some((action, actor, subject)) = row else {
        return response;
    };
    let row = Row {
        action,
        actor,
        address,
        subject,
    };
    row.record(state, response).await
}

/// What is known of the token that was shown, if the answer is no because of it.
fn refused_token(response: &Response, witness: Option<&Witness>) -> Option<Seen> {
    match response.extensions().get() {
        Some(TokenRefused::Unchecked) => return Some(Seen::Nothing),
        Some(TokenRefused::Wrong) => return Some(Seen::Anybody),
        None => {}
    }
    let no = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&response.status());
    let seen = witness?.seen();
    (no && seen == Seen::Anybody).then_some(seen)
}

fn is_refusal(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

fn presents(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION)
}

/// Who it was, if it `presents` something to sign in with.
fn actor(seen: Seen, presents: bool) -> Actor {
    match seen {
        Seen::Somebody(actor) => actor,
        Seen::Anybody | Seen::Nothing if !presents => Actor::NOBODY,
        Seen::Anybody => Actor::WRONG_TOKEN,
        Seen::Nothing => Actor::UNCHECKED,
    }
}

/// Where the request comes from. Every connection has an address.
fn address(state: &AppState, request: &Request) -> IpAddr {
    let peer = request.extensions().get::<Peer>();
    let peer = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |Peer(address)| *address);
    client_address(peer, request.headers(), &state.trusted_proxies)
}

/// A row but for what the answer tells.
struct Row {
    action: Action,
    actor: Actor,
    address: IpAddr,
    subject: Subject,
}

impl Row {
    /// Records it, and gives the answer; that something was done is not told unless it is recorded.
    async fn record(self, state: &AppState, response: Response) -> Response {
        let status = response.status();
        let request_id = response.headers().get(X_REQUEST_ID).cloned();
        let request_id = request_id.as_ref().and_then(|id| id.to_str().ok());
        let event = Event {
            action: self.action,
            actor: &self.actor,
            origin: Some(self.address.to_string()),
            subject: &self.subject,
            error: error(&response),
            status: Some(status.as_u16()),
            request_id,
        };
        let Err(error) = state.registry.record(&event).await else {
            return response;
        };
        let cause = &error as &dyn std::error::Error;
        let request_id = request_id.unwrap_or_default();
        // What the row would have said is said here.
        tracing::error!(
            request_id,
            ?event,
            error = cause,
            "not recorded in the audit log"
        );
        if is_refusal(status) {
            return response;
        }
        let mut told = ApiError::from(RegistryError::unrecorded(error)).into_response();
        if let Some(id) = response.headers().get(X_REQUEST_ID) {
            told.headers_mut().insert(X_REQUEST_ID, id.clone());
        }
        told
    }
}

/// Why the answer is no; `None` if it is not.
fn error(response: &Response) -> Option<ErrorCode> {
    let status = response.status();
    if !is_refusal(status) {
        return None;
    }
    let said = response.extensions().get::<ErrorCode>().copied();
    Some(said.unwrap_or(if status.is_server_error() {
        ErrorCode::InternalError
    } else {
        ErrorCode::BadRequest
    }))
}
