//! The answers that are not successes, in groups that endpoints name.

use enact_types::wire::ErrorBody;
use utoipa::IntoResponses;

/// What every request may meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers, is never one")]
pub(crate) enum Failures {
    /// `BAD_REQUEST`: the request is malformed
    #[response(status = 400)]
    BadRequest(#[to_schema] ErrorBody),
    /// `RATE_LIMITED`: more requests of this kind than one address, or one account, may make in a
    /// minute, or more publishes at once than one account may; try again after `Retry-After` seconds
    #[response(status = 429)]
    RateLimited(#[to_schema] ErrorBody),
    /// `INTERNAL_ERROR`: a fault of the server; its log tells more under the answer's `X-Request-Id`
    #[response(status = 500)]
    Internal(#[to_schema] ErrorBody),
    /// `UNAVAILABLE`: busy, or the database or the bundle store cannot be reached; try again after
    /// `Retry-After` seconds
    #[response(status = 503)]
    Unavailable(#[to_schema] ErrorBody),
}

/// What a request for one thing may meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers, is never one")]
pub(crate) enum Missing {
    /// `NOT_FOUND`, `ORG_NOT_FOUND`: it does not exist, or is private and not the caller's
    #[response(status = 404)]
    NotFound(#[to_schema] ErrorBody),
}

/// What a request that needs an account may meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers, is never one")]
pub(crate) enum Denied {
    /// `UNAUTHORIZED`: no token of this registry
    #[response(status = 401)]
    Unauthorized(#[to_schema] ErrorBody),
    /// `FORBIDDEN`, `NAMESPACE_MISMATCH`, `ORG_PERMISSION_DENIED`: not the caller's to do. A publish
    /// also `QUOTA_EXCEEDED`: there is as much under that name as there may be; `details` tell
    /// `namespace`, `quota` (`tools`, `versions` or `bytes`), `used` and `max`
    #[response(status = 403)]
    Forbidden(#[to_schema] ErrorBody),
}

/// What a request with a body may meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers, is never one")]
pub(crate) enum BadBody {
    /// `REQUEST_TIMEOUT`: the body stopped arriving
    #[response(status = 408)]
    Timeout(#[to_schema] ErrorBody),
    /// `VALIDATION_ERROR`: well-formed, but against the rules
    #[response(status = 422)]
    Invalid(#[to_schema] ErrorBody),
}

/// What a request that makes something may meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers, is never one")]
pub(crate) enum Taken {
    /// `CONFLICT`: it exists already, or the rules of the organisation forbid it
    #[response(status = 409)]
    Conflict(#[to_schema] ErrorBody),
}
