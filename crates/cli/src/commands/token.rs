//! `enact token`: what users sign in with.
//!
//! `--json` prints what the API answers: a [`TokenCreated`](enact_types::wire::TokenCreated) or a
//! [`TokenList`].

use std::collections::HashSet;

use enact_registry::{ErrorKind, Grant, Registry};
use enact_types::wire::{TokenInfo, TokenList};
use enact_types::{Clock as _, OwnerName, Scopes, SystemClock, Timestamp};
use serde_json::json;

use super::database::Choice;
use crate::args::{CreateToken, OperateTokens, Tokens};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::text::minute;

/// Runs the command.
pub(super) async fn run(args: Tokens, printer: &Printer) -> Result<(), Failure> {
    let choice = Choice::new(&args.data.folder, |name| std::env::var(name).ok())?;
    let choice = &choice;
    choice
        .with_accounts(async |registry| match args.command {
            OperateTokens::Create(args) => create(args, registry, choice, printer).await,
            OperateTokens::List { user } => list(user, registry, choice, printer).await,
            OperateTokens::Revoke { id } => revoke(&id, registry, choice, printer).await,
        })
        .await
}

/// Prints the token and nothing else on stdout, so that a shell can take it from there.
async fn create(
    args: CreateToken,
    registry: &Registry,
    choice: &Choice,
    printer: &Printer,
) -> Result<(), Failure> {
    let user = args.user;
    let scopes = Scopes::new(args.scopes)
        .map_err(|error| Failure::new("USAGE", error.to_string()).with_exit(Exit::Usage))?;
    let grant = Grant {
        name: args.name,
        scopes,
        lifetime: Some(args.expires),
    };
    let created = registry.grant_token(&user, grant).await.map_err(|error| {
        let failure = choice.refused(&error);
        match error.kind() {
            ErrorKind::NotFound => {
                failure.hint(format!("`enact user add {user}` makes the account"))
            }
            _ => failure,
        }
    })?;
    printer.line(&created.token);
    printer.json(&created);
    let info = &created.info;
    printer.note(&format!(
        "Shown this once. {user} signs in with it until {} UTC, by `enact login` or as ENACT_AUTH_TOKEN",
        minute(info.expires_at)
    ));
    printer.note(&format!(
        "If it gets into wrong hands: enact token revoke {}",
        info.id
    ));
    Ok(())
}

async fn list(
    user: Option<OwnerName>,
    registry: &Registry,
    choice: &Choice,
    printer: &Printer,
) -> Result<(), Failure> {
    let refused = |error| choice.refused(&error);
    let tokens = registry.tokens(user.as_ref()).await.map_err(refused)?;
    let users = registry.users().await.map_err(refused)?;
    let closed: HashSet<_> = users
        .into_iter()
        .filter(|user| user.disabled_at.is_some())
        .map(|user| user.profile.username)
        .collect();
    let now = SystemClock.now();
    let cells = |token: &TokenInfo| {
        let scopes: Vec<_> = token.scopes.iter().map(ToString::to_string).collect();
        let scopes = scopes.join(" ");
        vec![
            token.id.clone(),
            token.username.clone(),
            if token.name.is_empty() {
                "-"
            } else {
                &token.name
            }
            .to_owned(),
            if scopes.is_empty() {
                "everything".to_owned()
            } else {
                scopes
            },
            minute(token.expires_at),
            token
                .last_used_at
                .map_or_else(|| "never".to_owned(), minute),
            state(token, closed.contains(&token.username), now).to_owned(),
        ]
    };
    let rows: Vec<_> = tokens.iter().map(cells).collect();
    printer.table(
        &[
            "ID",
            "USER",
            "NAME",
            "FOR",
            "EXPIRES (UTC)",
            "LAST USED (UTC)",
            "STATE",
        ],
        &rows,
    );
    printer.json(&TokenList { tokens });
    Ok(())
}

/// What became of a token.
fn state(token: &TokenInfo, user_disabled: bool, now: Timestamp) -> &'static str {
    if token.revoked_at.is_some() {
        "revoked"
    } else if token.expires_at <= now {
        "expired"
    } else if user_disabled {
        "user disabled"
    } else {
        "good"
    }
}

async fn revoke(
    id: &str,
    registry: &Registry,
    choice: &Choice,
    printer: &Printer,
) -> Result<(), Failure> {
    registry.revoke_token(id).await.map_err(|error| {
        let failure = choice.refused(&error);
        match error.kind() {
            ErrorKind::NotFound => {
                failure.hint("`enact token list` shows the IDs; the token itself is none")
            }
            _ => failure,
        }
    })?;
    // Revoked tokens stay in the list.
    let tokens = registry.tokens(None).await;
    let tokens = tokens.map_err(|error| choice.refused(&error))?;
    let token = tokens.iter().find(|token| token.id == id);
    let of = token.map_or_else(String::new, |token| match token.name.as_str() {
        "" => format!(" of {}", token.username),
        name => format!(" of {}, called \"{name}\"", token.username),
    });
    printer.success(&format!("Revoked the token {id}{of}"));
    printer.json(&json!({
        "id": id,
        "revoked": true,
        "username": token.map(|token| &token.username),
        "name": token.map(|token| &token.name),
    }));
    Ok(())
}
