//! Who the caller is, and the caller's tokens.

use enact_types::wire::TokenRequest;
use reqwest::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::answers::null_as_default;
use super::{ApiError, Client, ErrorKind, Time};

/// `GET /auth/me`. Read leniently, as all answers are; see [`super::answers`].
#[derive(Debug, Deserialize)]
pub(crate) struct Me {
    /// The user's name.
    pub(crate) username: String,
    /// The user's address.
    pub(crate) email: Option<String>,
    /// The names that the user may publish under.
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) namespaces: Vec<String>,
    /// What signed the caller in; other registries do not say.
    pub(crate) signed_in_by: Option<SignedInBy>,
}

/// What signed the caller in.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct SignedInBy {
    /// `token`, `key`, `open`, `identity`, `workflow`, or something newer.
    pub(crate) kind: String,
    /// The id of a token of the registry.
    pub(crate) id: Option<String>,
    /// What it may be used for; none: all that the user may do.
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) scopes: Vec<String>,
    /// Until when it is good; null if it does not end by itself.
    pub(crate) expires_at: Option<Time>,
}

/// 201 of a new token. It has no `Debug`.
#[derive(Deserialize)]
pub(crate) struct NewToken {
    /// The secret.
    pub(crate) token: String,
}

impl Client {
    /// `GET /auth/me`.
    pub(crate) async fn me(&self) -> Result<Me, ApiError> {
        self.transport.get_json("/auth/me", &[]).await
    }

    /// `GET /auth/me`; `None` if the registry does not know the caller.
    pub(crate) async fn me_if_known(&self) -> Result<Option<Me>, ApiError> {
        match self.me().await {
            Ok(me) => Ok(Some(me)),
            Err(error) => match error.kind() {
                ErrorKind::Refused {
                    status: StatusCode::UNAUTHORIZED,
                    ..
                } => Ok(None),
                _ => Err(error),
            },
        }
    }

    /// `POST /auth/tokens`.
    pub(crate) async fn make_token(&self, request: &TokenRequest) -> Result<NewToken, ApiError> {
        self.transport
            .send_json(Method::POST, "/auth/tokens", request)
            .await
    }

    /// `DELETE /auth/tokens/ID`, of an id that the registry told.
    pub(crate) async fn revoke_token(&self, id: &str) -> Result<(), ApiError> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(ErrorKind::Answer("the id of the token is none".to_owned()).into());
        }
        self.transport.delete(&format!("/auth/tokens/{id}")).await
    }
}
