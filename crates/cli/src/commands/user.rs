//! `enact user`: the accounts of those who use the registry.

use enact_catalog::UserRecord;
use enact_registry::{ErrorKind, Registry};
use enact_types::OwnerName;
use serde_json::json;

use super::database::Choice;
use crate::args::{OperateUsers, Users};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::text::minute;

/// Runs the command.
pub(super) async fn run(args: Users, printer: &Printer) -> Result<(), Failure> {
    let choice = Choice::new(&args.data.folder, |name| std::env::var(name).ok())?;
    let choice = &choice;
    choice
        .with_accounts(async |registry| match &args.command {
            OperateUsers::Add { name } => add(registry, choice, name, printer).await,
            OperateUsers::List => list(registry, choice, printer).await,
            OperateUsers::Disable { name } => {
                let done = registry.disable_user(name).await;
                done.map_err(|error| choice.refused(&error))?;
                printer.success(&format!("The account of {name} is closed"));
                printer.json(&json!({ "username": name, "disabled": true }));
                Ok(())
            }
            OperateUsers::Enable { name } => {
                let done = registry.enable_user(name).await;
                done.map_err(|error| choice.refused(&error))?;
                printer.success(&format!("The account of {name} is open"));
                printer.json(&json!({ "username": name, "disabled": false }));
                Ok(())
            }
        })
        .await
}

async fn add(
    registry: &Registry,
    choice: &Choice,
    name: &OwnerName,
    printer: &Printer,
) -> Result<(), Failure> {
    let hint = format!("`enact token create --user {name}` makes a token to sign in with");
    registry.add_user(name).await.map_err(|error| {
        let failure = choice.refused(&error);
        match error.kind() {
            ErrorKind::Conflict => failure.hint(&hint),
            _ => failure,
        }
    })?;
    printer.success(&format!("Added the user {name}"));
    printer.note(&hint);
    printer.json(&json!({ "username": name }));
    Ok(())
}

async fn list(registry: &Registry, choice: &Choice, printer: &Printer) -> Result<(), Failure> {
    let users = registry.users().await;
    let users = users.map_err(|error| choice.refused(&error))?;
    let cells = |user: &UserRecord| {
        vec![
            user.profile.username.clone(),
            minute(user.profile.created_at),
            user.live_tokens.to_string(),
            match user.disabled_at {
                Some(at) => format!("disabled since {}", minute(at)),
                None => "open".to_owned(),
            },
        ]
    };
    let rows: Vec<_> = users.iter().map(cells).collect();
    printer.table(&["USER", "CREATED (UTC)", "TOKENS", "ACCOUNT"], &rows);
    let users: Vec<_> = users
        .iter()
        .map(|user| {
            json!({
                "id": user.profile.id,
                "username": user.profile.username,
                "created_at": user.profile.created_at,
                "disabled_at": user.disabled_at,
                "live_tokens": user.live_tokens,
            })
        })
        .collect();
    printer.json(&json!({ "users": users }));
    Ok(())
}
