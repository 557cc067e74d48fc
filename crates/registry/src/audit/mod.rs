//! The audit log: who did what to which tool, from where, by what they signed in, and what came of it.
//! The server records each request that changes something, and [`operator`] what the operator does
//! beside it.

mod operator;
mod text;

use std::fmt::Display;

use enact_catalog::{AuditEntry, AuditFilter, AuditRecord};
use enact_types::{Action, ErrorCode, ToolName, Version};

pub use self::operator::Operator;
use self::text::kept;
use crate::{Caller, Registry, RegistryError, Selector, Via};

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The name of a user, or of the operator's account on the operator's machine.
    name: Option<String>,
    /// What kind of thing signed the actor in.
    via: &'static str,
    /// Which one: the id of a token, of an identity, of a run. Never a secret.
    credential: Option<String>,
}

/// To whom or to what something was done, as far as that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// The tool.
    pub tool: Option<ToolName>,
    /// Its version, or `latest` where no more is known.
    pub version: Option<String>,
    /// Whom or what else: `@acme`, a user's name, the id of a token or a rule.
    pub target: Option<String>,
    /// What was said of it, like a role or a visibility.
    pub detail: Option<String>,
}

/// Something to be recorded.
#[derive(Debug)]
pub struct Event<'a> {
    /// What was done, or was to be done.
    pub action: Action,
    /// By whom.
    pub actor: &'a Actor,
    /// From where: an address, or the name of the operator's machine.
    pub origin: Option<String>,
    /// To what.
    pub subject: &'a Subject,
    /// Why it was not done; `None` if it was.
    pub error: Option<ErrorCode>,
    /// The status of the answer, if one is given over HTTP.
    pub status: Option<u16>,
    /// The request's number in the server's log.
    pub request_id: Option<&'a str>,
}

impl Actor {
    /// Anybody, with nothing to sign in.
    pub const NOBODY: Self = Self::nameless("none");

    /// Anybody, with a token that is no good.
    pub const WRONG_TOKEN: Self = Self::nameless("wrong-token");

    /// Anybody, with a token that was not looked at.
    pub const UNCHECKED: Self = Self::nameless("unchecked");

    /// The server itself.
    pub const SERVER: Self = Self::nameless("server");

    const fn nameless(via: &'static str) -> Self {
        Self {
            name: None,
            via,
            credential: None,
        }
    }

    /// The name of a user, or of the operator's account; empty if there is none.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// The caller; `None` if it has no account.
    pub fn of(caller: &Caller) -> Option<Self> {
        let account = caller.account()?;
        let (via, credential) = match &account.via {
            Via::Key => ("key", None),
            Via::OpenMode => ("open-mode", None),
            Via::Token { id, .. } => ("token", Some(id.clone())),
            Via::Identity {
                issuer, subject, ..
            } => ("identity", Some(format!("{issuer} {subject}"))),
            Via::Workflow {
                workflow,
                git_ref,
                run_id,
                ..
            } => {
                let run = run_id.as_deref().unwrap_or("unknown");
                let run = format!("{workflow} for {git_ref}, run {run}");
                ("workflow", Some(run))
            }
        };
        Some(Self {
            name: Some(account.profile.username.clone()),
            via,
            credential,
        })
    }
}

impl Subject {
    /// A tool.
    pub fn tool(name: &ToolName) -> Self {
        Self {
            tool: Some(name.clone()),
            ..Self::default()
        }
    }

    /// A version of a tool.
    pub fn version(name: &ToolName, version: &Selector) -> Self {
        Self {
            version: Some(
                version
                    .exact()
                    .map_or("latest".to_owned(), ToString::to_string),
            ),
            ..Self::tool(name)
        }
    }

    /// A version of a tool that is known already.
    pub fn found(version: &Version) -> Self {
        Self {
            version: Some(version.to_string()),
            ..Self::default()
        }
    }

    /// Whom or what else.
    pub fn target(target: &impl Display) -> Self {
        Self {
            target: Some(target.to_string()),
            ..Self::default()
        }
    }

    /// The same, and what was said of it.
    #[must_use]
    pub fn with_detail(self, detail: &impl Display) -> Self {
        Self {
            detail: Some(detail.to_string()),
            ..self
        }
    }

    /// The same with what `better`, which was found out later, says instead or in addition.
    #[must_use]
    pub fn or(self, better: Self) -> Self {
        Self {
            tool: better.tool.or(self.tool),
            version: better.version.or(self.version),
            target: better.target.or(self.target),
            detail: better.detail.or(self.detail),
        }
    }
}

impl Registry {
    /// Records something. It is durable when this returns.
    pub async fn record(&self, event: &Event<'_>) -> Result<(), RegistryError> {
        let Event { actor, subject, .. } = event;
        let tool = subject.tool.as_ref().and_then(|tool| kept(tool.as_str()));
        let [actor_name, credential, address, version, target, detail] = [
            &actor.name,
            &actor.credential,
            &event.origin,
            &subject.version,
            &subject.target,
            &subject.detail,
        ]
        .map(|text| text.as_deref().and_then(kept));
        let entry = AuditEntry {
            at: self.now(),
            action: event.action,
            actor: actor_name.as_deref(),
            via: actor.via,
            credential: credential.as_deref(),
            address: address.as_deref(),
            tool: tool.as_deref(),
            version: version.as_deref(),
            target: target.as_deref(),
            detail: detail.as_deref(),
            error: event.error.map(ErrorCode::as_str),
            status: event.status,
            request_id: event.request_id,
        };
        Ok(self.inner.catalog.add_audit(&entry).await?)
    }

    /// Records what signing in brought about by itself.
    pub(crate) async fn record_brought_about(
        &self,
        caller: &Caller,
        action: Action,
        subject: &Subject,
    ) -> Result<(), RegistryError> {
        let actor = Actor::of(caller).unwrap_or(Actor::NOBODY);
        let event = Event {
            action,
            actor: &actor,
            origin: None,
            subject,
            error: None,
            status: None,
            request_id: None,
        };
        let recorded = self.record(&event).await;
        recorded.map_err(RegistryError::unrecorded)
    }

    /// The newest `limit` rows that fit `filter` and come after `last`, the last one of the page
    /// before, if there was one. At most as many as
    /// [`MAX_AUDIT_PAGE`](enact_types::limits::MAX_AUDIT_PAGE).
    pub async fn audit(
        &self,
        filter: &AuditFilter,
        last: Option<&AuditRecord>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, RegistryError> {
        Ok(self.inner.catalog.audit(filter, last, limit).await?)
    }
}
