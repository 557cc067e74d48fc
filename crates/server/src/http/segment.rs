//! One segment of a path, for routes whose segments have no slashes in them.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use enact_types::OwnerName;
use percent_encoding::percent_decode_str;

use crate::error::ApiError;
use crate::state::AppState;

/// The segment number `N` of the path, counted from 0, as the name of a user or an organisation.
/// What can be no such name does not exist, which is 404.
pub(crate) struct OwnerSegment<const N: usize>(pub(crate) OwnerName);

impl<const N: usize> FromRequestParts<AppState> for OwnerSegment<N> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let segment = parts.uri.path().split('/').nth(N + 1).unwrap_or_default();
        let text = percent_decode_str(segment)
            .decode_utf8()
            .map_err(|_| ApiError::bad_request("The path is not valid UTF-8"))?;
        // Clients write an organisation with or without its `@`.
        OwnerName::parse(text.strip_prefix('@').unwrap_or(&text))
            .map(Self)
            .map_err(|error| ApiError::not_found(format!("There is no such name: {error}")))
    }
}
