//! Who is signed in.

use std::time::Duration;

use enact_types::{Clock as _, SystemClock};
use tokio::time::timeout;

use super::super::reach::PATIENCE;
use super::super::report::Report;
use crate::client::{ApiError, Client, ErrorKind, Me, Time};
use crate::exit::Failure;
use crate::settings::{Settings, SignIn, TokenSource};

const NAME: &str = "sign-in";

/// How long before its end a token is told of.
const SOON: Duration = Duration::from_hours(7 * 24);

/// Checks the token, or whether one is needed.
pub(super) async fn check(client: &Client, settings: &Settings, report: &mut Report<'_>) {
    match &settings.sign_in {
        SignIn::OutOfReach(why) => {
            let cause = format!("the keyring does not give the token: {why}");
            report.fail(
                NAME,
                &cause,
                "unlock the keyring, or sign in again: enact login",
            );
        }
        SignIn::By(_, source) => match ask(client).await {
            Ok(me) => signed_in(&me, *source, report),
            Err(error) => {
                let failure = Failure::from(error);
                let cause = format!("the token from {source}: {}", failure.message());
                report.fail(NAME, &cause, "get a new one: enact login");
            }
        },
        SignIn::Nothing => {
            unsigned(client, "nobody, which is enough for what is public", report).await;
        }
        SignIn::ForOther(other) => {
            let found = format!("nobody: the token in ~/.enact/config.yaml is of {other}");
            unsigned(client, &found, report).await;
        }
    }
}

/// Without a token somebody is signed in at an open registry alone.
async fn unsigned(client: &Client, otherwise: &str, report: &mut Report<'_>) {
    if let Ok(me) = ask(client).await {
        let user = me.username;
        report.ok(
            NAME,
            &format!("{user}, without a token: the registry is open"),
        );
    } else {
        report.warn(NAME, otherwise, "enact login");
    }
}

async fn ask(client: &Client) -> Result<Me, ApiError> {
    let answer = timeout(PATIENCE, client.me()).await;
    answer.unwrap_or_else(|_| Err(ErrorKind::Timeout(PATIENCE).into()))
}

fn signed_in(me: &Me, source: TokenSource, report: &mut Report<'_>) {
    let user = &me.username;
    let expires = me.signed_in_by.as_ref().and_then(|by| by.expires_at);
    let Some(at) = expires else {
        report.ok(NAME, &format!("{user}, by the token from {source}"));
        return;
    };
    let found = format!(
        "{user}, by the token from {source}, good until {} UTC",
        Time::minute(at)
    );
    let left = at.millis_from(SystemClock.now());
    if left < i64::try_from(SOON.as_millis()).unwrap_or(i64::MAX) {
        report.warn(NAME, &found, "get a new one in time: enact login");
    } else {
        report.ok(NAME, &found);
    }
}
