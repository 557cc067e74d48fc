//! What every handler can reach.

use std::sync::Arc;

use enact_registry::Registry;

use crate::audit::Budget;
use crate::auth::Auth;
use crate::config::{Cors, TrustedProxies};
use crate::http::large_answer::LargeAnswers;
use crate::limits::Limiter;

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) registry: Registry,
    pub(crate) auth: Auth,
    pub(crate) large_answers: LargeAnswers,
    /// Whether downloads are answered with links to the store, where it has them.
    pub(crate) redirect_downloads: bool,
    /// What one address and one caller may ask for, if that is limited.
    pub(crate) limiter: Option<Arc<Limiter>>,
    /// How much of the audit log strangers may fill.
    pub(crate) audit: Arc<Budget>,
    /// The proxies that are believed about who their clients are.
    pub(crate) trusted_proxies: Arc<TrustedProxies>,
    /// Which pages of other sites may read.
    pub(crate) cors: Arc<Cors>,
    /// Whether this server itself speaks TLS.
    pub(crate) tls: bool,
    /// Tells this process from others in request ids.
    pub(crate) process: Arc<str>,
}
