//! One segment of a path, for routes whose segments have no slashes in them.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use enact_types::OwnerName;
use percent_encoding::percent_decode_str;

use crate::error::ApiError;
use crate::state::AppState;

/// The segment number `N` of the path, counted from 0, as the name of a user or an organisation.
/// What can be no such name does not exist, which is 404.
pub(crate) struct OwnerSegment<const N: usize>(pub(crate) OwnerName);

/// The same segment as a text that is only ever compared with others.
pub(crate) struct TextSegment<const N: usize>(pub(crate) String);

impl<const N: usize> FromRequestParts<AppState> for TextSegment<N> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        Ok(Self(segment(parts, N)?.into_owned()))
    }
}

impl<const N: usize> FromRequestParts<AppState> for OwnerSegment<N> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let text = segment(parts, N)?;
        // Clients write an organisation with or without its `@`.
        OwnerName::parse(text.strip_prefix('@').unwrap_or(&text))
            .map(Self)
            .map_err(|error| ApiError::not_found(format!("There is no such name: {error}")))
    }
}

fn segment(parts: &Parts, number: usize) -> Result<Cow<'_, str>, ApiError> {
    let segment = parts.uri.path().split('/').nth(number + 1);
    percent_decode_str(segment.unwrap_or_default())
        .decode_utf8()
        .map_err(|_| ApiError::bad_request("The path is not valid UTF-8"))
}
