//! The keys that a provider publishes: asked for when they are needed, kept for a while, and asked
//! for again when a token names one that is not there. However many tokens of strangers come in, the
//! provider is asked now and then.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use enact_types::{Clock, Timestamp};
use reqwest::header::CACHE_CONTROL;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use url::Url;

use super::jws::Algorithm;
use super::keys::{Key, KeySet};
use super::settings::is_loopback;

/// How long the provider may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The largest document that is read, in bytes; real ones have a few thousand.
const MAX_BYTES: usize = 256 * 1024;

/// How long keys are taken as they are, if the provider does not say, and the bounds of what it may
/// say.
const FRESH: Duration = Duration::from_mins(10);
const FRESH_AT_LEAST: Duration = Duration::from_mins(1);
const FRESH_AT_MOST: Duration = Duration::from_hours(24);

/// How long keys are still good after that, if the provider cannot be asked.
const KEPT: Duration = Duration::from_hours(24);

/// How long it is left alone after it could not be asked.
const AFTER_FAILURE: Duration = Duration::from_secs(10);

/// How long it is left alone after it was asked for a key that was not there.
const AFTER_UNKNOWN: Duration = Duration::from_secs(30);

/// The keys of one provider.
pub(super) struct RemoteKeys {
    url: Url,
    client: Client,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Held by the one who asks.
    asking: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct State {
    had: Option<Had>,
    failed_at: Option<Timestamp>,
    unknown_at: Option<Timestamp>,
}

struct Had {
    keys: KeySet,
    at: Timestamp,
    fresh: Duration,
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// The provider has none of that name and kind.
    Unknown,
    /// The provider could not be asked.
    Unavailable,
}

/// Why the provider is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// What there is may be out of date, or there is nothing.
    Stale,
    /// The key is not there.
    Unknown,
}

#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error("{0}")]
    Http(#[from] reqwest::Error),
    #[error("the answer is {0}")]
    Status(StatusCode),
    #[error("the document has more than {MAX_BYTES} bytes")]
    TooLarge,
    #[error("the document holds no key for RS256 or ES256")]
    NoKeys,
}

impl RemoteKeys {
    /// The keys at `url`, which is asked when one is needed. Fails if there is no cryptography for
    /// TLS.
    pub(super) fn new(url: Url, clock: Arc<dyn Clock>) -> Result<Arc<Self>, reqwest::Error> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Fails only if another thread was faster, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let client = Client::builder()
            .timeout(TIMEOUT)
            // To where it leads, nobody has agreed to send anything.
            .redirect(Policy::none())
            .user_agent(concat!("enact-server/", env!("CARGO_PKG_VERSION")));
        let client = if is_loopback(&url) {
            client.no_proxy()
        } else {
            client.https_only(true)
        };
        Ok(Arc::new(Self {
            url,
            client: client.build()?,
            clock,
            state: Mutex::default(),
            asking: Arc::default(),
        }))
    }

    /// The key of that name and for that algorithm.
    pub(super) async fn find(
        self: &Arc<Self>,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Arc<Key>, Missing> {
        let (found, why) = self.look(kid, algorithm);
        if why.is_none() {
            return found;
        }
        // One asks. Others take what there is, if it will do, or wait for the answer.
        let turn = match self.asking.clone().try_lock_owned() {
            Ok(turn) => turn,
            Err(_) if found.is_ok() => return found,
            Err(_) => self.asking.clone().lock_owned().await,
        };
        let (found, why) = self.look(kid, algorithm);
        let Some(why) = why else {
            return found;
        };
        let this = self.clone();
        // A task of its own, so that one who hangs up does not make the next one ask again.
        let asked = tokio::spawn(async move {
            this.ask(why).await;
            drop(turn);
        });
        if let Err(error) = asked.await {
            tracing::error!(error = %error, "asking for keys failed");
        }
        self.look(kid, algorithm).0
    }

    /// What there is, and why the provider is to be asked, if it may be.
    fn look(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> (Result<Arc<Key>, Missing>, Option<Why>) {
        let (now, state) = (self.clock.now(), self.state());
        // A time in the future is that of a clock that was set back since: as good as none.
        let within = |then: Timestamp, time: Duration| then <= now && now < then.plus(time);
        let rests = |then: Option<Timestamp>, time| then.is_some_and(|then| within(then, time));
        let had = state.had.as_ref();
        let had = had.filter(|had| within(had.at, had.fresh + KEPT));
        let failed = rests(state.failed_at, AFTER_FAILURE);
        let Some(had) = had else {
            return (Err(Missing::Unavailable), (!failed).then_some(Why::Stale));
        };
        let found = had.keys.find(kid, algorithm).ok_or(Missing::Unknown);
        let why = if !within(had.at, had.fresh) {
            Some(Why::Stale)
        } else if found.is_err() && !rests(state.unknown_at, AFTER_UNKNOWN) {
            Some(Why::Unknown)
        } else {
            None
        };
        (found, why.filter(|_| !failed))
    }

    async fn ask(&self, why: Why) {
        let answer = self.document().await;
        let now = self.clock.now();
        let mut state = self.state();
        if why == Why::Unknown {
            state.unknown_at = Some(now);
        }
        match answer {
            Ok((keys, fresh)) => {
                state.failed_at = None;
                state.had = Some(Had {
                    keys,
                    at: now,
                    fresh,
                });
            }
            Err(error) => {
                state.failed_at = Some(now);
                let error = &error as &dyn std::error::Error;
                tracing::warn!(url = %self.url, error, "could not have the keys of the identity provider");
            }
        }
    }

    async fn document(&self) -> Result<(KeySet, Duration), AskError> {
        let mut response = self.client.get(self.url.clone()).send().await?;
        if response.status() != StatusCode::OK {
            return Err(AskError::Status(response.status()));
        }
        let fresh = fresh(&response);
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await? {
            if body.len() + piece.len() > MAX_BYTES {
                return Err(AskError::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        let keys = KeySet::parse(&body).ok_or(AskError::NoKeys)?;
        Ok((keys, fresh))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long the answer may be kept, as its `Cache-Control` says.
fn fresh(response: &Response) -> Duration {
    let values = response.headers().get_all(CACHE_CONTROL).iter();
    let mut directives = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|directive| directive.trim().to_ascii_lowercase());
    let said = directives.find_map(|directive| match directive.split_once('=') {
        Some(("max-age", seconds)) => seconds.trim_matches('"').parse().ok(),
        None if matches!(directive.as_str(), "no-store" | "no-cache") => Some(0),
        _ => None,
    });
    let said = said.map(Duration::from_secs);
    said.unwrap_or(FRESH).clamp(FRESH_AT_LEAST, FRESH_AT_MOST)
}
