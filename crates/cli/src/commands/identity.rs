//! `enact identity`: who at an identity provider signs in as whom.

use enact_catalog::{Identity, IdentityRecord};
use enact_registry::{ErrorKind, Registry};
use enact_types::OwnerName;
use serde_json::json;

use super::database::{Choice, variable};
use crate::args::{Identities, OperateIdentities, Who};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::text::minute;

/// Runs the command.
pub(super) async fn run(args: Identities, printer: &Printer) -> Result<(), Failure> {
    let choice = Choice::new(&args.data.folder, |name| std::env::var(name).ok())?;
    let choice = &choice;
    choice
        .with_accounts(async |registry| match &args.command {
            OperateIdentities::Link { user, who } => {
                link(user, who, registry, choice, printer).await
            }
            OperateIdentities::List => list(registry, choice, printer).await,
            OperateIdentities::Unlink(who) => unlink(who, registry, choice, printer).await,
        })
        .await
}

async fn link(
    user: &OwnerName,
    who: &Who,
    registry: &Registry,
    choice: &Choice,
    printer: &Printer,
) -> Result<(), Failure> {
    let issuer = issuer(who)?;
    let identity = Identity {
        issuer: &issuer,
        subject: &who.subject,
    };
    let done = registry.bind_identity(user, identity).await;
    done.map_err(|error| {
        let failure = choice.refused(&error);
        match error.kind() {
            ErrorKind::NotFound => {
                failure.hint(format!("`enact user add {user}` makes the account"))
            }
            ErrorKind::Conflict => failure.hint("`enact identity unlink` takes that back"),
            _ => failure,
        }
    })?;
    let subject = &who.subject;
    printer.success(&format!("{subject} at {issuer} signs in as {user}"));
    printer.json(&json!({ "username": user, "issuer": issuer, "subject": subject }));
    Ok(())
}

async fn list(registry: &Registry, choice: &Choice, printer: &Printer) -> Result<(), Failure> {
    let links = registry.identities().await;
    let links = links.map_err(|error| choice.refused(&error))?;
    let cells = |link: &IdentityRecord| {
        vec![
            link.username.clone(),
            link.issuer.clone(),
            link.subject.clone(),
            minute(link.bound_at),
        ]
    };
    let rows: Vec<_> = links.iter().map(cells).collect();
    printer.table(&["USER", "ISSUER", "SUBJECT", "SINCE (UTC)"], &rows);
    let links: Vec<_> = links
        .iter()
        .map(|link| {
            json!({
                "username": link.username,
                "issuer": link.issuer,
                "subject": link.subject,
                "linked_at": link.bound_at,
            })
        })
        .collect();
    printer.json(&json!({ "identities": links }));
    Ok(())
}

async fn unlink(
    who: &Who,
    registry: &Registry,
    choice: &Choice,
    printer: &Printer,
) -> Result<(), Failure> {
    let issuer = issuer(who)?;
    let identity = Identity {
        issuer: &issuer,
        subject: &who.subject,
    };
    let done = registry.unbind_identity(identity).await;
    done.map_err(|error| {
        let failure = choice.refused(&error);
        match error.kind() {
            ErrorKind::NotFound => failure.hint("`enact identity list` shows who is linked"),
            _ => failure,
        }
    })?;
    let subject = &who.subject;
    printer.success(&format!("{subject} at {issuer} signs in as nobody"));
    printer.note("Unless the next token from there states a name that is free.");
    printer.json(&json!({ "issuer": issuer, "subject": subject, "unlinked": true }));
    Ok(())
}

/// The provider that is meant.
fn issuer(who: &Who) -> Result<String, Failure> {
    let issuer = who.issuer.clone().or_else(|| variable("ENACT_JWT_ISSUER"));
    issuer.ok_or_else(|| {
        Failure::new("USAGE", "whose id is it?")
            .with_exit(Exit::Usage)
            .hint("name the provider by --issuer, or set ENACT_JWT_ISSUER as the server has it")
    })
}
