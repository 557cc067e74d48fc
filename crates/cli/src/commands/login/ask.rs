//! Asks a person for a token.

use std::time::Duration;

use tokio::time::Instant;

use super::handover::{Handover, Offer};
use super::terminal::Typing;
use super::{SignedIn, browser, check};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::settings::{Settings, Token};

/// How long to wait for the person.
const PATIENCE: Duration = Duration::from_mins(5);

/// Asks at the registry's page, and with `typing` on the terminal too. With `open` a browser is opened.
/// A page that handed a token over waits to hear what becomes of it.
pub(super) async fn ask(
    settings: &Settings,
    typing: bool,
    open: bool,
    printer: &Printer,
) -> Result<(SignedIn, Option<Offer>), Failure> {
    let registry = &settings.registry;
    let mut handover = Handover::listen(&registry.origin())
        .await
        .map_err(|error| Failure::io("cannot listen for the token of the page", &error))?;
    let page = handover.page(registry)?;
    printer.instruct("Sign in at this page of the registry, on this machine:");
    printer.instruct("");
    printer.instruct(&format!("  {page}"));
    printer.instruct("");
    let _opened = if open { browser::open(&page) } else { None };
    let mut typing = typing.then(Typing::start);
    let deadline = Instant::now() + PATIENCE;
    if typing.is_some() {
        printer.ask("or paste a token here (it is not shown):");
    }
    loop {
        tokio::select! {
            offer = handover.next() => {
                if let Some((signed_in, offer)) = take(settings, offer, printer).await {
                    if typing.is_some() {
                        printer.instruct("");
                    }
                    return Ok((signed_in, Some(offer)));
                }
            }
            typed = typed(&mut typing) => {
                let token = Token::parse(typed.trim(), "the terminal")?;
                return Ok((check(settings, token).await?, None));
            }
            () = tokio::time::sleep_until(deadline) => {
                let minutes = PATIENCE.as_secs() / 60;
                return Err(Failure::new("TIMEOUT", format!("nobody signed in within {minutes} minutes")));
            }
        }
    }
}

/// The line that is typed. Never, if nothing can be typed any more.
async fn typed(typing: &mut Option<Typing>) -> String {
    if let Some(running) = typing {
        if let Some(line) = running.line().await {
            return line;
        }
        // The end of the input: there is still the page.
        *typing = None;
    }
    std::future::pending().await
}

/// Checks what the page handed over. `None` if the registry does not take it, which the page is told:
/// the person may try another one there.
async fn take(settings: &Settings, offer: Offer, printer: &Printer) -> Option<(SignedIn, Offer)> {
    match check(settings, offer.token.clone()).await {
        Ok(signed_in) => Some((signed_in, offer)),
        Err(failure) => {
            let why = failure.message();
            printer.warning(&format!(
                "the page handed over a token that is no good: {why}"
            ));
            offer.refuse(why).await;
            None
        }
    }
}
