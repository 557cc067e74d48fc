//! `enact login`: gets a token of the registry, checks it, and keeps it.

mod ask;
mod browser;
mod handover;
mod terminal;

use std::io::IsTerminal as _;

use enact_types::wire::TokenRequest;
use serde::Serialize;

use super::{credentials, heed_signals, settings};
use crate::args::{Global, Login};
use crate::client::{Client, Me, Time};
use crate::credentials::Keyring;
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::settings::{Settings, SignIn, Token, TokenSource};

/// The longest token that is read, in bytes; those of identity providers have 1 or 2 KiB.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// What `--json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    registry: String,
    username: &'a str,
    /// The names that may be published under.
    namespaces: &'a [String],
    /// RFC 3339; null if the token does not end by itself, or the registry does not say.
    expires_at: Option<Time>,
    /// `keyring` or `file`; null if the registry is open and needs no token.
    kept_in: Option<&'static str>,
}

/// A token that signs somebody in, and whom.
struct SignedIn {
    token: Token,
    me: Me,
}

/// Runs the command.
pub(super) async fn run(args: Login, global: &Global, printer: &Printer) -> Result<(), Failure> {
    let wrong_usage = |message: &str| Failure::new("USAGE", message).with_exit(Exit::Usage);
    if global.token.is_some() {
        let message = "a token on the command line can be seen by others on this machine";
        return Err(wrong_usage(message).hint("give it to stdin: enact login --with-token"));
    }
    let typing = std::io::stdin().is_terminal() && !args.from.web;
    if !args.from.with_token && !args.from.web && !typing {
        return Err(wrong_usage("there is no terminal to ask for a token")
            .hint("in a script: enact login --with-token < FILE")
            .hint("or sign in at the registry's page: enact login --web"));
    }
    let settings = settings(global)?;
    let registry = &settings.registry;
    if registry.is_plain() {
        printer.warning(&format!(
            "{registry} is not encrypted: whoever is on the way there can read the token"
        ));
    }
    // Before anybody is asked for anything: is there a registry, and does it want a token?
    if let Some(me) = Client::new(settings.anonymous())?.me_if_known().await? {
        printer.success(&format!(
            "{registry} is open and needs no token: everybody is {} there",
            me.username
        ));
        printer.json(&output(&settings, &me, None));
        return Ok(());
    }
    let (signed_in, offer) = if args.from.with_token {
        let text = terminal::piped().await.unwrap_or_default();
        let token = Token::parse(text.trim(), "stdin")?;
        (check(&settings, token).await?, None)
    } else {
        ask::ask(&settings, typing, !args.no_browser, printer).await?
    };
    let settled = settle(&settings, signed_in, !args.no_keyring, printer).await;
    match (offer, &settled) {
        (None, _) => {}
        (Some(offer), Ok(_)) => offer.accept().await,
        (Some(offer), Err(failure)) => offer.refuse(failure.message()).await,
    }
    let (me, place) = settled?;
    printer.success(&format!("Signed in to {registry} as {}", me.username));
    let expires = me.signed_in_by.as_ref().and_then(|by| by.expires_at);
    let mut details = vec![("Namespaces", me.namespaces.join(", "))];
    details.extend(expires.map(|at| ("Good until", format!("{} UTC", at.minute()))));
    details.push(("Token kept in", place.to_string()));
    printer.details(&details);
    if let SignIn::By(_, source @ TokenSource::Env) = settings.sign_in {
        printer.warning(&format!("{source} is set, and is used instead"));
    }
    printer.json(&output(&settings, &me, Some(place.as_str())));
    Ok(())
}

/// Exchanges the token if it is to be, and keeps it, in the keyring if there is one and that is
/// wanted. Gives whom it signs in, and where it is.
async fn settle(
    settings: &Settings,
    signed_in: SignedIn,
    in_keyring: bool,
    printer: &Printer,
) -> Result<(Me, TokenSource), Failure> {
    let SignedIn { token, me } = exchanged(settings, signed_in).await?;
    let (kept, registry, user) = (credentials()?, &settings.registry, &me.username);
    if in_keyring {
        let tried = match Keyring::find() {
            Ok(keyring) => {
                let tried = kept.keep(registry, user, &token, Some(keyring)).await;
                tried.map_err(|failure| failure.message().to_owned())
            }
            Err(why) => Err(why),
        };
        match tried {
            Ok(()) => return Ok((me, TokenSource::Keyring)),
            Err(why) => {
                // Whoever ended the keyring's program may have meant this one too.
                heed_signals().await;
                printer.note(&format!("The token is kept in a file: {why}"));
            }
        }
    }
    kept.keep(registry, user, &token, None).await?;
    Ok((me, TokenSource::File))
}

fn output<'a>(settings: &Settings, me: &'a Me, kept_in: Option<&'static str>) -> Output<'a> {
    Output {
        registry: settings.registry.to_string(),
        username: &me.username,
        namespaces: &me.namespaces,
        expires_at: me.signed_in_by.as_ref().and_then(|by| by.expires_at),
        kept_in,
    }
}

/// Asks the registry whom the token signs in.
async fn check(settings: &Settings, token: Token) -> Result<SignedIn, Failure> {
    let client = Client::new(settings.with(token.clone(), TokenSource::Given))?;
    let me = client.me().await?;
    Ok(SignedIn { token, me })
}

/// A token of an identity provider ends with its session, in an hour or so. The registry makes one of
/// its own out of it, for the same user and for no more.
async fn exchanged(settings: &Settings, signed_in: SignedIn) -> Result<SignedIn, Failure> {
    let by = signed_in.me.signed_in_by.as_ref();
    if by.is_none_or(|by| by.kind != "identity") {
        return Ok(signed_in);
    }
    let client = Client::new(settings.with(signed_in.token, TokenSource::Given))?;
    let request = TokenRequest {
        name: Some("enact login".to_owned()),
        ..TokenRequest::default()
    };
    let made = client.make_token(&request).await?;
    check(settings, Token::parse(&made.token, "the registry")?).await
}
