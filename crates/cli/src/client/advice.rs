//! What to do about a call that failed: hints for whoever made it.

use std::time::Duration;

use enact_types::{OwnerName, ToolName};
use reqwest::StatusCode;
use url::Url;

use super::Me;
use super::error::ApiError;
use super::transport::Transport;
use crate::settings::{Settings, SignIn, TokenSource};

/// What the registry says of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Everybody may do everything there.
    Open,
    /// It knows the caller.
    Known,
    /// It takes the caller for anybody.
    Stranger,
    /// It does not say.
    Unclear,
}

/// What it is that the registry does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Tool,
    Version,
    Org,
    Route,
    Other,
}

impl Transport {
    /// Adds to an answer that there is no such tool why a private one may not be seen: for this the
    /// registry is asked, once, who the caller is.
    pub(super) async fn explained<T>(&self, result: Result<T, ApiError>) -> Result<T, ApiError> {
        let error = match result {
            Err(error) if missing(&error) == Some(Missing::Tool) => error,
            other => return other,
        };
        let error = match quoted(&error).and_then(|name| ToolName::parse(name).ok()) {
            Some(name) => error.hint(search_for(&name)),
            None => error,
        };
        let standing = self.standing.get_or_init(|| self.ask_standing()).await;
        let is_signed_in = self.settings().token().is_some();
        Err(match (standing, is_signed_in) {
            (Standing::Open, _) => error,
            (Standing::Known, _) => {
                error.hint("if it is private: is your token for reading it? `enact whoami` tells")
            }
            (Standing::Unclear, true) => error.hint(
                "if it is private: is your token still good, and for reading? `enact whoami` tells",
            ),
            (Standing::Stranger, true) => unknown_token(
                error.hint("if it is private, it is only there for its owners"),
                self.settings(),
            ),
            (Standing::Unclear | Standing::Stranger, false) => sign_in(
                error.hint("if it is private, it is only there for its owners"),
                self.settings(),
            ),
        })
    }

    async fn ask_standing(&self) -> Standing {
        match self.ask::<Me>("/auth/me").await {
            Some(Ok(Me {
                signed_in_by: Some(by),
                ..
            })) if by.kind == "open" => Standing::Open,
            Some(Ok(_)) => Standing::Known,
            Some(Err(StatusCode::UNAUTHORIZED)) => Standing::Stranger,
            Some(Err(_)) | None => Standing::Unclear,
        }
    }
}

/// Adds what to do about a refusal with `status`, of a request for `url`.
pub(super) fn refused(
    error: ApiError,
    status: StatusCode,
    url: &Url,
    settings: &Settings,
) -> ApiError {
    match status {
        StatusCode::UNAUTHORIZED => match settings.token() {
            Some(_) => unknown_token(error, settings),
            None => sign_in(error, settings),
        },
        StatusCode::FORBIDDEN if error.refusal_code() == Some("QUOTA_EXCEEDED") => {
            error.hint("whoever operates the registry sets how much there may be")
        }
        StatusCode::FORBIDDEN if settings.token().is_none() => sign_in(error, settings),
        StatusCode::FORBIDDEN => error.hint(
            "the registry knows you, but this is not for you or your token: `enact whoami` tells \
             who you are and what it is for",
        ),
        StatusCode::NOT_FOUND => match missing(&error) {
            Some(Missing::Version) => match tool_in(url) {
                Some(name) => error.hint(format!("`enact info {name}` shows its versions")),
                None => error,
            },
            Some(Missing::Route) => error.hint(format!(
                "is {} the registry's own address? A registry may be below a path, as in \
                 https://example.org/registry",
                settings.registry
            )),
            Some(Missing::Org) => match quoted(&error).and_then(|name| OwnerName::parse(name).ok()) {
                Some(org) => error.hint(format!(
                    "is the name right? `enact search {org}` finds skills by their owner's name, too"
                )),
                None => error,
            },
            _ => error,
        },
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => try_again(error),
        _ if status.is_server_error() => {
            error.hint("the cause is in the registry's log; try again later")
        }
        _ => error,
    }
}

/// When to try again, unless the registry says so itself.
fn try_again(error: ApiError) -> ApiError {
    let wait = error.retry_after();
    let is_said = error
        .refusal()
        .is_some_and(|text| text.contains("try again"));
    match wait {
        Some(wait) if wait > Duration::from_mins(1) => {
            let minutes = wait.as_secs().div_ceil(60);
            error.hint(format!("try again in {minutes} minutes"))
        }
        _ if is_said => error,
        Some(wait) if !wait.is_zero() => error.hint(format!("try again in {} s", wait.as_secs())),
        _ => error.hint("try again in a minute"),
    }
}

/// What a registry does not have, by its words: the status and the code are the same for all.
fn missing(error: &ApiError) -> Option<Missing> {
    if error.status() != Some(StatusCode::NOT_FOUND) {
        return None;
    }
    Some(match error.refusal() {
        None | Some("No such route") => Missing::Route,
        Some(text) if text.starts_with("Tool ") => Missing::Tool,
        Some(text) if text.starts_with("Version ") && text.ends_with("not found") => {
            Missing::Version
        }
        Some(text) if text.starts_with("Organisation ") => Missing::Org,
        Some(_) => Missing::Other,
    })
}

/// The name that a registry says is of nothing it has: what stands between the first quotes.
fn quoted(error: &ApiError) -> Option<&str> {
    error.refusal()?.split('"').nth(1)
}

/// How to find a tool that is not called what its user thought.
fn search_for(name: &ToolName) -> String {
    let name = name.as_str();
    let last = name.rsplit('/').next().unwrap_or(name);
    format!("is the name right? `enact search {last}` looks for it")
}

/// The tool whose version a URL names.
fn tool_in(url: &Url) -> Option<ToolName> {
    let (_, tool) = url.path().split_once("/tools/")?;
    let (name, _) = tool.split_once("/versions/")?;
    ToolName::parse(name).ok()
}

/// How to sign in, for those who are not.
fn sign_in(error: ApiError, settings: &Settings) -> ApiError {
    const HOW: &str = "run `enact login`, or set ENACT_AUTH_TOKEN to a token of this registry";
    match &settings.sign_in {
        SignIn::By(..) => unknown_token(error, settings),
        SignIn::Nothing => error.hint(HOW),
        SignIn::ForOther(other) => error.hint(format!(
            "{HOW}; the one in ~/.enact/config.yaml belongs to {other}"
        )),
        SignIn::OutOfReach(why) => error.hint(format!(
            "the keyring does not give the token for this registry: {why}"
        )),
    }
}

/// What to do about a token that the registry does not know.
fn unknown_token(error: ApiError, settings: &Settings) -> ApiError {
    let SignIn::By(_, source) = settings.sign_in else {
        return error;
    };
    let next = match source {
        TokenSource::Given => {
            return error
                .hint("is the token whole, of this registry, and good for longer than until now?");
        }
        TokenSource::Keyring | TokenSource::File => "`enact login` keeps a new one",
        TokenSource::Flag | TokenSource::Env | TokenSource::Config => {
            "put a good one there, or leave it out and run `enact login`"
        }
    };
    error.hint(format!(
        "the token from {source} may be wrong, expired or revoked: {next}"
    ))
}
