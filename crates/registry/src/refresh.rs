//! How long a token is good yet, for clients that expect to get new ones all the time.

use enact_types::wire::Session;

use crate::access::{Caller, Via};
use crate::{Registry, RegistryError};

/// What is said of what does not end by itself, in seconds: a week, after which clients ask again.
const ASK_AGAIN_AFTER: i64 = 7 * 24 * 3600;

impl Registry {
    /// The session of a caller whom `token` signs in: that token, until it ends. It is no other one:
    /// tokens that follow each other without end would never expire.
    pub fn refresh(&self, caller: &Caller, token: String) -> Result<Session, RegistryError> {
        let expires_at = match &caller.signed_in()?.via {
            Via::Key | Via::OpenMode => None,
            Via::Token { expires_at, .. }
            | Via::Identity { expires_at, .. }
            | Via::Workflow { expires_at, .. } => Some(*expires_at),
        };
        let now = self.now().as_millis();
        let left = expires_at.map(|end| (end.as_millis() - now).max(0) / 1000);
        Ok(Session {
            access_token: token.clone(),
            token_type: "bearer".to_owned(),
            expires_in: left.unwrap_or(ASK_AGAIN_AFTER),
            refresh_token: token,
            user: self.user_record(caller)?,
        })
    }
}
