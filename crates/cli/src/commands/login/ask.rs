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
pub(super) async fn ask(
    settings: &Settings,
    typing: bool,
    open: bool,
    printer: &Printer,
) -> Result<SignedIn, Failure> {
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
                if let Some(signed_in) = take(settings, offer, printer).await? {
                    if typing.is_some() {
                        printer.instruct("");
                    }
                    return Ok(signed_in);
                }
            }
            typed = typed(&mut typing) => {
                return check(settings, Token::parse(typed.trim(), "the terminal")?).await;
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

/// Checks what the page handed over, and tells the page. `None` if the registry does not take it: the
/// person may try another one there.
async fn take(
    settings: &Settings,
    offer: Offer,
    printer: &Printer,
) -> Result<Option<SignedIn>, Failure> {
    match check(settings, offer.token.clone()).await {
        Ok(signed_in) => {
            offer.accept().await;
            Ok(Some(signed_in))
        }
        Err(failure) => {
            printer.warning(&format!(
                "the page handed over a token that is no good: {}",
                failure.message()
            ));
            offer.refuse(failure.message()).await;
            Ok(None)
        }
    }
}
