//! `enact logout`: forgets what `enact login` kept for the registry.

use serde::Serialize;

use super::{credentials, settings};
use crate::args::{Global, Logout};
use crate::client::Client;
use crate::credentials::{Found, Place};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::settings::{RegistryUrl, Settings, SignIn, TokenSource};

/// What `--json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Output {
    registry: String,
    /// Whether there was a token to forget.
    forgotten: bool,
    /// Whether the registry made it useless.
    revoked: bool,
}

/// Runs the command.
pub(super) async fn run(args: Logout, global: &Global, printer: &Printer) -> Result<(), Failure> {
    if global.token.is_some() {
        let message = "logout forgets the token that login kept, and takes no --token";
        return Err(Failure::new("USAGE", message).with_exit(Exit::Usage));
    }
    let resolved = settings(global)?;
    let registry = resolved.registry.clone();
    let kept = credentials()?;
    let revoked = args.revoke && revoke(resolved, kept.find(&registry)?, printer).await?;
    let user = kept.forget(&registry).await?;
    match &user {
        Some(user) => printer.success(&format!("Signed out of {registry}, where you were {user}")),
        None => printer.note(&format!("There is no token of {registry} to forget.")),
    }
    if let SignIn::By(_, source) = settings(global)?.sign_in {
        printer.warning(&format!(
            "there is still the token from {source}, which is used"
        ));
    }
    printer.json(&Output {
        registry: registry.to_string(),
        forgotten: user.is_some(),
        revoked,
    });
    Ok(())
}

/// Has the registry revoke the token that `login` kept. False if there is none, or it is no good
/// anyway.
async fn revoke(settings: Settings, found: Found, printer: &Printer) -> Result<bool, Failure> {
    let registry = settings.registry.clone();
    let settings = match found {
        Found::Token(token, Place::Keyring) => settings.with(token, TokenSource::Keyring),
        Found::Token(token, Place::File) => settings.with(token, TokenSource::File),
        Found::Nothing => return Ok(false),
        Found::OutOfReach(why) => {
            let message =
                format!("the token cannot be revoked: the keyring does not give it: {why}");
            return Err(Failure::new("KEYRING_ERROR", message).hint(
                "without --revoke it is forgotten; whoever operates the registry can revoke it",
            ));
        }
    };
    let client = Client::new(settings)?;
    let Some(me) = client.me_if_known().await? else {
        printer.note(&format!("{registry} does not take the token any more."));
        return Ok(false);
    };
    let Some(id) = me.signed_in_by.and_then(|by| by.id) else {
        return Err(not_of(&registry));
    };
    client.revoke_token(&id).await?;
    Ok(true)
}

fn not_of(registry: &RegistryUrl) -> Failure {
    let message = format!("{registry} did not make this token and cannot revoke it");
    Failure::new("NOT_REVOCABLE", message).hint("without --revoke it is forgotten here")
}
