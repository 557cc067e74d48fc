//! What every handler can reach.

use std::sync::Arc;

use enact_registry::Registry;

use crate::auth::Auth;
use crate::http::large_answer::LargeAnswers;

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) registry: Registry,
    pub(crate) auth: Auth,
    pub(crate) large_answers: LargeAnswers,
    /// Whether downloads are answered with links to the store, where it has them.
    pub(crate) redirect_downloads: bool,
    /// Tells this process from others in request ids.
    pub(crate) process: Arc<str>,
}
