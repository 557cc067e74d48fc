//! Who is calling is decided by a request's head. A body that comes later may come after a revocation,
//! so who is calling is asked again at its end.

use std::error::Error;
use std::task::Poll;

use axum::body::{Body, BodyDataStream, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use enact_registry::Caller;
use enact_types::Scopes;
use futures_util::{StreamExt as _, stream};

use crate::auth::{Known, caller};
use crate::state::AppState;

/// Why a body that came as it should is not to be used.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum LateBody {
    /// Whoever sent it is not signed in any more, or not for as much.
    #[error("who sent it is no longer signed in")]
    SignedOut,
    /// Who is calling could not be found out.
    #[error("who sent it cannot be found out right now")]
    Unknown,
}

impl LateBody {
    /// Finds it among the causes of why a body could not be read.
    pub(crate) fn find(error: &(dyn Error + 'static)) -> Option<Self> {
        let found = error.downcast_ref().copied();
        found.or_else(|| Self::find(error.source()?))
    }
}

/// A body that is being read.
struct Late {
    state: AppState,
    head: Parts,
    /// Who was calling when the head came.
    caller: Caller,
    pieces: BodyDataStream,
    /// Whether the body was not there yet when it was read.
    waited: bool,
    ended: bool,
}

/// Lets a body that its endpoint had to wait for end in [`LateBody::SignedOut`], if whoever signed in
/// by the head would not be signed in any more.
pub(crate) async fn late_body(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let (mut head, body) = request.into_parts();
    if body.is_end_stream() {
        return next.run(Request::from_parts(head, body)).await;
    }
    let known = match head.extensions.get() {
        Some(Known(known)) => known.clone(),
        None => match caller(&state, &head).await {
            Ok(caller) => caller,
            // The endpoint will tell, if it asks.
            Err(_) => return next.run(Request::from_parts(head, body)).await,
        },
    };
    head.extensions.insert(Known(known.clone()));
    if known.account().is_none() {
        return next.run(Request::from_parts(head, body)).await;
    }
    let late = Late {
        state,
        head: head.clone(),
        caller: known,
        pieces: body.into_data_stream(),
        waited: false,
        ended: false,
    };
    let pieces = stream::unfold(late, |mut late| async move {
        let piece = late.next().await?;
        Some((piece, late))
    });
    // What is left of a refused upload is drained, whether anything is left or not.
    let pieces = pieces.fuse();
    next.run(Request::from_parts(head, Body::from_stream(pieces)))
        .await
}

impl Late {
    async fn next(&mut self) -> Option<Result<Bytes, axum::BoxError>> {
        if self.ended {
            return None;
        }
        let piece = std::future::poll_fn(|context| {
            let piece = self.pieces.poll_next_unpin(context);
            self.waited |= matches!(piece, Poll::Pending);
            piece
        });
        if let Some(piece) = piece.await {
            return Some(piece.map_err(Into::into));
        }
        self.ended = true;
        if !self.waited {
            return None;
        }
        let now = self.state.auth.caller(&self.state.registry, &self.head);
        match now.await {
            Ok(now) if grant(&now) == grant(&self.caller) => None,
            Ok(_) => Some(Err(LateBody::SignedOut.into())),
            Err(_) => Some(Err(LateBody::Unknown.into())),
        }
    }
}

/// Whose account it is, and what for.
fn grant(caller: &Caller) -> Option<(&str, &Scopes)> {
    let account = caller.account()?;
    Some((&account.profile.id, &account.scopes))
}
