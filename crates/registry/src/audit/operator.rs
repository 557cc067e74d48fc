//! What the operator does beside the server, with the database itself, is recorded like all else.

use std::sync::Arc;

use enact_types::{Action, ErrorCode};

use super::{Actor, Event, Subject};
use crate::{Registry, RegistryError};

/// Who operates a registry from a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// The name of the account on that machine.
    pub name: String,
    /// What else the machine knows of it, like its number.
    pub account: String,
    /// The name of the machine.
    pub machine: Option<String>,
}

impl Registry {
    /// The same registry, in whose log this operator stands for what the operator's use cases do.
    #[must_use]
    pub fn operated_by(self, operator: Operator) -> Self {
        Self {
            operator: Some(Arc::new(operator)),
            ..self
        }
    }

    /// Does what the operator asks for, and records it. `work` may add to the subject what it finds
    /// out.
    pub(crate) async fn operate<T>(
        &self,
        action: Action,
        mut subject: Subject,
        work: impl AsyncFnOnce(&mut Subject) -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let result = work(&mut subject).await;
        let error = result.as_ref().err().map(|error| error.kind().code());
        let recorded = self.record_operated(action, &subject, error).await;
        match (result, recorded) {
            (Ok(_), Err(error)) => Err(RegistryError::unrecorded(error)),
            (Err(refusal), Err(error)) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(%action, error, "a refusal was not recorded");
                Err(refusal)
            }
            (result, Ok(())) => result,
        }
    }

    pub(crate) async fn record_operated(
        &self,
        action: Action,
        subject: &Subject,
        error: Option<ErrorCode>,
    ) -> Result<(), RegistryError> {
        let operator = self.operator.as_deref();
        let actor = Actor {
            name: operator.map(|operator| operator.name.clone()),
            via: "operator",
            credential: operator.map(|operator| operator.account.clone()),
        };
        let event = Event {
            action,
            actor: &actor,
            origin: operator.and_then(|operator| operator.machine.clone()),
            subject,
            error,
            status: None,
            request_id: None,
        };
        self.record(&event).await
    }
}
