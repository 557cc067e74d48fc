//! What every handler can reach.

use enact_registry::Registry;

use crate::auth::Auth;

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) registry: Registry,
    pub(crate) auth: Auth,
}
